"""What confirms or ends a subscription, written when it is sent: its code and its link are kept nowhere."""

from collections.abc import Mapping
from typing import Final

from sqlmodel import Session

from firewatch import i18n
from firewatch.messaging import texts
from firewatch.messaging.channels import SMS, Letter, NotTaken, Outgoing
from firewatch.messaging.models import Message
from firewatch.messaging.transitions import FailureKind
from firewatch.subscribers import letters, tokens
from firewatch.subscribers.consent import number_of
from firewatch.subscribers.models import Subscription, SubscriptionState

PAGE: Final = "/bulletins/subscription/"
FORM: Final = "/bulletins/subscribe"


def reader(session: Session, message: Message) -> Subscription:
    """Return the subscription that a message is for. Raises NotTaken when it has ended meanwhile."""
    row = session.get(Subscription, message.subscription_id)
    if row is None or row.state is SubscriptionState.ENDED:
        raise NotTaken(FailureKind.TEXT, None, "the subscription has ended")
    return row


def page_of(row: Subscription, base: str) -> str:
    """Return the address below `base` where a subscription is confirmed and ended."""
    return f"{base}{PAGE}{tokens.token(number_of(row), row.key)}?lang={row.lang}"


def code_message(session: Session, message: Message, base: str | None) -> Outgoing:
    """Write the message that carries a code. Raises NotTaken."""
    row = reader(session, message)
    given = {**message.params, "pin": tokens.code(number_of(row), row.key, message.revision)}
    if message.channel == SMS:
        return outgoing(message, texts.render(message.template, message.lang, given, message.code or ""))
    blocks = list(_blocks(message, given, page_of(row, base) if base else None))
    subject = i18n.text(row.lang, f"mail.{_deed(message)}_subject", **given)
    body = letters.plain(row.lang, blocks)
    return outgoing(message, body, letters.letter(row.lang, subject, blocks))


def outgoing(message: Message, body: str, letter: Letter | None = None) -> Outgoing:
    """Return a message to a subscriber as its channel needs it."""
    return Outgoing(
        message_id=message.id or 0,
        agency_id=None,
        incident_id=None,
        to=message.to,
        body=body,
        template=message.template,
        params=message.params,
        code=message.code or "",
        lang=message.lang,
        valid_seconds=texts.TEMPLATES[message.template].valid_seconds,
        letter=letter,
    )


def _deed(message: Message) -> str:
    return message.template.removeprefix("sms.")


def _blocks(message: Message, given: Mapping[str, str], link: str | None) -> list[letters.Block]:
    lang, deed = message.lang, _deed(message)
    blocks: list[letters.Block] = [letters.Paragraph(i18n.text(lang, f"mail.{deed}", **given))]
    if link:
        blocks.append(letters.Link(i18n.text(lang, f"mail.{deed}_link"), link))
    blocks.append(letters.Paragraph(i18n.text(lang, "mail.code", **given)))
    blocks.append(letters.Paragraph(i18n.text(lang, "mail.not_you")))
    return blocks
