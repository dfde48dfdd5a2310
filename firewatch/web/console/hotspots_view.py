"""Hot spots as one page shows them: what waits with its deadline, what was answered, whether satellites were heard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from firewatch import geo
from firewatch.agencies.roster import active_agencies
from firewatch.hotspots import poll, tickets
from firewatch.hotspots.models import HotspotDetection, HotspotSource, HotspotStep, HotspotTicket, LeftOut
from firewatch.web import attribution
from firewatch.web.console.page import Page
from firewatch.web.console.speech import Names, Speech, load_names
from firewatch.web.console.told import told

HISTORY = 40


@dataclass(frozen=True)
class Unfinished:
    """A form that lacks its note: it comes back as it was filled in."""

    ticket_id: int
    agency: str


@dataclass(frozen=True)
class Card:
    """A hot spot with everything that hangs on it."""

    row: HotspotTicket
    zones: Sequence[str]
    asked: Sequence[str]
    dms: str
    late: bool
    again: int
    """Detections on the same ground that came after the answer."""
    pixels: Sequence[HotspotDetection]
    record: Sequence[tuple[HotspotStep, str]]


@dataclass(frozen=True)
class SourceRow:
    """A data set, and whether it has been silent for too long."""

    row: HotspotSource
    silent: bool


@dataclass(frozen=True)
class HotspotsView:
    """Everything on the page."""

    on: bool
    heard: bool
    """Whether every data set answered its last poll: only then no hot spot means that none was seen."""
    open: Sequence[Card]
    answered: Sequence[Card]
    sources: Sequence[SourceRow]
    left_out: Mapping[str, int]
    agencies: Sequence[tuple[str, str]]
    unfinished: Unfinished | None
    names: Names
    credit: str
    credit_link: str


def build(session: Session, page: Page, unfinished: Unfinished | None = None) -> HotspotsView:
    """Read how hot spots stand."""
    speech, services = page.speech, page.services
    names = load_names(session, services.book, speech)
    waiting, answered = tickets.waiting(session), tickets.answered(session, HISTORY)
    records = tickets.steps(session, [row.id or 0 for row in (*waiting, *answered)])
    sources = [
        SourceRow(row, poll.is_silent(row, speech.now, services.book))
        for row in tickets.sources(session)
        if row.source in services.book.hotspots.sources
    ]
    return HotspotsView(
        on=services.hotspots_on,
        heard=bool(sources) and not any(each.row.error or each.silent for each in sources),
        open=[_card(session, speech, names, row, records) for row in waiting],
        answered=[_card(session, speech, names, row, records) for row in answered],
        sources=sources,
        left_out={why: n for why, n in tickets.left_out(session, speech.now - tickets.RECENT).items() if n},
        agencies=[(agency.id, speech.named(agency)) for agency in active_agencies(session)],
        unfinished=unfinished,
        names=names,
        credit=attribution.HOTSPOTS,
        credit_link=attribution.HOTSPOTS_LINK,
    )


def _card(
    session: Session,
    speech: Speech,
    names: Names,
    row: HotspotTicket,
    records: Mapping[int, Sequence[HotspotStep]],
) -> Card:
    pixels = tickets.detections(session, row.id or 0)
    return Card(
        row=row,
        zones=[names.zone(zone_id) for zone_id in row.zone_ids],
        asked=[names.agency(agency_id) for agency_id in row.asked],
        dms=geo.to_dms(row.lat, row.lon),
        late=row.deadline_at <= speech.now,
        again=sum(pixel.left_out is LeftOut.COVERED for pixel in pixels),
        pixels=pixels,
        record=[
            (step, told(speech, names, "hotspot_step", step.kind, step.data)) for step in records.get(row.id or 0, ())
        ],
    )
