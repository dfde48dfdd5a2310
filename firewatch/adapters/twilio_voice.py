"""Telephone calls through Twilio: the text is read out and a key is asked for."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from firewatch.adapters.twilio_client import DEEPEST_LOOK, PAGE, DirectHttp, client, is_before, translated
from firewatch.messaging import twiml
from firewatch.messaging.channels import VOICE, Accepted, Capabilities, OutcomeUnknown, Outgoing, Seen

RING_SECONDS: Final = 40
SKEW: Final = timedelta(minutes=2)
"""How much older than our row a listed call may seem: the provider's clock is not ours."""
EVENTS: Final = ["initiated", "ringing", "answered", "completed"]


class TwilioVoice:
    """Twilio's calls as a channel. `caller` is an E.164 number; keys and receipts come to addresses below `hooks`."""

    name: str = VOICE
    can: Capabilities = Capabilities(two_way=True, links=False, free_text=True)

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        caller: str,
        base_url: str | None,
        timeout_seconds: float,
        hooks: str,
    ) -> None:
        """Make ready; no connection is made before the first call."""
        self._http = DirectHttp(base_url, timeout_seconds)
        self._calls = client(account_sid, auth_token, self._http).calls
        self._caller, self._hooks = caller, hooks

    def send(self, message: Outgoing) -> Accepted:
        """Place the call. Raises NotTaken or OutcomeUnknown."""
        ours = f"?message={message.message_id}"  # signed with the rest of the address: nobody else can name a call
        with translated():
            made = self._calls.create(
                to=message.to,
                from_=self._caller,
                twiml=twiml.asking(message.body, message.lang, f"{self._hooks}/key{ours}"),
                timeout=RING_SECONDS,
                status_callback=f"{self._hooks}/call{ours}",
                status_callback_event=EVENTS,
            )
        if not isinstance(made.sid, str) or not made.sid:
            raise OutcomeUnknown("unreadable answer")
        return Accepted(made.sid, str(made.status or "queued"))

    def find(self, to: str, code: str, since: datetime, others: Collection[str]) -> Seen | None:
        """Look through the calls to a number, newest first, for one of that time that is no other message's."""
        del code  # it is spoken, and the list shows nothing of that
        with translated():
            # Not by the time it began, which a call that waits has none of.
            for call in self._calls.stream(to=to, from_=self._caller, page_size=PAGE, limit=DEEPEST_LOOK):
                if is_before(call.date_created, since - SKEW):
                    return None
                if call.sid not in others:
                    return _seen(call)
        return None

    def status(self, provider_id: str) -> Seen:
        """Fetch one call. Raises ChannelError."""
        with translated(missing_is_ours=False):
            return _seen(self._calls(provider_id).fetch())

    def close(self) -> None:
        """Close the connections; the channel is not used again."""
        self._http.close()


def _seen(call: Any) -> Seen:  # noqa: ANN401 - twilio ships no types
    return Seen(str(call.sid), str(call.status))
