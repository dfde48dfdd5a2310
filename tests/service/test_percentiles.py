"""FWI thresholds out of the archive, and the way they go: from the days on record into danger.toml and the grades."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from firewatch import migrations
from firewatch.__main__ import main
from firewatch.clock import FixedClock
from firewatch.danger.models import PointDay, ZoneGrade
from firewatch.danger.percentiles import ALLIANCE, Figure, figures, standing
from firewatch.db import Database
from firewatch.errors import BadInput, Refused
from firewatch.rulebook.danger import Danger, Percentiles
from firewatch.rulebook.read import Rulebook, default_folder, read_rulebook
from firewatch.rulebook.write import block, write_thresholds
from tests.build import rows
from tests.service.console import open_desk, said
from tests.service.grading import TODAY, at, run, season, store

NOON = datetime(2026, 4, 1, 4, tzinfo=UTC)
LEVELS = Percentiles(levels=(50, 75, 90, 97), min_days=100, min_seasons=2)


def point_day(book: Rulebook, point: str, on: date, fwi: float | None, **given: object) -> PointDay:
    zone = next(zone.id for zone in book.zones if point in {each.id for each in zone.points})
    values = {"constant": "vw1985", "noon_hour_utc": 5, "fwi_grade": 1, "lyt_grade": 1, "provisional": False}
    row = {"point_id": point, "zone_id": zone, "on": on, "fwi": fwi, "assessed_at": NOON, **values, **given}
    return PointDay.model_validate(row)


def days_from(first: date, count: int) -> Iterator[date]:
    return (first + timedelta(number) for number in range(count))


def archive(db: Database, book: Rulebook, count: int = 730, zone_id: str = "kangle") -> None:
    """Two years of one point of a zone: the FWI of a day is its number."""
    first = date(2024, 6, 1)
    point = next(zone.points[0].id for zone in book.zones if zone.id == zone_id)
    with db.write() as session:
        for number, on in enumerate(days_from(first, count)):
            session.add(point_day(book, point, on, float(number + 1)))


def found(db: Database, book: Rulebook, rules: Percentiles = LEVELS) -> dict[str, Figure]:
    with db.read() as session:
        return {each.zone_id: each for each in figures(session, book, rules)}


def test_the_percentiles_are_of_the_days_in_season(db: Database, rulebook: Rulebook) -> None:
    archive(db, rulebook)
    # 1 October to 31 May: days 123 to 365 of the first season, and the same of the second.
    values = [*range(123, 366), *range(488, 731)]
    kangle = found(db, rulebook)["kangle"]
    assert (kangle.days, kangle.seasons, kangle.first, kangle.last) == (486, 2, date(2024, 10, 1), date(2026, 5, 31))
    assert kangle.thresholds == tuple(round(float(value), 1) for value in np.percentile(values, LEVELS.levels))
    assert found(db, rulebook)[ALLIANCE].thresholds == kangle.thresholds


def test_the_figure_of_all_counts_when_every_zone_stands_behind_it(db: Database, rulebook: Rulebook) -> None:
    for zone in rulebook.zones[1:]:
        archive(db, rulebook, zone_id=zone.id)
    lacking = rulebook.zones[0].id
    problem = f"not every zone stands behind it: {lacking} has too few days"
    assert found(db, rulebook)[ALLIANCE].problem == problem
    archive(db, rulebook, zone_id=lacking)
    assert found(db, rulebook)[ALLIANCE].problem == ""


def test_a_zone_without_days_has_no_figure(db: Database, rulebook: Rulebook) -> None:
    archive(db, rulebook)
    empty = found(db, rulebook)["jishishan"]
    assert (empty.days, empty.thresholds, empty.problem) == (0, None, "0 days are fewer than 100")


@pytest.mark.parametrize(
    "given",
    [
        {"flags": "rain_missing;bridged"},
        {"flags": "spin_up"},
        {"flags": "temp_missing;no_value"},
        {"flags": "off_season;fwi_rests"},
        {"provisional": True},
        {"constant": "exact"},
        {"fwi": None},
        {"point_id": "given-up"},
    ],
    ids=str,
)
def test_what_is_not_known_does_not_count(db: Database, rulebook: Rulebook, given: dict[str, object]) -> None:
    point = rulebook.zones[0].points[0].id
    with db.write() as session:
        session.add(point_day(rulebook, point, date(2026, 1, 1), 9.0, flags="rh_clamped"))
        row = {**point_day(rulebook, point, date(2026, 1, 2), 900.0).model_dump(exclude={"id"}), **given}
        session.add(PointDay.model_validate(row))
    assert found(db, rulebook)[rulebook.zones[0].id].days == 1


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ({"min_days": 487}, "486 days are fewer than 487"),
        ({"min_seasons": 3}, "2 seasons are fewer than 3"),
    ],
)
def test_too_little_is_told(db: Database, rulebook: Rulebook, rules: dict[str, int], problem: str) -> None:
    archive(db, rulebook)
    assert found(db, rulebook, LEVELS.model_copy(update=rules))["kangle"].problem == problem


def test_percentiles_that_do_not_rise_are_no_thresholds(db: Database, rulebook: Rulebook) -> None:
    with db.write() as session:
        for on in (*days_from(date(2024, 11, 1), 100), *days_from(date(2025, 11, 1), 100)):
            session.add(point_day(rulebook, rulebook.zones[0].points[0].id, on, 0.0))
    figure = found(db, rulebook)[rulebook.zones[0].id]
    assert figure.thresholds is None
    assert "0.0, 0.0, 0.0, 0.0 do not rise" in figure.problem


def test_without_a_season_over_new_year_a_season_is_a_year(db: Database, rulebook: Rulebook) -> None:
    archive(db, rulebook)
    whole = replace(rulebook, danger=Danger.model_validate({**rulebook.danger.model_dump(), "season": {}}))
    assert (found(db, whole)["kangle"].days, found(db, whole)["kangle"].seasons) == (730, 3)


# Into the file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(default_folder(), tmp_path / "ours"))


def test_what_is_written_is_read_and_grades(db: Database, clock: FixedClock, folder: Path) -> None:
    write_thresholds(folder, None, {"kangle": (0.1, 0.2, 0.3, 0.4)})
    book = read_rulebook(folder)
    store(db, clock, season(book, date(2026, 3, 22), at(TODAY)))
    clock.advance(days=(TODAY - clock.now().date()).days, hours=8)
    run(db, clock, book)
    grades = {
        row.zone_id: row for row in rows(db, ZoneGrade, ZoneGrade.on == date(2026, 3, 31), ZoneGrade.scheme == "fwi")
    }
    assert grades["kangle"].grade == 5
    assert "not_calibrated" not in grades["kangle"].flags
    assert "not_calibrated" in grades["hezheng"].flags
    assert grades["hezheng"].grade < 5


def test_comments_and_order_stay(folder: Path) -> None:
    before = (folder / "danger.toml").read_text(encoding="utf-8").splitlines()
    write_thresholds(folder, (1.0, 2.0, 3.0, 4.5), {})
    after = (folder / "danger.toml").read_text(encoding="utf-8").splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert [new for _, new in changed] == [
        "fwi_thresholds = [1.0, 2.0, 3.0, 4.5] # used until local percentiles are computed",
        "calibrated = true",
    ]
    danger = read_rulebook(folder).danger
    assert (danger.fwi_thresholds, danger.calibrated) == ((1.0, 2.0, 3.0, 4.5), True)


def test_keys_a_file_lacks_are_put_before_its_tables(folder: Path) -> None:
    path = folder / "danger.toml"
    kept = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith(("fwi_", "calib"))]
    path.write_text("\n".join(kept), encoding="utf-8")
    write_thresholds(folder, (1.0, 2.0, 3.0, 4.5), {"kangle": (0.5, 1.0, 2.0, 3.0)})
    write_thresholds(folder, None, {"hezheng": (0.6, 1.0, 2.0, 3.0)})
    danger = read_rulebook(folder).danger
    assert danger.thresholds("kangle") == (0.5, 1.0, 2.0, 3.0)
    assert danger.thresholds("hezheng") == (0.6, 1.0, 2.0, 3.0)
    assert danger.thresholds("jishishan") == (1.0, 2.0, 3.0, 4.5)


def test_the_demonstration_is_not_written_to() -> None:
    with pytest.raises(Refused, match="copy it, and set FIREWATCH_CONFIG_DIR"):
        write_thresholds(default_folder(), (1.0, 2.0, 3.0, 4.0), {})


@pytest.mark.parametrize(
    ("text", "message"),
    [(None, "cannot be read"), ("scheme = ", "cannot be read"), ("scheme = 'x'", "would not be valid")],
)
def test_a_file_that_cannot_be_used_stays_as_it_is(folder: Path, text: str | None, message: str) -> None:
    path = folder / "danger.toml"
    path.unlink()
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=message):
        write_thresholds(folder, (1.0, 2.0, 3.0, 4.0), {})
    assert (path.read_text(encoding="utf-8") if path.exists() else None) == text
    assert not list(folder.glob(".danger*"))


def test_the_block_alone_is_toml_of_the_file() -> None:
    written = block((1.0, 2.0, 3.0, 4.5), {"kangle": (0.5, 1.0, 2.0, 3.0)})
    assert written.startswith("fwi_thresholds = [1.0, 2.0, 3.0, 4.5]\ncalibrated = true\n")
    assert "[fwi_thresholds_by_zone]\nkangle = [0.5, 1.0, 2.0, 3.0]" in written


# The command


@pytest.fixture
def named(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment names a copy of the demonstration and a database of two years."""
    monkeypatch.setenv("FIREWATCH_DATABASE_URL", f"sqlite:///{tmp_path}/years.db")
    monkeypatch.setenv("FIREWATCH_CONFIG_DIR", str(folder))
    years = Database(f"sqlite:///{tmp_path}/years.db", create=True)
    migrations.upgrade(years)
    archive(years, read_rulebook(folder))
    years.dispose()
    return folder


def test_the_command_tells_what_stands_behind_and_writes(named: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["danger", "percentiles", "--min-seasons", "2", "--write"]) == 0
    said = capsys.readouterr().out
    assert "# kangle: 486 days of 2 seasons, 2024-10-01 to 2026-05-31\n" in said
    assert "# jishishan: 0 days of 0 seasons; not used: 0 days are fewer than 300\n" in said
    assert "kangle = [" in said
    danger = read_rulebook(named).danger
    assert "2026-05-31; not used: not every zone stands behind it: hezheng has too few days\n" in said
    assert list(danger.fwi_thresholds_by_zone) == ["kangle"]
    assert [zone.id for zone in read_rulebook(named).zones if danger.is_calibrated(zone.id)] == ["kangle"]


def test_the_command_refuses_too_short_an_archive(named: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (named / "danger.toml").read_bytes()
    assert main(["danger", "percentiles", "--write"]) == 1
    assert "2 seasons are fewer than 3" in capsys.readouterr().out
    assert (named / "danger.toml").read_bytes() == before


@pytest.mark.usefixtures("named")
def test_levels_that_do_not_rise_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["danger", "percentiles", "--levels", "90", "80", "95", "97"]) == 2
    assert "levels must rise" in capsys.readouterr().err


def test_a_value_stands_among_the_in_season_days_of_its_zone(db: Database, rulebook: Rulebook) -> None:
    archive(db, rulebook)
    book = replace(rulebook, danger=rulebook.danger.model_copy(update={"percentiles": LEVELS}))
    values = [*range(123, 366), *range(488, 731)]
    with db.read() as session:
        known, unknown = standing(session, book, "kangle", 365.0), standing(session, book, "kangle", None)
        empty = standing(session, book, "hezheng", 365.0)
    assert (known.days, known.first, known.share) == (486, date(2024, 10, 1), 243 / 486)
    assert known.levels == {"fwi": tuple(round(float(value), 1) for value in np.percentile(values, LEVELS.levels))}
    assert unknown.share is None
    assert (empty.days, empty.first, empty.levels, empty.share) == (0, None, {}, None), "too few say nothing"


def test_the_page_of_a_zone_says_how_high_today_is_or_that_too_little_is_known(
    db: Database, clock: FixedClock, rulebook: Rulebook
) -> None:
    archive(db, rulebook, count=669)  # until the end of March
    book = replace(rulebook, danger=rulebook.danger.model_copy(update={"percentiles": LEVELS}))
    with db.write() as session:
        for point in (each.id for zone in book.zones if zone.id == "kangle" for each in zone.points):
            session.add(point_day(book, point, TODAY, 600.0, provisional=True))
    officer = open_desk(db, clock, book).person()
    page = said(officer.page("/danger/zones/kangle"))
    assert "no lower than on" in page
    assert "in-season days on record (since 2024-10-01)" in page
    assert "P90" in page
    assert "too few to say how high today is" in said(officer.page("/danger/zones/hezheng"))
    officer.page("/danger/zones/nowhere", status=404)
