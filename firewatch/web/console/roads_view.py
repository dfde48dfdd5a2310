"""The roads as their page shows them: what is closed, what a drawn closure would close, the speeds by class."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup
from sqlmodel import Session

from firewatch.clock import local_day
from firewatch.danger.assess import grades_on
from firewatch.dispatch import arrivals, closures
from firewatch.dispatch.closures import as_roads_know
from firewatch.dispatch.models import RoadClosure
from firewatch.dispatch.problem import RoadsUse
from firewatch.dispatch.standing import in_force
from firewatch.incidents.progress import open_incidents
from firewatch.roads.calibration import bias, correction
from firewatch.web import map_frame, map_marks
from firewatch.web.console import cartography, ground_view
from firewatch.web.console.closure_form import ClosureForm
from firewatch.web.console.page import Page
from firewatch.web.console.speech import Names, load_names

WIDTHS_KM: Final = (0, 60, 20, 6)
"""How much of the land the map may show across; 0 is all of it."""


@dataclass(frozen=True)
class Look:
    """Which part of the land the map shows: so many kilometres around a place, or all of it."""

    km: int = 0
    around: tuple[float, float] | None = None

    @property
    def window(self) -> map_frame.Frame | None:
        """The part as the map knows it; None: all."""
        return map_frame.window_around(*self.around, self.km) if self.km and self.around else None


@dataclass(frozen=True)
class Check:
    """What a closure that is only drawn would close: kilometres by class of road; none: it touches no road."""

    km: Sequence[tuple[str, float]]


@dataclass(frozen=True)
class SpeedsView:
    """The speeds by class of road, configured and corrected, and how far off the times told are."""

    classes: Sequence[tuple[str, float, float]]
    """Class, km/h by the config, km/h as corrected."""
    arrivals: int
    late: float | None
    """How much longer the believed drives took than the configured speeds tell, as a share."""
    late_corrected: float | None


@dataclass(frozen=True)
class RoadsView:
    """Everything on the page."""

    closed: Sequence[RoadClosure]
    ended: Sequence[RoadClosure]
    heeded: bool
    """Whether there is a road network that heeds them."""
    map: Markup
    ground: ground_view.GroundView
    look: Look
    names: Names
    form: ClosureForm
    check: Check | None
    speeds: SpeedsView
    widths: Sequence[int] = WIDTHS_KM


def look_of(km: str, places: Sequence[tuple[float, float]]) -> Look:
    """Return the look a form asks for: around the last of its places, else around nothing yet."""
    width = int(km) if km.isdecimal() and int(km) in WIDTHS_KM else 0
    return Look(width, places[-1] if places else None)


def build(session: Session, page: Page, form: ClosureForm, look: Look, *, check: bool) -> RoadsView:
    """Read what is closed; with `check` also what the form's closure would close."""
    speech, book = page.speech, page.services.book
    closed = in_force(session)
    return RoadsView(
        closed=closed,
        ended=closures.ended(session),
        heeded=page.services.roads is RoadsUse.USED,
        map=_map(session, page, closed, form, look),
        ground=ground_view.view(page),
        look=look,
        names=load_names(session, book, speech),
        form=form,
        check=_check(page, form) if check else None,
        speeds=_speeds(session, page),
    )


def _check(page: Page, form: ClosureForm) -> Check | None:
    travel = page.services.travel
    if form.new is None or travel is None:
        return Check([])
    return Check(list(travel.closing(as_roads_know(form.new)).items()))


def _map(session: Session, page: Page, closed: Sequence[RoadClosure], form: ClosureForm, look: Look) -> Markup:
    """Draw what is closed and what the form would close; roads are drawn where they are known."""
    speech, book, travel = page.speech, page.services.book, page.services.travel
    grades = grades_on(session, local_day(speech.now, book.alliance.tz), book.danger.scheme)
    marks = [
        *cartography.resource_marks(session, speech, book.resources),
        *cartography.incident_marks(speech, open_incidents(session)),
        *cartography.closure_marks(speech, closed),
    ]
    if places := form.places:
        marks.append(map_marks.MapMark("closure", *places[0], speech.t("roads.drawn"), line=places))
    window = look.window or cartography.whole(book)
    if look.window is not None:  # on a part of the land the edge is no place for what lies elsewhere
        marks = [mark for mark in marks if mark.line or window.holds(mark.lat, mark.lon)]
    roads = travel.roads_in(window.south, window.west, window.north, window.east) if travel is not None else {}
    drawn = [map_marks.MapRoads(kind, lines) for kind, lines in roads.items()]
    return cartography.draw_map(
        speech, book, grades, marks, roads=drawn, window=look.window, ground=ground_view.view(page)
    )


def _speeds(session: Session, page: Page) -> SpeedsView:
    known = arrivals.known(session)
    found, configured = correction(known), page.services.book.roads.speed_kmh.model_dump()
    return SpeedsView(
        classes=[(name, kmh, kmh / found.slowness[name]) for name, kmh in configured.items()],
        arrivals=found.arrivals,
        late=bias(known),
        late_corrected=bias(known, found),
    )
