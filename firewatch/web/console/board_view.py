"""Who knows of a fire: every agency and its people, how far the word has got with each, and what holds it up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from firewatch.agencies.models import Contact
from firewatch.dispatch.models import Order, OrderState
from firewatch.incidents.models import AgencyNotice
from firewatch.messaging.models import Message, MessageState, SubjectKind
from firewatch.messaging.transitions import UNFINISHED
from firewatch.web.console.speech import Names, Speech

TROUBLE = (MessageState.UNKNOWN, MessageState.UNDELIVERABLE, MessageState.DEAD)
ACCEPTED = frozenset({OrderState.ACKNOWLEDGED, OrderState.EN_ROUTE, OrderState.ON_SCENE, OrderState.RELEASED})
"""An order in one of these was taken on by its agency."""


@dataclass(frozen=True)
class PersonRow:
    """Somebody who was told, and how far the newest text to him has got."""

    contact_id: str
    name: str
    role: str
    texts: int
    queued_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    held: str
    """Why the newest is not through; empty: it is."""


@dataclass(frozen=True)
class BoardRow:
    """How far the word has got at one agency: queued, sent, delivered, acknowledged, accepted are five things."""

    agency: str
    notice: AgencyNotice
    queued_at: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None
    accepted: int
    orders: int
    trouble: Sequence[MessageState]
    people: Sequence[PersonRow]
    others: Sequence[tuple[str, str]]
    """Ids and names of those of the agency who may be asked."""


def board(
    speech: Speech,
    names: Names,
    notices: Sequence[AgencyNotice],
    messages: Sequence[Message],
    orders: Sequence[Order],
    people: Mapping[str, Sequence[Contact]],
) -> list[BoardRow]:
    """Put it all together by agency; those who have not acknowledged come first. `people` are by agency."""
    texts = [message for message in messages if message.subject_kind == SubjectKind.INCIDENT]
    found = [
        _row(
            speech,
            names,
            notice,
            [message for message in texts if message.agency_id == notice.agency_id],
            [order for order in orders if order.agency_id == notice.agency_id],
            people.get(notice.agency_id, ()),
        )
        for notice in notices
    ]
    return sorted(found, key=lambda row: (row.notice.acknowledged_at is not None, row.agency))


def _row(
    speech: Speech,
    names: Names,
    notice: AgencyNotice,
    texts: Sequence[Message],
    orders: Sequence[Order],
    people: Sequence[Contact],
) -> BoardRow:
    delivered = [each.finished_at for each in texts if each.state == MessageState.DELIVERED and each.finished_at]
    roles = {person.id: speech.word("contact_role", person.role) for person in people}
    told = dict.fromkeys(each.contact_id for each in sorted(texts, key=lambda each: each.id or 0))
    return BoardRow(
        agency=names.agency(notice.agency_id),
        notice=notice,
        queued_at=min((each.created_at for each in texts), default=None),
        sent_at=min((each.handed_over_at for each in texts if each.handed_over_at), default=None),
        delivered_at=min(delivered, default=None),
        accepted=sum(order.state in ACCEPTED for order in orders),
        orders=len(orders),
        trouble=sorted({each.state for each in texts if each.state in TROUBLE}),
        people=[
            _person(speech, names, [each for each in texts if each.contact_id == contact], roles.get(contact or "", ""))
            for contact in told
        ],
        others=[(person.id, f"{names.contact(person.id)} · {roles[person.id]}") for person in people],
    )


def _person(speech: Speech, names: Names, texts: Sequence[Message], role: str) -> PersonRow:
    """Tell of the newest text to a person; `texts` are all to him, at least one."""
    ordered = sorted(texts, key=lambda each: each.id or 0)
    newest = ordered[-1]
    return PersonRow(
        contact_id=newest.contact_id or "",
        name=names.contact(newest.contact_id or ""),
        role=role,
        texts=len(ordered),
        queued_at=newest.created_at,
        sent_at=newest.handed_over_at,
        delivered_at=newest.finished_at if newest.state == MessageState.DELIVERED else None,
        held=_held(speech, newest, ordered[:-1]),
    )


def _held(speech: Speech, newest: Message, earlier: Sequence[Message]) -> str:
    """Say in words why a text is not through; empty where it is, or is just being sent."""
    if newest.state == MessageState.DUE:
        if any(message.state in UNFINISHED for message in earlier):
            return speech.t("board.held.older")
        if newest.due_at > speech.now:
            key = "board.held.again" if newest.failures else "board.held.later"
            return speech.t(key, time=speech.clock(newest.due_at), failures=newest.failures)
        return speech.t("board.held.queue", age=speech.age(newest.due_at))
    if newest.state == MessageState.UNKNOWN:
        return speech.t("board.held.unknown")
    if newest.state == MessageState.HELD:
        return speech.t("board.held.drill")
    if newest.state in {MessageState.UNDELIVERABLE, MessageState.DEAD}:
        return speech.t("board.held.failed", state=speech.word("message_state", newest.state))
    if newest.state == MessageState.HANDED_OVER and newest.handed_over_at:
        return speech.t("board.held.no_receipt", age=speech.age(newest.handed_over_at))
    return ""
