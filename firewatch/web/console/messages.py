"""The page of all messages, and the page of what each text looks like when it is as long as it gets."""

from fastapi import APIRouter, Response

from firewatch.dispatch import take_in
from firewatch.i18n import LANGUAGES
from firewatch.messaging import queue, texts, worst_case
from firewatch.messaging.models import MessageState
from firewatch.web.console.message_view import LIMIT, inbound_rows, message_rows, messages_of
from firewatch.web.console.page import OwnPage
from firewatch.web.console.speech import load_names

router = APIRouter()


@router.get("/messages")
def show(page: OwnPage, state: str = "") -> Response:
    """Show the newest messages, of one state if that is chosen; a state nobody knows shows them all."""
    chosen = MessageState(state) if state in tuple(MessageState) else None
    with page.services.db.read() as session:
        names = load_names(session, page.services.book, page.speech)
        rows = message_rows(page.speech, names, messages_of(session, state=chosen))
        inbound = inbound_rows(page.speech, names, take_in.newest(session, LIMIT))
        return page.render(
            "messages.html",
            session,
            rows=rows,
            chosen=chosen,
            states=tuple(MessageState),
            limit=LIMIT,
            inbound=inbound,
            queue=queue.standing(session, page.services.clock.now(), page.services.book.messages),
        )


@router.get("/messages/texts")
def show_texts(page: OwnPage) -> Response:
    """Show every text in both languages, with the alliance's longest names, and in how many parts it goes out."""
    services = page.services
    base = services.public_url.rstrip("/") if services.public_url else None
    tried = list(worst_case.tried(services.book, LANGUAGES, base))
    own = {lang: [row for row in tried if row.lang == lang and row.names == worst_case.Names.OWN] for lang in LANGUAGES}
    too_long = sorted({row.template for row in tried if not row.fits})
    with services.db.read() as session:
        return page.render("message_texts.html", session, own=own, too_long=too_long, most=texts.MAX_SEGMENTS)
