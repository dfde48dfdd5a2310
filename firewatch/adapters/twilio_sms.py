"""Text messages through Twilio."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from firewatch.adapters.twilio_client import DEEPEST_LOOK, PAGE, DirectHttp, client, is_before, translated
from firewatch.messaging.channels import SMS, Accepted, Capabilities, OutcomeUnknown, Outgoing, Received, Seen
from firewatch.messaging.texts import carries, is_of_drill

CODE_MEMORY: Final = timedelta(days=1)
"""How much older than our row a listed message may seem: the provider's clock is not ours."""
DAY: Final = timedelta(days=1)


class TwilioSms:
    """Twilio as a channel. `sender` is an E.164 number or the SID of a messaging service (MG...).

    One account may serve the real service and drills, and the provider lists what is of either: a text that says it is
    a drill's is only a drill's (`of_drill`); what came in for the number `aside`, the drills' own, is not ours.
    """

    name: str = SMS
    can: Capabilities = Capabilities(two_way=True, links=True, free_text=True)

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        sender: str,
        base_url: str | None,
        timeout_seconds: float,
        callback_url: str | None = None,
        of_drill: bool = False,
        aside: str | None = None,
    ) -> None:
        """Make ready; no connection is made before the first message. Receipts are wanted at `callback_url`."""
        self._http = DirectHttp(base_url, timeout_seconds)
        self._messages = client(account_sid, auth_token, self._http).messages
        self._callback_url, self._of_drill, self._aside = callback_url, of_drill, aside
        self._sender = {"messaging_service_sid" if sender.startswith("MG") else "from_": sender}

    def send(self, message: Outgoing) -> Accepted:
        """Create the message at Twilio. Raises NotTaken or OutcomeUnknown."""
        options: dict[str, object] = dict(self._sender)
        if message.valid_seconds is not None:
            options["validity_period"] = message.valid_seconds
        if self._callback_url is not None:  # signed with the rest of the address: nobody else can name a message
            options["status_callback"] = f"{self._callback_url}?message={message.message_id}"
        with translated():
            made = self._messages.create(to=message.to, body=message.body, **options)
        if not isinstance(made.sid, str) or not made.sid:
            raise OutcomeUnknown("unreadable answer")
        return Accepted(made.sid, str(made.status or "accepted"))

    def find(self, to: str, code: str, since: datetime, others: Collection[str]) -> Seen | None:
        """Look through the messages to a number, newest first, for the one that ends with the code."""
        del others  # no other text carries it
        with translated():
            for message in self._messages.stream(to=to, page_size=PAGE, limit=DEEPEST_LOOK):
                if is_before(message.date_created, since - CODE_MEMORY):
                    return None
                body = str(message.body or "")
                if carries(body, code) and is_of_drill(body) == self._of_drill:
                    return _seen(message)
        return None

    def status(self, provider_id: str) -> Seen:
        """Fetch one message. Raises ChannelError."""
        with translated(missing_is_ours=False):
            return _seen(self._messages(provider_id).fetch())

    def received(self, since: datetime) -> list[Received]:
        """List what came in since an instant; the list itself goes by days."""
        to_us = {"to": number} if (number := self._sender.get("from_")) else {}
        found = []
        with translated():
            for message in self._messages.stream(**to_us, date_sent_after=since - DAY, page_size=PAGE):
                came_at: datetime | None = message.date_sent or message.date_created
                if is_before(came_at, since - DAY):
                    break
                mine = message.direction == "inbound" and (self._aside is None or message.to != self._aside)
                if mine and came_at is not None and came_at >= since:
                    found.append(Received(str(message.sid), str(message.from_), str(message.body or ""), came_at))
        return found

    def close(self) -> None:
        """Close the connections; the channel is not used again."""
        self._http.close()


def _seen(message: Any) -> Seen:  # noqa: ANN401 - twilio ships no types
    error = None if message.error_code is None else str(message.error_code)
    return Seen(str(message.sid), str(message.status), error)
