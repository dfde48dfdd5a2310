"""The pages of the tests of the ways to people: all of them, one with its results, and the start of a new one."""

from fastapi import APIRouter, Response

from firewatch.errors import BadInput
from firewatch.incidents.progress import open_incidents
from firewatch.messaging import comms_tests
from firewatch.web.console.comms_view import view_of
from firewatch.web.console.fields import RowId
from firewatch.web.console.page import ActingPage, OwnPage
from firewatch.web.console.speech import load_names
from firewatch.web.deps import FormFields

router = APIRouter()


@router.get("/comms-tests")
def show_all(page: OwnPage) -> Response:
    """Show the tests, the newest first."""
    with page.services.db.read() as session:
        names = load_names(session, page.services.book, page.speech)
        views = [view_of(session, page.services.book, page.speech, names, test) for test in comms_tests.newest(session)]
        running = comms_tests.running(session)
        return page.render("comms_tests.html", session, views=views, running=running, names=names)


@router.get("/comms-tests/new")
def ask(page: OwnPage) -> Response:
    """Show what a test would do, and ask whether it shall be begun."""
    services = page.services
    with services.db.read() as session:
        people = comms_tests.liaisons(session)
        return page.render(
            "comms_test_new.html",
            session,
            asked=[person for person in people if person.reachable],
            left_out=[person for person in people if not person.reachable],
            names=load_names(session, services.book, page.speech),
            running=comms_tests.running(session),
            fires=len(open_incidents(session)),
            minutes=services.book.messages.comms_test_minutes,
        )


@router.post("/comms-tests")
def start(page: ActingPage, fields: FormFields) -> Response:
    """Begin a test that was asked for and confirmed."""
    if fields.get("confirmed") != "yes":
        raise BadInput("confirmed: say yes on the page that tells what a test does")
    with page.services.db.write() as session:
        number = comms_tests.number_of(comms_tests.start(session, page.services.clock, page.services.book, page.by))
    return page.done(f"/comms-tests/{number}")


@router.get("/comms-tests/{test_id}")
def show(test_id: RowId, page: OwnPage) -> Response:
    """Show a test with its results."""
    with page.services.db.read() as session:
        names = load_names(session, page.services.book, page.speech)
        test = comms_tests.get(session, test_id)
        view = view_of(session, page.services.book, page.speech, names, test)
        return page.render("comms_test.html", session, view=view, names=names)
