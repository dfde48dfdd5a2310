"""The page of drills: in a drill its score, in the real service what is held now and the records of what was."""

from fastapi import APIRouter, Response

from firewatch import drill
from firewatch.errors import NotFound
from firewatch.training.score import scores
from firewatch.web.console import drill_view
from firewatch.web.console.page import OwnPage, file_answer
from firewatch.web.console.speech import load_names

router = APIRouter(prefix="/drill")
CSV = "text/csv; charset=utf-8"


@router.get("")
def show(page: OwnPage) -> Response:
    """Show the score of this drill, or the drills there were."""
    services = page.services
    with services.db.read() as session:
        if services.drill is None:
            drills = services.drills
            records = drills.records() if drills else ()
            return page.render("drills.html", session, records=records, running=drills.running() if drills else None)
        names = load_names(session, services.book, page.speech)
        return page.render("drill.html", session, fires=scores(session), names=names, mark=drill.of(session))


@router.get("/this/record.csv")
def own_record(page: OwnPage) -> Response:
    """Hand out the record of this drill as it stands now."""
    services = page.services
    if services.drill is None:
        raise NotFound("this is no drill")
    with services.db.read() as session:
        made = drill_view.as_csv(session, services.book, page.speech)
    return file_answer(made, f"drill-{services.drill.name}.csv", CSV)


@router.get("/{name}.csv")
def record(name: str, page: OwnPage) -> Response:
    """Hand out the record of a drill that was held."""
    drills = page.services.drills
    made = drills.record(name) if drills else None
    if made is None:
        raise NotFound(f"there is no record of a drill {name}")
    return file_answer(made, f"drill-{name}.csv", CSV)
