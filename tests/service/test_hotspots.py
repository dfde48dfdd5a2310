"""Hot spots: polled, clustered, masked, asked about once; supersets and their order change nothing."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from random import Random

import pytest
from sqlmodel import select

from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.hotspots import take_in, tickets
from firewatch.hotspots.feed import Sighted
from firewatch.hotspots.models import (
    Confidence,
    HotspotDetection,
    HotspotSource,
    HotspotTicket,
    LeftOut,
    TicketState,
)
from firewatch.incidents.models import Incident
from firewatch.messaging.models import Alarm
from firewatch.rulebook.alliance import Zone
from firewatch.rulebook.read import Rulebook
from firewatch.weather.feeds import FeedDown
from firewatch.weather.models import RawPayload
from tests.build import KANGLE, prepare, rows
from tests.fake_firms import KEY, FakeFirms
from tests.service.hotspots import N20, N21, Watch, at, row, with_hotspots

KM = 1 / 111.195


@pytest.fixture
def fake() -> Iterator[FakeFirms]:
    with FakeFirms() as server:
        yield server


@pytest.fixture
def watch(db: Database, clock: FixedClock, rulebook: Rulebook, fake: FakeFirms) -> Watch:
    prepare(db, rulebook)
    return Watch(db, clock, rulebook, fake)


def north(km: float) -> tuple[float, float]:
    return round(KANGLE[0] + km * KM, 5), KANGLE[1]


def test_a_hot_spot_asks_the_agency_of_its_zone_and_is_no_incident(watch: Watch) -> None:
    taken = watch.sees(row(north(0)), row(north(0.4), confidence="h", frp=33.0))
    assert (taken.inside, taken.new, taken.opened) == (2, 2, 1)
    (ticket,) = watch.tickets()
    assert (ticket.state, ticket.detections, ticket.confidence) == (TicketState.OPEN, 2, Confidence.HIGH)
    assert (ticket.zone_ids, ticket.asked, ticket.max_frp_mw) == (["kangle"], ["kangle"], 33.0)
    assert ticket.first_seen_at == at(3)
    (text,) = watch.texts()
    assert text.agency_id == "kangle"
    assert text.body.startswith("【热点核查】康乐县（35.3018,103.6500）4月1日11:00卫星发现热点2处，未经核实。")
    assert "4月1日13:00前" in text.body, "an hour from now, local time"
    assert rows(watch.db, Incident) == []
    assert watch.steps() == ["opened", "asked"]


def test_a_superset_creates_nothing_twice_and_the_ticket_grows(watch: Watch) -> None:
    watch.sees(row(north(0)))
    watch.clock.advance(minutes=15)
    again = watch.poll()
    assert (again.inside, again.new, again.opened) == (1, 0, 0)
    grown = watch.sees(row(north(0)), row(north(0.8), 415), row(north(1.6), 415))
    assert (grown.new, grown.opened) == (2, 0)
    (ticket,) = watch.tickets()
    assert (ticket.id, ticket.detections, ticket.last_seen_at) == (1, 3, at(4, 15))
    assert ticket.deadline_at == at(5), "growing does not put the deadline off"
    assert len(watch.texts()) == 1
    assert watch.steps() == ["opened", "asked", "grew"]


def test_two_satellites_see_one_fire(watch: Watch) -> None:
    watch.sees(row(north(0)))
    watch.sees(row(north(0.3), 212, satellite="N21"), source=N21)
    (ticket,) = watch.tickets()
    assert ticket.detections == 2
    assert {status.source for status in rows_of_sources(watch)} == {N20, N21}


def rows_of_sources(watch: Watch) -> list[HotspotSource]:
    with watch.db.read() as session:
        return tickets.sources(session)


def test_a_value_told_anew_is_corrected_in_place(watch: Watch) -> None:
    watch.sees(row(north(0), confidence="n", frp=3.0))
    watch.sees(row(north(0), confidence="h", frp=4.0))
    (ticket,) = watch.tickets()
    assert (ticket.detections, ticket.confidence, ticket.max_frp_mw) == (1, Confidence.HIGH, 4.0)


def test_one_that_lies_between_joins_two_tickets(watch: Watch) -> None:
    watch.sees(row(north(0)), row(north(1.8)))
    assert [ticket.id for ticket in watch.tickets(TicketState.OPEN)] == [1, 2]
    watch.sees(row(north(0)), row(north(0.9), 355), row(north(1.8)))
    first, second = watch.tickets()
    assert (first.state, first.detections) == (TicketState.OPEN, 3)
    assert (second.state, second.merged_into_id) == (TicketState.MERGED, 1)
    assert watch.steps(2)[-1] == "merged"
    assert "superseded" in [text.state for text in watch.texts()], "what has not left is taken back"


def test_weak_ones_alone_ask_nobody_until_a_stronger_one_comes(watch: Watch) -> None:
    watch.sees(row(north(0), confidence="l"))
    assert watch.tickets() == []
    assert left_out(watch) == [LeftOut.WEAK]
    watch.sees(row(north(0), confidence="l"), row(north(0.5), 352))
    (ticket,) = watch.tickets()
    assert (ticket.detections, left_out(watch)) == (2, [None, None])


def left_out(watch: Watch) -> list[LeftOut | None]:
    return [each.left_out for each in rows(watch.db, HotspotDetection)]


def test_what_is_hot_by_trade_is_kept_and_nobody_is_asked(watch: Watch) -> None:
    mask = [{"name": "kiln", "lat": KANGLE[0], "lon": KANGLE[1], "radius_km": 0.5}]
    watch.book = with_hotspots(watch.book, mask=mask)
    watch.sees(row(north(0)), row(north(3)))
    (ticket,) = watch.tickets()
    assert ticket.detections == 1
    assert left_out(watch) == [LeftOut.MASKED, None]


def test_only_the_region_counts(watch: Watch) -> None:
    taken = watch.sees(row((34.0, 100.0)), row((35.0, 104.5)))
    assert taken.inside == 0
    assert rows(watch.db, HotspotDetection) == []


def test_around_the_zones_the_duty_agency_is_asked(watch: Watch) -> None:
    box = max(lat for zone in watch.book.zones for poly in zone.polygons for ring in poly for _, lat in ring)
    place = next(
        (round(box + 0.02, 5), lon)
        for zone in watch.book.zones
        for poly in zone.polygons
        for ring in poly
        for lon, lat in ring
        if lat == box
    )
    watch.sees(row(place))
    (ticket,) = watch.tickets()
    assert (ticket.zone_ids, ticket.asked) == ([], [watch.book.alliance.duty_agency])
    assert "防区外围" in watch.texts()[0].body


def overlapping(book: Rulebook) -> Rulebook:
    """The county's outline drawn over the reserve, as other sources draw it."""
    reserve = next(zone for zone in book.zones if zone.id == "lianhuashan")
    zones = [
        Zone.model_validate({**zone.model_dump(), "polygons": [*zone.polygons, *reserve.polygons]})
        if zone.id == "kangle"
        else zone
        for zone in book.zones
    ]
    return replace(book, zones=tuple(zones))


def test_where_zones_overlap_the_reserve_comes_first_and_both_are_asked(watch: Watch) -> None:
    watch.book = overlapping(watch.book)
    reserve = next(zone for zone in watch.book.zones if zone.id == "lianhuashan")
    watch.sees(row((reserve.label[1], reserve.label[0])))
    (ticket,) = watch.tickets()
    assert ticket.zone_ids == ["lianhuashan", "kangle"]
    assert ticket.asked == ["lianhuashan", "kangle"]
    assert [text.agency_id for text in watch.texts()] == ["lianhuashan", "kangle"]


def test_what_came_too_late_or_ahead_of_time(watch: Watch) -> None:
    watch.clock.at = datetime(2026, 4, 2, 5, 0, tzinfo=UTC)
    watch.sees(row(north(0), 300))
    assert (watch.tickets(), left_out(watch)) == ([], [LeftOut.OLD])
    watch.clock.at = at(2)
    assert watch.sees(row(north(5), 300)).inside == 0, "an hour ahead of our clock"
    watch.clock.at = at(3)
    assert watch.sees(row(north(5), 300)).opened == 1


def test_the_account_tells_no_data_from_no_fires(watch: Watch) -> None:
    assert watch.poll().inside == 0
    (status,) = rows_of_sources(watch)
    assert (status.last_detections, status.error, status.last_answered_at) == (0, None, watch.clock.now())
    watch.fake.key = "f" * 32
    watch.clock.advance(minutes=179)
    with pytest.raises(FeedDown):
        watch.poll()
    (status,) = rows_of_sources(watch)
    assert status.error is not None
    assert "FIREWATCH_FIRMS_KEY" in status.error
    assert status.last_answered_at == at(4)
    assert rows(watch.db, Alarm) == []
    watch.clock.advance(minutes=1)
    with pytest.raises(FeedDown):
        watch.poll()
    (alarm,) = rows(watch.db, Alarm)
    assert (alarm.kind, alarm.params) == ("hotspot_feed_silent", {"source": N20})
    watch.fake.key = KEY
    watch.poll()
    assert rows(watch.db, Alarm)[0].closed_at == watch.clock.now()


def test_raw_answers_are_kept_without_the_key(watch: Watch) -> None:
    watch.sees(row(north(0)))
    watch.fake.always = "told_no"
    with pytest.raises(FeedDown):
        watch.poll()
    kept = rows(watch.db, RawPayload)
    assert [each.source for each in kept] == [f"firms:{N20}"] * 2
    assert not [each for each in kept if KEY in each.request]


class _UndoError(Exception):
    pass


Outcome = list[tuple[TicketState, frozenset[tuple[datetime, float, float]], float, float, list[str]]]


def outcome(watch: Watch, polls: list[list[Sighted]]) -> Outcome:
    """What is on record after some polls, ids left out; nothing of it stays."""
    found: Outcome = []
    with suppress(_UndoError), watch.db.write() as session:
        for sighted in polls:
            take_in.take_in(session, watch.clock, watch.book, N20, sighted)
        for ticket in session.exec(select(HotspotTicket)):
            members = tickets.detections(session, ticket.id or 0)
            if ticket.state is not TicketState.MERGED:
                keys = frozenset((each.acquired_at, each.lat, each.lon) for each in members)
                found.append((ticket.state, keys, ticket.lat, ticket.lon, ticket.zone_ids))
        raise _UndoError
    return sorted(found, key=lambda each: sorted(each[1]))


@pytest.mark.parametrize("seed", range(4))
def test_no_order_of_rows_or_polls_changes_anything(watch: Watch, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - the same at every run
    sighted = [
        Sighted(
            "N20",
            "VIIRS",
            at(chance.randrange(0, 4)),
            round(KANGLE[0] + chance.randrange(8) * 0.7 * KM, 5),
            round(KANGLE[1] + chance.randrange(4) * 0.9 * KM, 5),
            chance.choice(list(Confidence)),
        )
        for _ in range(14)
    ]
    expected = outcome(watch, [sighted])
    assert expected
    third = len(sighted) // 3
    parts = [sighted[:third], sighted[third : 2 * third], sighted[2 * third :]]
    for order in permutations(parts):
        assert outcome(watch, list(order)) == expected
    for _ in range(3):
        shuffled = chance.sample(sighted, len(sighted))
        supersets = [shuffled[: number + 1] for number in range(0, len(shuffled), 4)]
        assert outcome(watch, [*supersets, shuffled, shuffled]) == expected


def portugal(book: Rulebook) -> Rulebook:
    """The alliance moved to where the recorded captures were taken."""
    first, *others = book.zones
    ring = [(-9.6, 36.9), (-6.0, 36.9), (-6.0, 42.2), (-9.6, 42.2), (-9.6, 36.9)]
    return replace(book, zones=(Zone.model_validate({**first.model_dump(), "polygons": [[ring]]}), *others))


@pytest.mark.reference
def test_recorded_polls_and_their_superset(watch: Watch, reference: Path) -> None:
    folder = reference / "weather" / "firms"
    watch.book, watch.clock.at = portugal(watch.book), datetime(2026, 7, 24, 16, 0, tzinfo=UTC)
    watch.fake.bodies[N20] = (folder / "firms_n20.csv").read_bytes()
    first = watch.poll()
    before = {ticket.id: ticket.detections for ticket in watch.tickets(TicketState.OPEN)}
    watch.clock.at = datetime(2026, 7, 25, 13, 45, tzinfo=UTC)
    watch.fake.bodies[N20] = (folder / "firms_n20_later.csv").read_bytes()
    later = watch.poll()
    assert (first.inside, first.new, later.inside, later.new) == (21, 21, 32, 11)
    after = {ticket.id: ticket.detections for ticket in watch.tickets(TicketState.OPEN)}
    assert set(before) <= set(after), "tickets keep their numbers"
    assert all(after[number] >= count for number, count in before.items())
    assert watch.poll().new == 0
    watch.clock.at = datetime(2026, 7, 25, 15, 0, tzinfo=UTC)
    watch.fake.bodies[N21] = (folder / "firms_n21.csv").read_bytes()
    assert watch.poll(N21).new == 24
    assert len(rows(watch.db, HotspotDetection)) == 32 + 24
    asked = {text.subject_id for text in watch.texts()}
    assert asked == {ticket.id for ticket in watch.tickets()}
    assert len(watch.texts()) == len(asked), "everybody is asked once"
