"""The page of closed roads: what is closed, a form that closes more, and the map of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fastapi import APIRouter, Response
from markupsafe import Markup
from pydantic import ValidationError
from sqlmodel import Session

from firewatch.clock import local_day
from firewatch.danger.assess import grades_on
from firewatch.dispatch import arrivals, closures
from firewatch.dispatch.closures import NewClosure
from firewatch.dispatch.models import RoadClosure
from firewatch.dispatch.problem import RoadsUse
from firewatch.dispatch.standing import in_force
from firewatch.incidents.progress import open_incidents
from firewatch.roads.calibration import bias, correction
from firewatch.web.console import cartography
from firewatch.web.console.fields import RowId, degrees, split_pair
from firewatch.web.console.page import ActingPage, OwnPage, Page
from firewatch.web.console.speech import Names, load_names
from firewatch.web.deps import FormFields

router = APIRouter()

FIELDS = ("lat", "lon", "radius_m", "reason")


@dataclass(frozen=True)
class ClosureForm:
    """The form as it was filled in; `wrong` names the fields that cannot be used."""

    values: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(FIELDS, "") | {"radius_m": "100"})
    wrong: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RoadsView:
    """Everything on the page."""

    closed: Sequence[RoadClosure]
    ended: Sequence[RoadClosure]
    heeded: bool
    """Whether there is a road network that heeds them."""
    map: Markup
    names: Names
    form: ClosureForm
    speeds: "SpeedsView"


@dataclass(frozen=True)
class SpeedsView:
    """The speeds by class of road, configured and corrected, and how far off the times told are."""

    classes: Sequence[tuple[str, float, float]]
    """Class, km/h by the config, km/h as corrected."""
    arrivals: int
    late: float | None
    """How much longer the believed drives took than the configured speeds tell, as a share."""
    late_corrected: float | None


@router.get("/roads")
def show(page: OwnPage) -> Response:
    """Show which roads are closed."""
    return _page(page, ClosureForm())


@router.post("/roads/closures")
def close(page: ActingPage, fields: FormFields) -> Response:
    """Close the roads around a spot."""
    values = {name: fields.get(name, "") for name in FIELDS}
    values["lat"], values["lon"] = split_pair(values["lat"], values["lon"])
    typed = {**values, "lat": degrees(values["lat"]), "lon": degrees(values["lon"])}
    try:
        new = NewClosure.model_validate(typed)
    except ValidationError as error:
        wrong = frozenset(str(item["loc"][0]) for item in error.errors(include_url=False))
        return _page(page, ClosureForm(values, wrong), status=422)
    with page.services.db.write() as session:
        closures.close(session, page.services.clock, new, page.by)
    return page.done("/roads")


@router.post("/roads/closures/{closure_id}/open")
def reopen(closure_id: RowId, page: ActingPage) -> Response:
    """Open the roads around a spot again."""
    with page.services.db.write() as session:
        closures.reopen(session, page.services.clock, closure_id, page.by)
    return page.done("/roads")


def _page(page: Page, form: ClosureForm, status: int = 200) -> Response:
    with page.services.db.read() as session:
        return page.render("roads.html", session, status=status, view=_view(session, page, form))


def _view(session: Session, page: Page, form: ClosureForm) -> RoadsView:
    speech, book = page.speech, page.services.book
    closed = in_force(session)
    grades = grades_on(session, local_day(speech.now, book.alliance.tz), book.danger.scheme)
    marks = [
        *cartography.resource_marks(session, speech, book.resources),
        *cartography.incident_marks(speech, open_incidents(session)),
        *cartography.closure_marks(speech, closed),
    ]
    return RoadsView(
        closed=closed,
        ended=closures.ended(session),
        heeded=page.services.roads is RoadsUse.USED,
        map=cartography.draw_map(speech, book, grades, marks),
        names=load_names(session, book, speech),
        form=form,
        speeds=_speeds(session, page),
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
