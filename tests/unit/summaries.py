"""Bulletins and summaries made by hand."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from firewatch.bulletins.content import Content, Document, Hotspots, Kind, Sources, Weather, ZoneDay, ZonePart
from firewatch.bulletins.periods import PeriodKind
from firewatch.bulletins.summary import INDICES, Fires, Issued, Score, Seen, Spread, Summary, ZoneSummary

MONDAY = date(2026, 3, 30)
NOTHING = Weather(points=1, told=0)


def told(on: date, zones: Mapping[str, Sequence[int]], kind: Kind = Kind.ISSUE, *, heard: bool = True) -> Document:
    """The bulletin of a day with the grades it foretells, by zone."""
    at = datetime.combine(on, time(12), UTC)
    parts = [
        ZonePart(
            id=name,
            name_zh=name,
            name_en=name,
            days=tuple(ZoneDay(on=on + timedelta(days=n), grade=grade) for n, grade in enumerate(grades, start=1)),
            weather=NOTHING,
        )
        for name, grades in zones.items()
    ]
    content = Content(
        on=on,
        valid_from=at,
        valid_to=at + timedelta(days=1),
        scheme="lyt1172",
        in_season=True,
        zones=tuple(parts),
        today=NOTHING,
        ahead=(),
        hotspots=Hotspots(since=at - timedelta(days=1), until=at, heard=heard),
        sources=Sources(),
    )
    names = {"zh": "公报", "en": "Bulletin"}
    return Document(
        content=content,
        texts={},
        kind=kind,
        year=on.year,
        number=1,
        running=1,
        title=names,
        alliance=names,
        issuers=(),
        issued_at=at,
        time_zone="Asia/Shanghai",
    )


def score(lead: int = 1, **given: int) -> Score:
    """A score of six days, all right and none high, if not told otherwise."""
    values = {"days": 6, "pairs": 6, "hits": 6, "off_one": 0, "further": 0}
    high = {"high_came": 0, "missed_high": 0, "high_foretold": 0, "false_alarms": 0}
    return Score(lead=lead, **{**values, **high, **given})


def facts(grades: Sequence[Sequence[int | None]], **given: object) -> Summary:
    """A week with some zones' grades and little else."""
    days = tuple(MONDAY + timedelta(days=n) for n in range(7))
    zones = [
        ZoneSummary(id=f"z{n}", name_zh=f"{n}区", name_en=f"Zone {n}", grades=tuple(each))
        for n, each in enumerate(grades, start=1)
    ]
    values = {
        "kind": PeriodKind.WEEK,
        "name": "2026-W14",
        "first": days[0],
        "last": days[-1],
        "until": days[-1],
        "scheme": "lyt1172",
        "alliance": {"zh": "联防区", "en": "Alliance"},
        "days": days,
        "zones": zones,
        "indices": {name: (Spread(low=1, mean=2, high=3),) * 7 for name in INDICES},
        "bulletins": Issued(published=7, corrected=0, withdrawn=0, lacking=0, unheard=0),
        "fires": Fires(reported=0, false_alarms=0),
        "hotspots": Seen(detections=0),
        "warnings": {},
        "scores": (score(1), score(2), score(3)),
        "time_zone": "Asia/Shanghai",
    }
    return Summary.model_validate({**values, **given})
