"""Photos of a fire: from the desk, from the mountain by the link in an order, by program; shown, taken back."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.files.picture_store import PictureStore
from firewatch.incidents.models import Incident, IncidentPhoto, IncidentState, TimelineEntry
from firewatch.rulebook.photos import Photos
from firewatch.rulebook.read import Rulebook
from tests.build import KANGLE, ordered_fire, rows, set_rows, texts
from tests.pictures import SECRET, jpeg, opened
from tests.service.console import Desk, Person, forms, open_desk, said
from tests.service.server import TOKEN, application

HERE = "/incidents/1"
NEAR = (KANGLE[0] + 0.009, KANGLE[1])
RULES = Photos(max_mib=1, per_incident=4, per_link=2)


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook, tmp_path: Path) -> Desk:
    desk = open_desk(db, clock, replace(rulebook, photos=RULES))
    desk.app.state.firewatch = replace(desk.app.state.firewatch, pictures=PictureStore(tmp_path / "pictures"))
    ordered_fire(db, clock, rulebook)
    return desk


def send(person: Person, data: bytes, caption: str = "", page: str = HERE, **more: str) -> Response:
    """Choose a file and press the button."""
    form = next(form for form in forms(person.page(page)) if form.action == f"{page}/photos")
    fields = {name: value for name, value in form.values.items() if name != "picture"} | {"caption": caption} | more
    answer: Response = person.client.post(
        form.action, data=fields, files={"picture": ("../../IMG 1.jpg", data, "image/jpeg")}
    )
    return answer


def photos(desk: Desk) -> list[IncidentPhoto]:
    return rows(desk.db, IncidentPhoto)


def test_a_photo_stands_on_the_page_with_what_its_camera_said(desk: Desk, tmp_path: Path) -> None:
    officer, viewer = desk.person(), desk.person("viewer")
    answer = send(officer, jpeg(place=NEAR), "二道梁 <ridge>")
    assert answer.headers["location"] == f"{HERE}#photos"
    page = viewer.page(HERE)
    assert "Photos (1)" in page
    assert 'alt="二道梁 &lt;ridge&gt;"' in page
    assert "taken 11:32 (camera's clock), at 35.3090, 103.6500, 1.0 km from the fire" in said(page)
    assert "Photo 1 came in 二道梁 <ridge>" in said(page)
    for size, width in (("full", 400), ("small", 360)):
        shown = viewer.client.get(f"{HERE}/photos/1/{size}.jpg")
        assert shown.headers["content-type"] == "image/jpeg"
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert shown.headers["cache-control"].startswith("private")
        assert opened(shown.content).width == width
        assert SECRET not in shown.content
    names = [file.name for file in (tmp_path / "pictures").rglob("*.jpg")]
    assert sorted(names) == sorted(f"{photos(desk)[0].digest}{tail}.jpg" for tail in ("", "-small"))


def test_a_photo_is_for_those_who_are_signed_in(desk: Desk) -> None:
    send(desk.person(), jpeg())
    stranger, viewer = desk.person(None), desk.person("viewer")
    assert stranger.client.get(f"{HERE}/photos/1/full.jpg").status_code == 303
    assert desk.person().client.get("/incidents/2/photos/1/full.jpg").status_code == 404
    assert viewer.client.get(f"{HERE}/photos/1/huge.jpg").status_code == 422
    csrf = {"csrf": forms(viewer.page("/"))[0].values["csrf"]}
    for address in (f"{HERE}/photos", f"{HERE}/photos/1/withdraw"):
        assert viewer.client.post(address, data=csrf).status_code == 403
    assert "Send the photo" not in viewer.page(HERE)


def test_the_same_file_again_is_the_same_photo(desk: Desk) -> None:
    officer = desk.person()
    for _ in range(2):
        assert send(officer, jpeg()).status_code == 303
    assert len(photos(desk)) == 1
    assert [entry.kind for entry in rows(desk.db, TimelineEntry)].count("photo_added") == 1


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "No photo was chosen"),
        (b"#!/bin/sh", "This is no picture"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 99, "on an iPhone choose"),
        (jpeg()[:900], "Send it once more"),
        (jpeg() + b"\0" * 2**20, "larger than 1 MB"),
    ],
)
def test_what_cannot_be_taken_comes_back_with_what_to_do(desk: Desk, data: bytes, told: str) -> None:
    answer = send(desk.person(), data)
    assert answer.status_code == 422
    assert told in said(answer.text)
    assert "Photos (0)" in answer.text
    assert not photos(desk)


def test_a_body_beyond_all_measure_is_not_read(desk: Desk) -> None:
    officer = desk.person()
    assert officer.client.post(f"{HERE}/photos", content=b"x" * (2 * 2**20 + 1)).status_code == 413
    assert officer.client.post(f"{HERE}/notes", content=b"x" * (2**20)).status_code == 413, "of photos alone"


def test_a_photo_taken_back_is_shown_no_more_and_stays_on_record(desk: Desk) -> None:
    officer = desk.person()
    send(officer, jpeg(), "faces")
    desk.clock.advance(minutes=2)
    officer.press(HERE, "Take back", why="shows villagers")
    page = officer.page(HERE)
    assert "Photos (0)" in page
    assert "Photo 1 was taken back by Officer A · officer, 12:02: shows villagers" in said(page)
    assert "/photos/1/small.jpg" not in page
    assert officer.client.get(f"{HERE}/photos/1/full.jpg").status_code == 404
    csrf = forms(officer.page("/"))[0].values["csrf"]
    again = officer.client.post(f"{HERE}/photos/1/withdraw", data={"csrf": csrf, "why": "again"})
    assert again.status_code == 409
    send(officer, jpeg(), "once more")
    assert [row.withdrawn_at is None for row in photos(desk)] == [False, True], "sent again it is a new one"


def test_a_clock_that_cannot_be_right_is_not_believed(desk: Desk) -> None:
    officer = desk.person()
    send(officer, jpeg(place=None, taken="2099:01:01 00:00:00"))
    send(officer, jpeg(place=None, taken="1980:01:01 00:00:00"))
    assert said(officer.page(HERE)).count("time not known, place not known") == 2


def test_a_fire_takes_so_many_photos_and_no_more(desk: Desk) -> None:
    officer = desk.person()
    for number in range(4):
        assert send(officer, jpeg((40 + number, 40))).status_code == 303
    refused = send(officer, jpeg((50, 40)))
    assert refused.status_code == 422
    assert "has 4 photos already" in said(refused.text)


def link(desk: Desk) -> str:
    return f"/a/{texts(desk.db, 1, 'sms.order')[0].link_token}"


def test_the_liaison_sends_a_photo_from_the_mountain(desk: Desk) -> None:
    liaison, here = desk.person(None), link(desk)
    answer = send(liaison, jpeg(place=NEAR, turned=6), "从垭口看", here)
    assert answer.headers["location"] == f"{here}#photos"
    page = said(liaison.page(here))
    assert "Photo 1 is on record, 12:00. 从垭口看" in page
    officer = desk.person()
    assert "No. 1, " in said(officer.page(HERE))
    [row] = photos(desk)
    assert row.added_by.startswith("contact:")
    assert (row.width, row.height) == (300, 400)
    assert opened(officer.client.get(f"{HERE}/photos/1/full.jpg").content).size == (300, 400)


def test_the_link_takes_a_few_photos_and_gives_back_only_its_own(desk: Desk) -> None:
    liaison, here = desk.person(None), link(desk)
    for wrong, told in ((b"#!/bin/sh", "This is no picture"), (b"", "No photo was chosen")):
        refused = send(liaison, wrong, page=here)
        assert (refused.status_code, told in said(refused.text)) == (422, True)
    send(desk.person(), jpeg((44, 44)))
    assert liaison.client.post(f"{here}/photos/1/withdraw", data={"why": "not mine"}).status_code == 403
    send(liaison, jpeg((45, 44)), page=here)
    withdrawn = liaison.client.post(f"{here}/photos/2/withdraw", data={"why": "my finger"})
    assert withdrawn.headers["location"] == f"{here}#photos"
    assert "Taken back: my finger" in said(liaison.page(here))
    assert "taken back by" in said(desk.person().page(HERE))
    send(liaison, jpeg((46, 44)), page=here)
    page = liaison.page(here)
    assert "You have sent 2 photos by this link and it takes no more" in said(page)
    late = liaison.client.post(f"{here}/photos", files={"picture": ("a.jpg", jpeg((47, 44)), "image/jpeg")})
    assert late.status_code == 422
    assert len(photos(desk)) == 3


def test_a_link_opens_nothing_when_the_fire_is_over_or_the_form_is_anothers(desk: Desk) -> None:
    liaison, here = desk.person(None), link(desk)
    files: Mapping[str, tuple[str, bytes, str]] = {"picture": ("a.jpg", jpeg(), "image/jpeg")}
    foreign = liaison.client.post(f"{here}/photos", files=files, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    assert liaison.client.post("/a/AAAAAAAAAAAA/photos", files=files).status_code == 404
    set_rows(desk.db, Incident, [1], state=IncidentState.CLOSED)
    assert liaison.client.post(f"{here}/photos", files=files).status_code == 404
    assert not photos(desk)
    assert send(desk.person(), jpeg()).status_code == 303, "the desk still adds to what is over"


def test_a_program_sends_photos_too(desk: Desk) -> None:
    app = application(desk.db, desk.clock, desk.book)
    client = TestClient(app, headers={"Authorization": f"Bearer {TOKEN}"})
    files = {"picture": ("a.jpg", jpeg(offset="+08:00"), "image/jpeg")}
    address = "/api/v1/incidents/1/photos"
    assert client.post("/api/v1/incidents/1/photo", files=files).status_code == 404, "where no photos are kept"
    app.state.firewatch = desk.app.state.firewatch
    made = client.post("/api/v1/incidents/1/photo", files=files, data={"caption": "drone"})
    assert made.status_code == 201
    assert made.json()["taken_at"] == "2026-04-01T03:32:00Z"
    assert client.get(f"{address}/1/small.jpg").headers["content-type"] == "image/jpeg"
    assert client.post(f"{address}/1/withdraw", json={"reason": "blurred"}).json()["withdrawn_why"] == "blurred"
    assert client.get(f"{address}/1/small.jpg").status_code == 404
    assert [row["caption"] for row in client.get(address).json()] == ["drone"]
    assert (
        client.post("/api/v1/incidents/1/photo", files={"picture": ("a.jpg", b"no", "image/jpeg")}).status_code == 422
    )
    assert client.get("/api/v1/incidents/9/photos").status_code == 404
