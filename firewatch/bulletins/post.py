"""What goes to a subscriber, written when it is sent: who has left gets nothing, and what is replaced is not told."""

from sqlmodel import Session

from firewatch.bulletins import digest, extract
from firewatch.messaging.channels import EMAIL, NotTaken, Outgoing
from firewatch.messaging.models import Message, SubjectKind
from firewatch.messaging.transitions import FailureKind
from firewatch.subscribers import post


def write(session: Session, message: Message, base: str | None) -> Outgoing:
    """Write a message to a subscriber, with links below `base` if there is one. Raises NotTaken."""
    if message.subject_kind is not SubjectKind.BULLETIN:
        return post.code_message(session, message, base)
    reader, document = post.reader(session, message), digest.version_of(session, message)
    if document is None:
        raise NotTaken(FailureKind.TEXT, None, "a newer version took its place")
    if message.channel != EMAIL:
        return post.outgoing(message, message.body)
    leave = post.page_of(reader, base) if base else None
    body, letter = extract.letter(extract.extract(document, reader.zones), message.lang, base, leave)
    return post.outgoing(message, body, letter)
