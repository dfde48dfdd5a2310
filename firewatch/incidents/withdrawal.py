"""What was said of a fire or an order is taken back: what is due no more goes out, who was told is told again."""

from datetime import datetime

from sqlmodel import Session, col, select

from firewatch.agencies.models import Contact
from firewatch.messaging import outbox
from firewatch.messaging.models import Message, MessageState, SubjectKind

REVISION = 2
"""Of the texts that take something back; what they take back is the first."""


def withdraw(session: Session, now: datetime, kind: SubjectKind, subject_id: int) -> list[Contact]:
    """Supersede the texts of a subject that are still due; return, by id, who was told all the same, or may have been.

    What is on its way is not ours to take back: its reader has to hear the end of it.
    """
    outbox.supersede(session, now, subject_kind=kind, subject_id=subject_id, before_revision=REVISION)
    told = select(Message.contact_id).where(
        Message.subject_kind == kind,
        Message.subject_id == subject_id,
        Message.revision < REVISION,
        Message.state != MessageState.SUPERSEDED,
    )
    return list(session.exec(select(Contact).where(Contact.active, col(Contact.id).in_(told)).order_by(Contact.id)))
