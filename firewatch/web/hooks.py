"""The webhooks of the provider of texts: what people send us, and what has become of what we sent.

They answer 204 as soon as the word is in the database; to a key pressed in a call, with what the call says next.
Without the provider's signature nothing is read, and counted.
"""

from collections.abc import Mapping
from typing import Annotated, Final
from urllib.parse import parse_qs

import structlog
from fastapi import APIRouter, Depends, HTTPException, Request, Response

from firewatch.dispatch import take_in
from firewatch.dispatch.take_in import Inbound
from firewatch.errors import BadInput, NotFound, Refused
from firewatch.messaging import callbacks, twiml
from firewatch.messaging.channels import VOICE, Seen
from firewatch.messaging.models import Message, Taken
from firewatch.web.deps import ServicesDep
from firewatch.web.services import Services

log = structlog.get_logger(__name__)
PREFIX: Final = "/webhooks/twilio"
MAX_BODY_BYTES: Final = 64 * 1024
MAX_ID: Final = 2**31 - 1

router = APIRouter(prefix=PREFIX, include_in_schema=False)


async def _body(request: Request) -> bytes:
    """Return the body, unless it is longer than the provider's ever are."""
    body = await request.body()
    if len(body) > MAX_BODY_BYTES:
        raise HTTPException(413, f"the body is longer than {MAX_BODY_BYTES // 1024} KiB")
    return body


def _signed(request: Request, services: ServicesDep, body: Annotated[bytes, Depends(_body)]) -> Mapping[str, str]:
    """Return the fields of a form that is signed by the provider. Raises NotFound without a provider, and Refused."""
    if services.signature is None:
        raise NotFound(
            "no provider of texts calls here: it takes FIREWATCH_SMS_CHANNEL=twilio and FIREWATCH_PUBLIC_URL"
        )
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    query = request.url.query
    target = request.url.path + (f"?{query}" if query else "")
    if not services.signature(target, fields, request.headers.get("x-twilio-signature", "")):
        hook = request.url.path.removeprefix(f"{PREFIX}/")
        log.warning("callback_refused", hook=hook)
        with services.db.write() as session:
            callbacks.refused(session, services.clock.now(), hook)
        raise Refused("this request does not carry the signature of the provider")
    return {name: values[0].replace("\0", "") for name, values in fields.items()}


Signed = Annotated[Mapping[str, str], Depends(_signed)]


@router.post("/inbound")
def inbound(services: ServicesDep, fields: Signed) -> Response:
    """Take in a text that somebody has sent us; one that breaks us is kept all the same."""
    text = Inbound(_needed(fields, "MessageSid"), _needed(fields, "From"), fields.get("Body", ""))
    take_in.receive(services.db, services.clock, text)
    services.wake()
    return Response(status_code=204)


@router.post("/status")
def status(request: Request, services: ServicesDep, fields: Signed) -> Response:
    """Take in what has become of a text of ours, whose number stands in the address."""
    seen = Seen(_needed(fields, "MessageSid"), _needed(fields, "MessageStatus"), fields.get("ErrorCode") or None)
    return _take(services, seen, request)


@router.post("/call")
def call(request: Request, services: ServicesDep, fields: Signed) -> Response:
    """Take in what has become of a call of ours, whose number stands in the address."""
    return _take(services, Seen(_needed(fields, "CallSid"), _needed(fields, "CallStatus")), request)


@router.post("/key")
def key(request: Request, services: ServicesDep, fields: Signed) -> Response:
    """Take in the key that somebody pressed in a call of ours; it counts as a text of his with the call's code."""
    number, pressed, sid = _message_id(request), fields.get("Digits", ""), _needed(fields, "CallSid")
    with services.db.read() as session:
        message = session.get(Message, number) if number is not None else None
    if message is None or message.channel != VOICE:
        return _spoken(twiml.ending("voice.refused", services.language))
    if pressed != twiml.RECEIVED:
        return _spoken(twiml.asking(message.body, message.lang, key_url(services, message.id or 0)))
    taken = take_in.receive(services.db, services.clock, Inbound(sid, message.to, f"{pressed} {message.code}"))
    services.wake()
    return _spoken(twiml.ending("voice.thanks" if taken is Taken.ANSWER else "voice.refused", message.lang))


def key_url(services: Services, message_id: int) -> str:
    """Return the address that keys pressed in a call go to."""
    return f"{(services.public_url or '').rstrip('/')}{PREFIX}/key?message={message_id}"


def _spoken(said: str) -> Response:
    return Response(said, media_type="text/xml")


def _take(services: Services, seen: Seen, request: Request) -> Response:
    with services.db.write() as session:
        callbacks.take(session, services.clock.now(), seen, _message_id(request), services.book.messages)
    return Response(status_code=204)


def _message_id(request: Request) -> int | None:
    number = request.query_params.get("message", "")
    return int(number) if number.isascii() and number.isdecimal() and int(number) <= MAX_ID else None


def _needed(fields: Mapping[str, str], name: str) -> str:
    value = fields.get(name, "").strip()
    if not value:
        raise BadInput(f"{name}: needed")
    return value
