"""The outlook on the screen and over the API, with and without an issue."""

import re
from dataclasses import replace

import numpy as np

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.outlook import settle
from firewatch.rulebook.read import Rulebook
from tests.service import outlook
from tests.service.console import open_desk, said
from tests.service.server import serving


def test_the_api_tells_an_issue_with_its_change_and_probability(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    with serving(db, clock, rulebook) as api:
        assert api.get("outlook").status_code == 404
        outlook.fetch(db, clock, rulebook)
        outlook.make(db, clock, rulebook)
        clock.advance(hours=7)
        outlook.make(db, clock, rulebook, daily=False, members=outlook.members(clock, rulebook))
        issue = api.get("outlook").json()
        assert (len(issue["zones"]), len(issue["points"])) == (2 * len(rulebook.zones), 8 * len(rulebook.points))
        assert {day["members"] for zone in issue["zones"] for day in zone["days"]} == {20}
        assert {type(day["change"]) for zone in issue["zones"] for day in zone["days"]} == {int}
        earlier = api.get("outlook", issued=issue["compared_with"]).json()
        assert (earlier["compared_with"], earlier["daily"]) == (None, True)
        assert {day["probability"] for zone in earlier["zones"] for day in zone["days"]} == {None}
        scores = api.get("outlook/scores").json()
        assert (scores["scheme"], scores["leads"], scores["zones"]) == ("lyt1172", [], [])
        assert api.get("outlook", issued="yesterday").status_code == 422
        assert api.get("outlook/scores", scheme="kbdi").status_code == 422


def test_the_page_says_what_there_is_and_what_there_is_not(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    desk = open_desk(db, clock, rulebook)
    officer = desk.person()
    empty = said(officer.page("/danger"))
    assert "There is no outlook yet" in empty
    assert "Nothing to score yet" in empty
    assert "no data" in empty

    outlook.fetch(db, clock, rulebook)
    outlook.make(db, clock, rulebook, ensemble_error="HTTP 502")
    first = said(officer.page("/danger"))
    assert "There is no earlier issue to compare with" in first
    assert "The ensemble did not answer (HTTP 502): no probability is told" in first
    assert "Made-up weather and forecasts" in first
    assert "% for grade 4+" not in first

    clock.advance(days=1)
    outlook.fetch(db, clock, rulebook)
    outlook.make(db, clock, rulebook, members=outlook.members(clock, rulebook))
    with db.read() as session:
        due = settle.due(session, clock, rulebook)
    for on in due:
        with db.write() as session:
            settle.settle(session, clock, on)
    officer = desk.person()  # a day later the session has ended
    page = officer.page("/danger")
    assert "% for grade 4+" in said(page)
    assert "Starts from the analysis of Wed 1 Apr" in said(page)
    assert page.count('<svg class="chart"') == 2 * len(rulebook.zones)
    assert "style=" not in page
    for address in ("/danger/scores", "/danger/scores?scheme=fwi&lang=zh"):
        assert "康乐县" in officer.page(address) or "Kangle County" in officer.page(address)


def test_the_page_says_what_stands_behind_a_figure(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    desk = open_desk(db, clock, rulebook)
    outlook.fetch(db, clock, rulebook)
    outlook.make(db, clock, rulebook, members=outlook.members(clock, rulebook))
    first = said(desk.person().page("/danger"))
    assert "of 20 members" not in first, "all of them say something"
    assert "unchanged since the last issue" not in first, "there is nothing to compare"

    clock.advance(hours=7)
    told = outlook.members(clock, rulebook)
    told.values["temp_c"][:, :5] = np.nan
    told.values["rh_pct"][5 * 24 :, :12] = np.nan
    outlook.make(db, clock, rulebook, daily=False, members=told)
    holes = said(desk.person().page("/danger"))
    assert "% for grade 4+ 15 of 20 members" in holes
    assert "no probability 8 of 20 members" in holes
    assert "unchanged since the last issue" in holes
    assert "not in this issue" not in holes
    assert "30 hours old" not in holes

    clock.advance(hours=31)
    old = said(desk.person().page("/danger"))
    assert "not in this issue" in old
    assert "This issue is more than 30 hours old" in old
    assert "this forecast is more than 30 hours old" in old


def test_each_zone_has_the_lines_of_its_own_thresholds(db: Database, clock: FixedClock, rulebook: Rulebook) -> None:
    own = rulebook.danger.model_copy(update={"fwi_thresholds_by_zone": {"kangle": (10.0, 20.0, 30.0, 76.0)}})
    book = replace(rulebook, danger=own)
    outlook.fetch(db, clock, book)
    outlook.make(db, clock, book)
    page = open_desk(db, clock, book).person().page("/danger")
    charts = re.findall(r'<svg class="chart".*?</svg>', page, re.DOTALL)[len(book.zones) :]
    assert all("FWI" in chart for chart in charts)
    lines = [re.findall(r'class="begins b\d" x1="[\d.]+" y1="([\d.]+)"', chart) for chart in charts]
    places = [zone.id for zone in book.zones].index("kangle")
    assert len({tuple(found) for found in lines}) == 2, "one zone has its own, the others share theirs"
    assert lines.count(lines[places]) == 1
    assert "FWI thresholds not calibrated here" in said(page)
