"""What a poll saw becomes detections on record, and detections become tickets.

A poll is a superset of the one before: a detection is stored once and its ticket keeps its number while it grows.
Every step here asks what is on record, not what is new in this poll, so the order of polls does not matter.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, or_, select

from firewatch.clock import Clock
from firewatch.hotspots import ask, cluster, fires, lifecycle, region, tickets
from firewatch.hotspots.cluster import Spot
from firewatch.hotspots.feed import Sighted
from firewatch.hotspots.models import HotspotDetection, HotspotTicket, LeftOut, TicketState
from firewatch.incidents.timeline import SYSTEM
from firewatch.rulebook.read import Rulebook

AHEAD: Final = timedelta(minutes=5)
"""A detection further ahead of our clock is not taken in: it comes again when its time has come."""
REACH: Final = timedelta(hours=48)
"""How far back polls reach."""


@dataclass(frozen=True)
class TakenIn:
    """What a poll came to."""

    inside: int = 0
    """Detections of the region in the answer, known or new."""
    new: int = 0
    opened: int = 0
    """Tickets about which somebody is asked."""


def take_in(session: Session, clock: Clock, book: Rulebook, source: str, sighted: Iterable[Sighted]) -> TakenIn:
    """Store what is new and settle what it means."""
    tickets.turn(session)
    now = clock.now()
    rules = book.hotspots
    inside = [
        each
        for each in sighted
        if each.acquired_at <= now + AHEAD and region.in_region(each.lat, each.lon, book.zones, rules.buffer_km)
    ]
    new = _store(session, book, source, inside, now)
    return replace(settle(session, now, book), inside=len(inside), new=new)


def _store(session: Session, book: Rulebook, source: str, inside: Sequence[Sighted], now: datetime) -> int:
    """Store detections by their key; one told otherwise than before is corrected in place. Return how many are new."""
    if not inside:
        return 0
    first, last = min(each.acquired_at for each in inside), max(each.acquired_at for each in inside)
    query = select(HotspotDetection).where(col(HotspotDetection.acquired_at).between(first, last))
    known = {(row.satellite, row.acquired_at, row.lat, row.lon): row for row in session.exec(query)}
    new = 0
    for each in inside:
        key = (each.satellite, each.acquired_at, each.lat, each.lon)
        row = known.get(key)
        if row is None:
            why = LeftOut.MASKED if region.masked(each.lat, each.lon, book.hotspots.mask) else None
            row = HotspotDetection(source=source, fetched_at=now, left_out=why, **vars(each))
            known[key] = row
            session.add(row)
            new += 1
        else:
            row.confidence, row.frp_mw, row.brightness_k = each.confidence, each.frp_mw, each.brightness_k
    session.flush()
    return new


def settle(session: Session, now: datetime, book: Rulebook) -> TakenIn:
    """Put every detection that is not settled where it belongs: under an answer, into a ticket, or aside with a why."""
    live = {tickets.number_of(row): row for row in _live(session)}
    rows = {row.id or 0: row for row in _unsettled(session, now, book, live)}
    _cover(session, book, rows)
    spots = [_spot(row) for row in rows.values() if row.left_out is not LeftOut.COVERED]
    opened = 0
    for group in cluster.clusters(spots, book.hotspots.cluster_km, book.hotspots.cluster_hours):
        members = [rows[spot.ident] for spot in group]
        of = sorted({row.ticket_id for row in members if row.ticket_id is not None})
        if of:
            _grow(session, now, book, members, [live[number] for number in of])
        else:
            opened += _begin(session, now, book, members)
    session.flush()
    return TakenIn(opened=opened)


def _live(session: Session) -> list[HotspotTicket]:
    """Return the tickets that still grow: open ones, and those of a fire that burns."""
    burning = {seen.incident_id for seen in fires.burning(session)}
    query = select(HotspotTicket).where(
        or_(
            col(HotspotTicket.state) == TicketState.OPEN,
            col(HotspotTicket.state).in_(lifecycle.OF_A_FIRE) & col(HotspotTicket.incident_id).in_(burning),
        )
    )
    return list(session.exec(query.order_by(col(HotspotTicket.id)).execution_options(populate_existing=True)))


def _unsettled(session: Session, now: datetime, book: Rulebook, live: Collection[int]) -> Sequence[HotspotDetection]:
    since = now - REACH - timedelta(hours=book.hotspots.cluster_hours)
    aside = col(HotspotDetection.left_out)
    loose = (
        col(HotspotDetection.ticket_id).is_(None)
        & (col(HotspotDetection.acquired_at) >= since)
        & or_(aside.is_(None), aside.in_([LeftOut.WEAK, LeftOut.OLD]))
    )
    query = select(HotspotDetection).where(or_(col(HotspotDetection.ticket_id).in_(live), loose))
    return session.exec(query.order_by(col(HotspotDetection.id))).all()


def _cover(session: Session, book: Rulebook, rows: dict[int, HotspotDetection]) -> None:
    """Put detections on ground that was looked at under the ticket that says what it was."""
    loose = [row for row in rows.values() if row.ticket_id is None]
    if not loose:
        return
    rules = book.hotspots
    oldest = min(row.acquired_at for row in loose) - timedelta(hours=rules.burn_holds_hours)
    query = select(HotspotTicket).where(
        col(HotspotTicket.state).in_([TicketState.CONTROLLED_BURN, TicketState.FALSE_ALARM]),
        col(HotspotTicket.decided_at) >= oldest,
    )
    for ticket in session.exec(query.order_by(col(HotspotTicket.id))):
        until = lifecycle.holds_until(ticket.state, ticket.decided_at or ticket.opened_at, rules.burn_holds_hours)
        looked_at = [
            _spot(row)
            for row in tickets.detections(session, tickets.number_of(ticket))
            if row.left_out is not LeftOut.COVERED
        ]
        for row in loose:
            if row.ticket_id is None and cluster.covered(_spot(row), looked_at, until, rules.cluster_km):
                row.ticket_id, row.left_out = ticket.id, LeftOut.COVERED
    session.flush()


def _begin(session: Session, now: datetime, book: Rulebook, members: Sequence[HotspotDetection]) -> int:
    """Open a ticket for detections that have none, if they are strong and new enough. Return how many ask somebody."""
    rules = book.hotspots
    said = cluster.summary([_spot(row) for row in members])
    why = None
    if not cluster.strong_enough(said.confidence, rules.min_confidence):
        why = LeftOut.WEAK
    elif said.last_at < now - timedelta(hours=rules.max_age_hours):
        why = LeftOut.OLD
    for row in members:
        row.left_out = why
    if why is not None:
        return 0
    ticket = _new(now, book, members)
    session.add(ticket)
    session.flush()
    for row in members:
        row.ticket_id = ticket.id
    tickets.write_down(session, now, ticket, "opened", SYSTEM, count=str(said.count))
    fire = fires.near(session, now, book, members)
    if fire is not None:
        fires.attach(session, now, ticket, fire)
        return 0
    _ask_new(session, now, book, ticket)
    return 1


def _new(now: datetime, book: Rulebook, members: Sequence[HotspotDetection]) -> HotspotTicket:
    deadline_at = ask.deadline(now, book)
    ticket = HotspotTicket(
        lat=0.0,
        lon=0.0,
        first_seen_at=now,
        last_seen_at=now,
        detections=0,
        confidence=members[0].confidence,
        opened_at=now,
        deadline_at=deadline_at,
        next_step_at=lifecycle.first_step_at(deadline_at, book.hotspots.remind_before_minutes),
    )
    _describe(book, ticket, members)
    return ticket


def _describe(book: Rulebook, ticket: HotspotTicket, members: Sequence[HotspotDetection]) -> None:
    """Write into a ticket what its detections amount to."""
    said = cluster.summary([_spot(row) for row in members])
    ticket.lat, ticket.lon = said.lat, said.lon
    ticket.first_seen_at, ticket.last_seen_at = said.first_at, said.last_at
    ticket.detections, ticket.confidence, ticket.max_frp_mw = said.count, said.confidence, said.max_frp_mw
    ticket.zone_ids = ask.zones_of(book, [(row.lat, row.lon) for row in members])


def _ask_new(session: Session, now: datetime, book: Rulebook, ticket: HotspotTicket) -> None:
    """Ask the agencies of a ticket's zones that have not been asked."""
    new = [agency for agency in ask.agencies_of(book, ticket.zone_ids) if agency not in ticket.asked]
    if not new:
        return
    ask.ask(session, now, book, ticket, new)
    ticket.asked = [*ticket.asked, *new]
    for agency in new:
        tickets.write_down(session, now, ticket, "asked", SYSTEM, agency=agency)


def _grow(
    session: Session, now: datetime, book: Rulebook, members: Sequence[HotspotDetection], of: Sequence[HotspotTicket]
) -> None:
    """Put what is new into the ticket there is; several that turn out to be one become one.

    A fire that is known keeps its ticket, else the oldest: its number stands in the texts that went out.
    """
    keeper = min(of, key=lambda ticket: (ticket.state is TicketState.OPEN, ticket.id))
    fire = keeper.incident_id if keeper.state is not TicketState.OPEN else None
    for other in of:
        if other is keeper or other.state is not TicketState.OPEN:
            continue
        if fire is None:
            tickets.close(session, now, other, TicketState.MERGED, SYSTEM)
            other.merged_into_id = keeper.id
            tickets.write_down(session, now, other, "merged", SYSTEM, hotspot=str(keeper.id))
        else:
            fires.attach(session, now, other, fire)
    _gather(session, now, book, members, of, keeper)


def _gather(
    session: Session,
    now: datetime,
    book: Rulebook,
    members: Sequence[HotspotDetection],
    of: Sequence[HotspotTicket],
    keeper: HotspotTicket,
) -> None:
    merged = {ticket.id for ticket in of if ticket.merged_into_id == keeper.id}
    new = [row for row in members if row.ticket_id is None or row.ticket_id in merged]
    for row in new:
        row.ticket_id, row.left_out = keeper.id, None
    session.flush()
    _describe(book, keeper, tickets.detections(session, tickets.number_of(keeper)))
    if not new:
        return
    tickets.write_down(session, now, keeper, "grew", SYSTEM, count=str(len(new)), total=str(keeper.detections))
    if keeper.state is TicketState.OPEN:
        _ask_new(session, now, book, keeper)
    elif keeper.incident_id is not None:
        fires.seen_again(session, now, keeper.incident_id, len(new))


def _spot(row: HotspotDetection) -> Spot:
    return Spot(row.id or 0, row.lat, row.lon, row.acquired_at, row.confidence, row.frp_mw)
