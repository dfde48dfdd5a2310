"""What the checks of the weather found goes with the grade to the list, to the map and to who asks the API."""

import re
from dataclasses import replace
from html import unescape

import pytest

from firewatch import i18n
from firewatch.clock import FixedClock, local_day
from firewatch.danger import assess
from firewatch.db import Database
from firewatch.rulebook.read import Rulebook
from tests.service.console import Desk, open_desk
from tests.service.grading import DAY, TODAY, at, grades, run, season, store
from tests.service.server import serving

ZONE, POINT = "kangle", "kangle"
SAID = {"zh": "部分风速读数不可信", "en": "wind readings not believed"}


@pytest.fixture
def desk(db: Database, clock: FixedClock, rulebook: Rulebook) -> Desk:
    clock.at = at(TODAY, 18)
    return open_desk(db, clock, rulebook)


def on_the_map(page: str) -> dict[str, str]:
    """What the map says of each zone, by its name."""
    titles = re.findall(r'<g class="zone"[^>]*>.*?<title>(.*?)</title>', page, re.DOTALL)
    parted = [unescape(title).partition(": ") for title in titles]
    return {name: words for name, _, words in parted}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_reading_not_believed_is_told_of_its_zone_in_list_and_map(desk: Desk, rulebook: Rulebook, lang: str) -> None:
    bad = [
        replace(one, wind_kmh=1687.0) if one.point_id == POINT and one.valid_at == at(TODAY, 9) else one
        for one in season(rulebook, TODAY - 10 * DAY, desk.clock.now())
    ]
    store(desk.db, desk.clock, bad)
    run(desk.db, desk.clock, rulebook)
    page = desk.person("viewer", lang).page("/")
    names = {zone.id: zone.name_zh if lang == "zh" else zone.name_en for zone in rulebook.zones}
    told = on_the_map(page)
    assert set(told) == set(names.values())
    assert [name for name, words in told.items() if SAID[lang] in words] == [names[ZONE]]
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', page, re.DOTALL)
    assert [unescape(name) for name, row in rows if f'<span class="remark">{SAID[lang]}</span>' in row] == [names[ZONE]]


def test_a_reading_not_believed_is_told_by_the_api_of_zone_and_point(desk: Desk, rulebook: Rulebook) -> None:
    bad = [
        replace(one, rh_pct=-1.0) if one.point_id == POINT and one.valid_at == at(TODAY, 9) else one
        for one in season(rulebook, TODAY - 10 * DAY, desk.clock.now())
    ]
    store(desk.db, desk.clock, bad)
    run(desk.db, desk.clock, rulebook)
    with serving(desk.db, desk.clock, rulebook) as api:
        zones, shapes = api.get("danger").json()["zones"], api.get("zones").json()["features"]
    marks = {"out_of_range", "rh_suspect"}
    assert [zone["zone_id"] for zone in zones if marks <= set(zone["operational"]["flags"])] == [ZONE]
    points = [point for zone in zones for point in zone["points"]]
    assert [point["point_id"] for point in points if marks <= set(point["flags"])] == [POINT]
    doubted = [one["id"] for one in shapes if marks <= set(one["properties"]["danger"]["flags"])]
    assert doubted == [ZONE]


def test_the_spin_up_is_shown_until_it_is_complete(desk: Desk, rulebook: Rulebook) -> None:
    whole = season(rulebook, TODAY - 61 * DAY, desk.clock.now())
    store(desk.db, desk.clock, whole)
    left = []
    for days_ago in (30, 2, 1, 0):
        desk.clock.at = at(TODAY - days_ago * DAY, 18)
        run(desk.db, desk.clock, rulebook, TODAY - days_ago * DAY)
        page, days = desk.person("viewer").page("/"), days_left(desk)
        left.append(days)
        said = i18n.text("en", "grades.spin_up_left", days=days)
        assert page.count(f'<span class="remark">{said}</span>') == (len(rulebook.zones) if days else 0)
        assert all((said in words) is bool(days) for words in on_the_map(page).values())
    assert left == [29, 1, 0, 0]
    assert not any("spin_up" in row.flags for row in grades(desk.db, "fwi").values())


def days_left(desk: Desk) -> int:
    with desk.db.read() as session:
        [left] = set(assess.spin_up_left(session, local_day(desk.clock.now(), desk.book.alliance.tz)).values())
    return left
