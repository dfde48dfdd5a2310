"""What holds for every page: signing in, whose form it is, who may act, headers, languages, errors."""

import re
from dataclasses import replace

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from firewatch import i18n
from firewatch.access.models import WebSession
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.incidents.models import FireReport, Incident, IncidentState
from firewatch.rulebook.read import Rulebook
from firewatch.web.deps import accepted_language
from firewatch.web.security import MAX_BODY_BYTES
from tests.service.console import NOTE, PASSWORD, Desk, Person, forms, open_desk, report, said

PAGES = (
    "/",
    "/report",
    "/messages",
    "/sources",
    "/warnings",
    "/resources",
    "/incidents/1",
    "/lists/incidents",
    "/search",
    "/handover",
    "/handover/note",
    "/nightsheet",
    "/settings",
)


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    return open_desk(db, clock, rulebook)


def test_without_signing_in_there_is_only_the_sign_in(desk: Desk) -> None:
    stranger = desk.person(None)
    for address in ("/report", "/messages", "/incidents/1"):
        answer = stranger.client.get(address)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/sign-in?next={address}"
    assert stranger.client.get("/").headers["location"] == "/sign-in"
    for path, back in (("/report", "/report"), ("/incidents/5/plan", "/incidents/5"), ("/alarms/1/close", "/")):
        lost = stranger.client.post(path, data={"lat": "1"}).headers["location"]
        assert lost == f"/sign-in?unsent=1&next={back}"
    assert i18n.text("en", "sign_in.unsent") in stranger.page("/sign-in?unsent=1&next=/report&lang=en")
    page = stranger.page("/sign-in")
    assert "Sign in" in page
    assert NOTE in page


def test_signing_in_leads_where_one_wanted_to_go(desk: Desk) -> None:
    person = desk.person(None)
    form = forms(person.page("/sign-in?next=/messages"))[0]
    answer = person.client.post(form.action, data=form.values | {"username": " Officer ", "password": PASSWORD})
    assert answer.headers["location"] == "/messages"
    assert "Officer A · duty officer" in person.page("/")
    assert person.client.get("/sign-in").status_code == 303


def test_signing_in_never_leads_elsewhere(desk: Desk) -> None:
    for address in ("//evil.example", "https://evil.example", "/\\evil.example", "evil", "", "/\r\nSet-Cookie: a=b"):
        answer = desk.person(None).sign_in("officer", next=address)
        assert answer.headers["location"] == "/", address
        assert "a=b" not in str(answer.headers)


def test_the_cookie_is_out_of_reach(desk: Desk) -> None:
    cookie = desk.person(None).sign_in("officer").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie, "there is no https in front of this one"


def test_wrong_passwords_are_slowed_down(desk: Desk) -> None:
    person = desk.person(None)
    for _ in range(5):
        answer = person.sign_in("officer", "wrong-password")
        assert answer.status_code == 401
        assert "User name or password is wrong" in answer.text
        assert 'value="officer"' in answer.text
        assert "wrong-password" not in answer.text
    assert person.sign_in("officer").status_code == 429
    assert person.sign_in("viewer").status_code == 303
    desk.clock.advance(minutes=6)
    assert person.sign_in("officer").status_code == 303


def test_nobody_else_can_lock_the_duty_officer_out(desk: Desk) -> None:
    guesser = Person(TestClient(desk.app, follow_redirects=False, client=("198.51.100.7", 50000)))
    for _ in range(6):
        answer = guesser.sign_in("officer", "wrong-password")
    assert answer.status_code == 429
    assert desk.person(None).sign_in("officer").status_code == 303


def test_a_sign_in_form_from_another_site_is_refused(desk: Desk) -> None:
    client = desk.person(None).client
    fields = {"username": "officer", "password": PASSWORD}
    assert client.post("/sign-in", data=fields, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post("/sign-in", data=fields, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303


def test_signing_out_ends_the_session(desk: Desk) -> None:
    person = desk.person()
    assert person.client.post("/sign-out").status_code == 403, "another site cannot sign people out"
    person.press("/", "Sign out")
    assert person.client.get("/").status_code == 303
    with desk.db.read() as session:
        assert not session.exec(select(WebSession)).all()


def test_a_viewer_can_sign_out(desk: Desk) -> None:
    viewer = desk.person("viewer")
    viewer.press("/", "Sign out")
    assert viewer.client.get("/").status_code == 303


def test_a_foreign_form_changes_nothing(desk: Desk) -> None:
    officer, another = desk.person(), desk.person()
    good = {"lat": "35.43", "lon": "103.30", "description": "smoke", "channel": "phone", "step": "send", "key": "k"}
    foreign = forms(another.page("/report"))[-1].values["csrf"]
    for token in ("", "x", foreign, "密码"):
        answer = officer.client.post("/report", data=good | {"csrf": token})
        assert answer.status_code == 403
        assert "Not allowed" in answer.text
    with desk.db.read() as session:
        assert not session.exec(select(FireReport)).all()


def test_a_viewer_sees_everything_and_changes_nothing(desk: Desk) -> None:
    officer, viewer = desk.person(), desk.person("viewer")
    report(officer)
    desk.plan(1)
    for address in ("/", "/messages", "/incidents/1"):
        assert {form.action for form in forms(viewer.page(address))} == {"/sign-out"}
    csrf = forms(viewer.page("/"))[0].values["csrf"]
    for form in forms(officer.page("/incidents/1")):
        if form.action != "/sign-out":
            assert viewer.client.post(form.action, data=form.values | {"csrf": csrf}).status_code == 403
    with desk.db.read() as session:
        assert session.exec(select(Incident.state)).one() == IncidentState.REPORTED


def test_every_page_keeps_a_strict_policy(desk: Desk) -> None:
    officer = desk.person()
    report(officer)
    desk.plan(1)
    for address in (*PAGES, "/nowhere", "/static/console.css"):
        headers = officer.client.get(address).headers
        policy = headers["content-security-policy"]
        for rule in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert rule in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    assert officer.client.get("/").headers["cache-control"] == "no-store"


def test_no_page_needs_what_the_policy_forbids(desk: Desk) -> None:
    officer = desk.person()
    report(officer)
    desk.plan(1)
    for address in (*PAGES, "/nowhere"):
        page = officer.client.get(address).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
        scripts = [f'<script src="/static/{name}.js" defer>' for name in ("console", "live", "keys")]
        assert re.findall(r"<script[^>]*>", page) == scripts
        assert not re.findall(r'(?:src|href)="(?:https?:)?//', page), "nothing comes from elsewhere"


def test_the_labels_stand_on_every_page(desk: Desk) -> None:
    officer = desk.person()
    report(officer)
    for address in (*PAGES, "/nowhere"):
        page = said(officer.client.get(address).text)
        assert f"Not real weather: {NOTE}" in page
        assert "Demonstration" in page
        assert "none leaves" in page
        assert "2026 12:00:00" in page, "the alliance's local time"


def test_every_page_says_when_no_text_message_leaves(desk: Desk) -> None:
    officer = desk.person()
    report(officer)
    addresses = (*PAGES, "/nowhere", "/sign-in")
    warning = '<p class="banner alert" role="alert">NO TEXT MESSAGE LEAVES'
    assert not any(warning in officer.client.get(address).text for address in addresses), "a demonstration is one"
    for real, channel, warned in ((True, "console", True), (True, "twilio", False), (False, "console", False)):
        desk.app.state.firewatch = replace(desk.app.state.firewatch, demo=not real, sms_channel=channel)
        for person in (officer, desk.person(None)):
            texts = [person.client.get(address, follow_redirects=True).text for address in addresses]
            assert [warning in text for text in texts] == [warned] * len(texts)


def test_live_regions_can_be_told_apart(desk: Desk) -> None:
    officer = desk.person()
    report(officer)
    desk.plan(1)
    for address in PAGES:
        page = officer.page(address)
        regions = re.findall(r"<\w+[^>]*\sdata-live(?=[\s>])[^>]*>", page)
        ids = [re.search(r'\sid="([\w-]+)"', region) for region in regions]
        assert regions
        assert all(ids)
        every_id = re.findall(r'\sid="([^"]+)"', page)
        assert len(every_id) == len(set(every_id))


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh-CN, en", "zh"),
        ("en-US,en;q=0.9,zh;q=0.8", "en"),
        ("en;q=0.2, zh-Hans-CN;q=0.9", "zh"),
        ("fr-FR, en;q=0.5", "en"),
        ("fr", None),
        ("zh;q=0, en;q=0.1", "en"),
        ("*", None),
        ("", None),
        ("en;q=nonsense", None),
        (";;;,,,q=1", None),
    ],
)
def test_the_browsers_wish(header: str, lang: str | None) -> None:
    assert accepted_language(header) == lang


def test_the_language_is_chosen_and_kept(desk: Desk) -> None:
    person = desk.person("officer", lang="fr")
    assert '<html lang="zh-CN">' in person.page("/")
    page = person.page("/messages?state=dead&lang=en")
    assert '<html lang="en">' in page
    assert "?state=dead&amp;lang=zh" in page
    assert '<html lang="en">' in person.page("/"), "the cookie remembers"
    assert '<html lang="en">' in person.page("/?lang=klingon")


@pytest.mark.parametrize(("lang", "text"), [("zh", "没有这个页面"), ("en", "No such page")])
def test_what_is_not_there_is_explained(desk: Desk, lang: str, text: str) -> None:
    person = desk.person("officer", lang=lang)
    for address in ("/nowhere", "/incidents/7", "/orders"):
        assert text in person.page(address, status=404)


def test_a_crash_is_a_page_too(desk: Desk) -> None:
    def crash() -> None:
        raise RuntimeError("a secret of ours")

    desk.app.add_api_route("/crash", crash)
    client = TestClient(desk.app, raise_server_exceptions=False, headers={"Accept-Language": "en"})
    answer = client.get("/crash")
    assert answer.status_code == 500
    assert "handle fires by phone meanwhile" in answer.text
    assert "secret" not in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_impossible_numbers_are_no_fault_of_ours(desk: Desk) -> None:
    for address in ("/incidents/0", "/incidents/99999999999999999999", "/incidents/x"):
        desk.person().page(address, status=422)


def test_forms_with_nonsense_are_refused_politely(desk: Desk) -> None:
    officer = desk.person()
    report(officer)
    csrf = {"csrf": forms(officer.page("/"))[0].values["csrf"]}
    for address, fields in (
        ("/incidents/1/state", {"state": "extinct"}),
        ("/incidents/1/state", {}),
        ("/incidents/1/class", {"fire_class": "huge"}),
        ("/incidents/1/orders/1/state", {"state": ""}),
    ):
        assert officer.client.post(address, data=csrf | fields).status_code == 422, address
    for address in ("/alarms/5/close", "/job-runs/5/retry", "/incidents/1/notices/atlantis/acknowledge"):
        assert officer.client.post(address, data=csrf).status_code == 404, address
    assert officer.client.post("/incidents/1/notices/a%00b/acknowledge", data=csrf).status_code == 422
    assert officer.client.post("/incidents/1/reports/1/detach", data=csrf).status_code == 409
    assert officer.client.get("/incidents/1/state").status_code == 405


def test_a_nul_in_a_form_reaches_no_database(desk: Desk) -> None:
    assert report(desk.person(), description="smoke\0here").status_code == 303
    with desk.db.read() as session:
        assert session.exec(select(FireReport.description)).one() == "smokehere"


def test_a_long_body_is_not_read(desk: Desk) -> None:
    client = desk.person().client
    answer = client.post("/report", content=b"x" * (MAX_BODY_BYTES + 1))
    assert answer.status_code == 413
    streamed = client.post("/report", content=(b"x" * 1024 for _ in range(MAX_BODY_BYTES // 1024 + 1)))
    assert streamed.status_code == 413
    assert streamed.headers["content-security-policy"]


def test_a_streamed_form_of_bearable_length_is_read(desk: Desk) -> None:
    person = desk.person(None)
    body = f"username=officer&password={PASSWORD}".encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = person.client.post("/sign-in", content=(body[n : n + 7] for n in range(0, len(body), 7)), headers=headers)
    assert answer.status_code == 303


def test_chinese_is_complete(desk: Desk) -> None:
    person = desk.person("officer", lang="zh-CN,zh;q=0.9,en;q=0.5")
    report(person)
    desk.plan(1)
    page = person.page("/incidents/1")
    assert '<html lang="zh-CN">' in page
    for text in ("1 号火情", "和政县", "接报", "电话已确认", "确认方案", "用时按直线距离估算"):
        assert text in page
