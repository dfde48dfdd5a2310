"""What the person who got a text answers to it: received, coming, cannot, there, released.

A text is known by its code together with the last digits of the number it went to: what stands in a text that somebody
else reads over a shoulder is not enough to answer for its owner.
"""

from collections.abc import Mapping
from typing import Final

from sqlmodel import Session, col, select

from firewatch.clock import Clock
from firewatch.dispatch import orders
from firewatch.dispatch.models import Order, OrderState
from firewatch.errors import BadInput, Conflict, NotFound
from firewatch.incidents import lifecycle, notices
from firewatch.incidents.models import AgencyNotice, Incident
from firewatch.messaging import comms_tests
from firewatch.messaging.models import Message, SubjectKind
from firewatch.messaging.outbox import to_the_alliance
from firewatch.messaging.replies import Answer

__all__ = ["Answer", "by_link", "choices", "find", "get", "give"]

DIGITS: Final = 4
"""How many of a number's last digits its owner gives."""
CONTACT: Final = "contact:"
"""Prefix of a contact's id where the record says who did something."""


STATES: Final[Mapping[Answer, OrderState]] = {
    Answer.RECEIVED: OrderState.ACKNOWLEDGED,
    Answer.COMING: OrderState.EN_ROUTE,
    Answer.DECLINED: OrderState.DECLINED,
    Answer.ON_SCENE: OrderState.ON_SCENE,
    Answer.RELEASED: OrderState.RELEASED,
}
"""The state that an answer takes an order to."""


def find(session: Session, code: str, last_digits: str) -> Message:
    """Return the newest message with a code that went to a number with those last digits. Raises NotFound."""
    if len(last_digits) == DIGITS and code:
        to = col(Message.to).endswith(last_digits, autoescape=True)
        sent = select(Message).where(Message.code == code, to, to_the_alliance())
        found = session.exec(sent.order_by(col(Message.id).desc()).limit(1)).first()
        if found is not None:
            return found
    raise NotFound("no text with this code went to a number with these last digits")


def by_link(session: Session, token: str) -> Message:
    """Return the message whose text carried a link. Raises NotFound, also once its fire or its test is over."""
    found = session.exec(select(Message).where(Message.link_token == token)).first()
    if found is not None and comms_tests.is_open(session, found):
        return found
    if found is None or found.incident_id is None:
        raise NotFound("no text carried this link")
    if session.get_one(Incident, found.incident_id).state in lifecycle.ENDED:
        raise NotFound("the fire that this link was for is over")
    return found


def get(session: Session, message_id: int) -> Message:
    """Return a message that was found."""
    return session.get_one(Message, message_id)


def choices(session: Session, message: Message) -> list[Answer]:
    """Return what may be answered to a message now; nothing where it only tells something, or all is answered."""
    if message.subject_kind == SubjectKind.ORDER:
        order = session.get_one(Order, message.subject_id)
        return [answer for answer, state in STATES.items() if state in orders.NEXT[order.state]]
    if (asked := comms_tests.person_of(session, message)) is not None:
        return [Answer.RECEIVED] if asked.acknowledged_at is None else []
    notice = _notice(session, message)
    return [Answer.RECEIVED] if notice is not None and notice.acknowledged_at is None else []


def give(session: Session, clock: Clock, message: Message, answer: Answer, reason: str | None = None) -> None:
    """Put an answer on record and carry it out. Who answers an order knows of its fire.

    The same answer again changes nothing. Raises Conflict for one that is too late, BadInput for a refusal without a
    reason.
    """
    by = CONTACT + (message.contact_id or "")
    if message.subject_kind == SubjectKind.ORDER:
        order = session.get_one(Order, message.subject_id)
        if order.state != STATES[answer]:
            if answer is Answer.DECLINED and not (reason or "").strip():
                raise BadInput("reason: say why the order is declined")
            orders.advance(session, clock, message.subject_id, STATES[answer], by, reason)
    elif answer is not Answer.RECEIVED:
        raise Conflict("this text can only be answered with received")
    comms_tests.acknowledge(session, clock, message)
    notice = _notice(session, message)
    if notice is not None:
        notices.acknowledge(session, clock, notice.incident_id, notice.agency_id, by)


def _notice(session: Session, message: Message) -> AgencyNotice | None:
    """Return the agency's notice of the fire that a message is about; None where the fire is over."""
    if message.incident_id is None or message.subject_kind not in (SubjectKind.INCIDENT, SubjectKind.ORDER):
        return None
    if session.get_one(Incident, message.incident_id).state in lifecycle.ENDED:
        return None
    mine = (AgencyNotice.incident_id == message.incident_id, AgencyNotice.agency_id == message.agency_id)
    return session.exec(select(AgencyNotice).where(*mine)).first()
