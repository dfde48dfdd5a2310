import re
import socket
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import httpx
import pytest

from firewatch.access.models import ApiToken, Role
from firewatch.clock import FixedClock
from firewatch.danger.models import ZoneGrade
from firewatch.db import Database
from firewatch.messaging.models import Message
from firewatch.rulebook.read import Rulebook
from firewatch.weather.models import FeedStatus
from tests.build import JISHISHAN, incident_of, ordered_fire, plan_fire, prepare, report_fire, rows
from tests.service.server import Api, serving, token_for

REPORT = {"lat": 35.30, "lon": 103.65, "description": "smoke", "channel": "phone", "agency": "kangle"}
PHONE = re.compile(r"\+?4477\d{6,}")


@pytest.fixture
def api(db: Database, clock: FixedClock, rulebook: Rulebook) -> Iterator[Api]:
    prepare(db, rulebook)
    with serving(db, clock, rulebook) as api:
        yield api


def assert_problem(answer: httpx.Response, status: int) -> dict[str, object]:
    """A problem document of RFC 9457 that tells its own status."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = answer.json()
    assert (body["type"], body["status"]) == ("about:blank", status)
    assert body["title"]
    assert body["detail"]
    return body


def test_a_report_is_taken_in_and_shown_whole(api: Api, db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    answer = api.post("fire-reports", REPORT)
    assert answer.status_code == 201
    body = answer.json()
    assert body["opened"]
    assert (body["agency_id"], body["received_by"]) == ("kangle", "token:bootstrap")
    assert body["reported_at"] == "2026-04-01T04:00:00Z"
    incident = body["incident"]
    assert (incident["id"], incident["state"], incident["zone_id"]) == (body["incident_id"], "reported", "kangle")
    plan = plan_fire(db, clock, rulebook, incident["id"])
    costs = {each["resource"]: each for each in api.get(f"plans/{plan.id}/sending").json()}
    assert costs, "somebody stays"
    assert not {trip["vehicle"] for trip in plan.trips} & set(costs)
    assert all(each["arrives"] > 0 and each["later"] >= 0 for each in costs.values())
    assert_problem(api.get("plans/99/sending"), 404)
    given = api.post(f"plans/{plan.id}/confirm")
    assert given.status_code == 200
    whole = api.get(f"incidents/{incident['id']}").json()
    assert [report["id"] for report in whole["reports"]] == [body["id"]]
    assert len(whole["notices"]) == 7
    assert whole["orders"] == given.json()
    assert whole["plan"]["state"] == "confirmed"
    assert whole["state"] == "responding"
    assert [entry["kind"] for entry in whole["timeline"]] == [
        "opened", "organiser", "reported", "agencies_told", "planned", "state_changed", "plan_confirmed",
    ]  # fmt: skip
    listed = api.get("incidents").json()
    assert [row["id"] for row in listed] == [incident["id"]]
    assert api.get("incidents", limit=1, offset=1).json() == []


def test_a_life_by_the_api(api: Api, db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    fire, given = ordered_fire(db, clock, rulebook)
    order = f"orders/{given[0].id}/state"
    assert_problem(api.post(order, {"state": "declined"}), 422)
    assert api.post(order, {"state": "acknowledged"}).json()["state"] == "acknowledged"
    assert api.post(order, {"state": "declined", "reason": "no fuel"}).json()["reason"] == "no fuel"
    assert api.post(f"incidents/{fire}/class", {"fire_class": "large"}).json()["fire_class"] == "large"
    assert api.post(f"incidents/{fire}/plan").status_code == 202
    acknowledged = api.post(f"incidents/{fire}/notices/hezheng/acknowledge").json()
    assert (acknowledged["acknowledged_by"], acknowledged["next_step_at"]) == ("token:bootstrap", None)
    assert_problem(api.post(f"incidents/{fire}/notices/nobody/acknowledge"), 404)
    for state in ("flames_out", "mop_up", "guarding", "accepted", "closed"):
        answer = api.post(f"incidents/{fire}/state", {"state": state})
        assert answer.status_code == 200, answer.text
    assert answer.json()["closed_at"] == "2026-04-01T04:00:00Z"
    assert_problem(api.post(f"incidents/{fire}/state", {"state": "responding"}), 409)


def test_a_report_can_be_detached(api: Api) -> None:
    first, second = (api.post("fire-reports", REPORT | {"lat": lat}).json() for lat in (35.30, 35.31))
    assert (first["opened"], second["opened"]) == (True, False)
    other = api.post(f"fire-reports/{second['id']}/detach")
    assert other.status_code == 200
    assert other.json()["id"] != first["incident_id"]
    assert_problem(api.post(f"fire-reports/{second['id']}/detach"), 409)


def test_a_report_sent_twice_is_one_report(api: Api) -> None:
    key = {"Idempotency-Key": "form-7"}
    first, again = (api.post("fire-reports", REPORT, **key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert_problem(api.post("fire-reports", REPORT | {"description": "else"}, **key), 409)
    assert_problem(api.post("fire-reports", REPORT, **{"Idempotency-Key": "x" * 201}), 422)


BAD: list[tuple[object, str]] = [
    ({**REPORT, "colour": "red"}, "body.colour"),
    ({**REPORT, "lat": 91}, "body.lat"),
    ({**REPORT, "lat": "35.3"}, "body.lat"),
    ({**REPORT, "reported_at": "yesterday"}, "body.reported_at"),
    ({"lat": 35.3, "lon": 103.6}, "body.description"),
    ([], "body"),
]


def test_bad_reports_are_refused_by_field(api: Api) -> None:
    for body, field in BAD:
        errors = assert_problem(api.post("fire-reports", body), 422)["errors"]
        assert isinstance(errors, list)
        assert any(str(error).startswith(f"{field}: ") for error in errors), field


GARBAGE = {
    "cut off": (b"{", 422),
    "NaN": (b'{"lat": NaN, "lon": 1, "description": "x", "channel": "phone", "agency": null}', 422),
    "infinite": (b'{"lat": 1e999, "lon": 1, "description": "x", "channel": "phone", "agency": null}', 422),
    "half a character": (b'{"lat": 1, "lon": 1, "description": "\\ud800", "channel": "phone", "agency": null}', 422),
    "NUL": (b'{"lat": 1, "lon": 1, "description": "\\u0000x", "channel": "phone", "agency": null}', 422),
    "half a name": (b'{"\\ud800": 1}', 422),
    "bytes": (b"\x80\x81", 400),
    "deep": (b"[" * 100_000, 400),
    "long number": (b"9" * 5000, 400),
    "large": (b" " * 300_000, 413),
}


def test_garbage_is_refused(api: Api, db: Database) -> None:
    headers = {**api.headers, "Content-Type": "application/json"}
    for name, (content, status) in GARBAGE.items():
        answer = api.client.post("/api/v1/fire-reports", content=content, headers=headers)
        assert answer.status_code == status, name
        assert_problem(answer, status)
    assert rows(db, Message) == []


def test_a_body_longer_than_it_says_is_not_read(api: Api) -> None:
    """`Content-Length: 5` beside `Transfer-Encoding: chunked`: what counts is what comes."""
    address = api.client.base_url
    head = (
        b"POST /api/v1/fire-reports HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    with socket.create_connection((address.host, address.port or 80), timeout=20) as stream:
        stream.sendall(head + 5 * chunk)  # and never the end
        answer = stream.recv(1000)
    # The limit, or a server that refuses such a request altogether.
    assert answer.split(b" ")[1] in {b"413", b"400"}


def test_only_with_a_token(api: Api, db: Database, clock: FixedClock) -> None:
    for stranger in (
        api.signed("not a token of ours"),
        Api(api.client, {}),
        Api(api.client, {"Authorization": "Basic eDp5"}),
    ):
        for answer in (stranger.get("incidents"), stranger.post("fire-reports", REPORT)):
            assert_problem(answer, 401)
            assert answer.headers["www-authenticate"] == "Bearer"
    viewer = api.signed(token_for(db, clock, Role.VIEWER))
    assert viewer.get("incidents").json() == []
    for path, body in (("fire-reports", REPORT), ("tokens", {"name": "x"}), ("incidents/1/plan", None)):
        assert_problem(viewer.post(path, body), 403)
    assert rows(db, Message) == []


def test_a_token_makes_a_token(api: Api, db: Database) -> None:
    made = api.post("tokens", {"name": "the weather board", "role": "viewer"})
    assert made.status_code == 201
    assert api.signed(made.json()["token"]).get("zones").status_code == 200
    kept = [row.model_dump_json() for row in rows(db, ApiToken)]
    assert len(kept) == 2
    assert_problem(api.post("tokens", {"name": "the weather board"}), 409)
    assert_problem(api.post("tokens", {"name": "x" * 61}), 422)
    assert not any(made.json()["token"] in row for row in kept)


def test_a_program_is_told_from_the_service_itself(api: Api) -> None:
    made = api.post("tokens", {"name": "firewatch", "role": "duty_officer"}).json()
    taken = api.signed(made["token"]).post("fire-reports", REPORT).json()
    assert taken["received_by"] == "token:firewatch"
    timeline = api.get(f"incidents/{taken['incident_id']}").json()["timeline"]
    assert {entry["kind"]: entry["actor"] for entry in timeline}["opened"] == "firewatch"
    assert {entry["kind"]: entry["actor"] for entry in timeline}["reported"] == "token:firewatch"


def test_what_is_not_there(api: Api) -> None:
    assert_problem(api.get("incidents/99"), 404)
    assert_problem(api.get("nothing-of-the-kind"), 404)
    assert_problem(api.get("incidents/0"), 422)
    assert_problem(api.get(f"incidents/{2**31}"), 422)
    assert_problem(api.post("plans/99/confirm"), 404)
    wrong = api.client.delete("/api/v1/incidents", headers=api.headers)
    assert_problem(wrong, 405)
    assert wrong.headers["allow"] == "GET"


def test_zones_are_geojson_with_todays_grade(api: Api, db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    grade(db, clock, "kangle", 4)
    document = api.get("zones").json()
    assert document["type"] == "FeatureCollection"
    assert [feature["id"] for feature in document["features"]] == [zone.id for zone in rulebook.zones]
    for feature in document["features"]:
        assert (feature["type"], feature["geometry"]["type"]) == ("Feature", "MultiPolygon")
        for rings in feature["geometry"]["coordinates"]:
            for place, ring in enumerate(rings):
                assert ring[0] == ring[-1]
                assert len(ring) >= 4
                assert all(100 < lon < 106 and 33 < lat < 38 for lon, lat in ring)
                assert (anticlockwise(ring)) == (place == 0)
    grades = {feature["id"]: feature["properties"]["danger"] for feature in document["features"]}
    assert (grades["kangle"]["grade"], grades["kangle"]["data"], grades["kangle"]["scheme"]) == (4, True, "lyt1172")
    assert (grades["hezheng"]["grade"], grades["hezheng"]["data"]) == (0, False)
    assert {feature["properties"]["on"] for feature in document["features"]} == {"2026-04-01"}


def anticlockwise(ring: list[tuple[float, float]]) -> bool:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring)) > 0


def grade(db: Database, clock: FixedClock, zone: str, value: int, days_ago: int = 0) -> None:
    on = clock.now().date() - timedelta(days=days_ago)
    with db.write() as session:
        session.add(
            ZoneGrade(
                zone_id=zone,
                on=on,
                scheme="lyt1172",
                grade=value,
                value=87.0,
                mean=80.0,
                flags="snow_unknown",
                provisional=True,
                assessed_at=clock.now(),
            )
        )


def test_danger_of_any_day(api: Api, db: Database, clock: FixedClock) -> None:
    grade(db, clock, "kangle", 4)
    grade(db, clock, "kangle", 2, days_ago=1)
    for params, on, expected in (({}, "2026-04-01", 4), ({"on": "2026-03-31"}, "2026-03-31", 2)):
        body = api.get("danger", **params).json()
        assert (body["on"], body["scheme"]) == (on, "lyt1172")
        zone = next(zone for zone in body["zones"] if zone["zone_id"] == "kangle")
        assert zone["operational"]["grade"] == expected
        assert zone["operational"]["flags"] == ["snow_unknown"]
        assert (zone["beside"]["scheme"], zone["beside"]["data"]) == ("fwi", False)
    assert not any(zone["operational"]["data"] for zone in api.get("danger", on="1999-01-01").json()["zones"])
    for nonsense in ("0", "2026-02-30", "1774915200"):
        assert_problem(api.get("danger", on=nonsense), 422)


def test_open_meteo_is_credited_where_its_weather_is_used(api: Api, db: Database) -> None:
    assert api.get("danger").json()["credit"] == ""
    with db.write() as session:
        session.add(FeedStatus(source="open-meteo", kind="open_meteo"))
    assert api.get("danger").json()["credit"] == "Weather data by Open-Meteo.com (CC BY 4.0), https://open-meteo.com/"


def test_the_pool_of_all_agencies(api: Api, db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    _, given = ordered_fire(db, clock, rulebook)
    pool = api.get("resources").json()
    assert len(pool["crews"]) == len(rulebook.crews)
    assert len(pool["vehicles"]) == len(rulebook.vehicles)
    assert len(pool["depots"]) == len(rulebook.depots)
    states = {row["id"]: row["status"] for kind in ("crews", "vehicles") for row in pool[kind]}
    assert states[given[0].vehicle_id] == "assigned"
    [depot] = given[0].load
    left = next(row["stock"] for row in pool["depots"] if row["id"] == depot)
    whole = next(row.stock for row in rulebook.depots if row.id == depot)
    assert {tool: whole[tool] - left[tool] for tool in whole if whole[tool] != left[tool]} == given[0].load[depot]


def test_a_crew_is_set_by_hand(api: Api, db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    for resource in ("jishishan-pro", "jishishan-carrier-1"):
        changed = api.post(f"resources/{resource}/status", {"status": "out_of_service"})
        assert (changed.json()["status"], changed.json()["status_at"]) == ("out_of_service", "2026-04-01T04:00:00Z")
    assert_problem(api.post("resources/jishishan-pro/status", {"status": "resting"}), 409)
    assert_problem(api.post("resources/jishishan-pro/status", {"status": "on_scene"}), 409)
    assert_problem(api.post("resources/nobody/status", {"status": "resting"}), 404)
    assert_problem(api.post("resources/no%00body/status", {"status": "resting"}), 422)
    _, given = ordered_fire(db, clock, rulebook)
    assert_problem(api.post(f"resources/{given[0].vehicle_id}/status", {"status": "out_of_service"}), 409)


def test_no_number_leaves_unmasked(api: Api, db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    fire = incident_of(report_fire(db, clock, rulebook))
    report_fire(db, clock, rulebook, place=JISHISHAN)
    agencies = api.get("agencies").json()
    assert len(agencies) == 7
    liaison = agencies[0]["contacts"][-1]
    assert (liaison["role"], liaison["on_duty"]) == ("liaison", True)
    assert re.fullmatch(r"\+44•+\d{3}", liaison["phone"])
    messages = api.get("messages", incident=fire).json()
    assert {message["incident_id"] for message in messages} == {fire}
    assert len(messages) == 7
    assert len(api.get("messages").json()) == 14
    assert len(api.get("messages", limit=3).json()) == 3
    paths = ("agencies", "messages", "incidents", f"incidents/{fire}", "resources", "zones", "danger")
    for text in [api.get(path).text for path in paths] + [api.client.get("/metrics").text]:
        assert not PHONE.search(text)


def test_answers_are_not_kept_by_anybody(api: Api) -> None:
    for path in ("/api/v1/incidents", "/healthz", "/api/v1/nothing"):
        headers = api.client.get(path, headers=api.headers).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers
