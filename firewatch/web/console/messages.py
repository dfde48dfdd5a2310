"""The page of all messages, and the page of what each text looks like when it is as long as it gets."""

from typing import Final

from fastapi import APIRouter, Response

from firewatch.dispatch import take_in
from firewatch.i18n import LANGUAGES
from firewatch.messaging import queue, texts, worst_case
from firewatch.subscribers import figures
from firewatch.web.console.message_view import inbound_rows, message_rows
from firewatch.web.console.page import OwnPage
from firewatch.web.lists import messages, view
from firewatch.web.lists.listing import Asked
from firewatch.web.lists.reader import Reader

router = APIRouter()
NEWEST: Final = 20
"""Texts that came in, of which the page shows only the last: their own list has them all."""


@router.get("/messages")
def show(page: OwnPage) -> Response:
    """Show a page of the messages, and the newest texts that came in."""
    asked = Asked.of(page.request.query_params)
    with page.services.db.read() as session:
        reader = Reader.of(session, page)
        seen = view.look(messages.outgoing(reader), asked, page.speech)
        return page.render(
            "messages.html",
            session,
            view=seen,
            rows=message_rows(page.speech, reader.names, seen.rows),
            inbound=inbound_rows(page.speech, reader.names, take_in.newest(session, NEWEST)),
            subscribers=figures.sending(session, page.services.clock.now()),
            queue=queue.standing(session, page.services.clock.now(), page.services.book.messages),
        )


@router.get("/messages/texts")
def show_texts(page: OwnPage) -> Response:
    """Show every text in both languages, with the alliance's longest names, and in how many parts it goes out."""
    services = page.services
    base = services.public_url.rstrip("/") if services.public_url else None
    tried = list(worst_case.tried(services.book, LANGUAGES, base, drill=services.drill is not None))
    own = {lang: [row for row in tried if row.lang == lang and row.names == worst_case.Names.OWN] for lang in LANGUAGES}
    too_long = sorted({row.template for row in tried if not row.fits})
    with services.db.read() as session:
        return page.render("message_texts.html", session, own=own, too_long=too_long, most=texts.MAX_SEGMENTS)
