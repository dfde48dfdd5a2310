"""The page of all messages."""

from fastapi import APIRouter, Response

from firewatch.dispatch import take_in
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
        states = tuple(MessageState)
        return page.render(
            "messages.html", session, rows=rows, chosen=chosen, states=states, limit=LIMIT, inbound=inbound
        )
