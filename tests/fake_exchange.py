"""The telephone exchange of the fake provider: calls that were placed, and what its interface says of them."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime


@dataclass
class Telephoned:
    """A call that was placed."""

    sid: str
    to: str
    twiml: str
    fields: Mapping[str, list[str]]
    at: float
    created_at: datetime


@dataclass
class Exchange:
    """The calls of one account; every attribute may be changed while it runs."""

    account: str
    now: Callable[[], datetime]
    unanswered: dict[str, str] = field(default_factory=dict)
    """Number -> how calls to it end that nobody takes: busy, no-answer."""
    progress_seconds: float = 0.05
    """Between queued, ringing and the end."""
    list_lag_seconds: float = 0.0
    placed: list[Telephoned] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def place(self, fields: Mapping[str, list[str]]) -> dict[str, object]:
        with self._lock:
            sid = f"CA{len(self.placed) + 1:032x}"
            call = Telephoned(sid, fields["To"][0], fields["Twiml"][0], fields, time.monotonic(), self.now())
            self.placed.append(call)
        return self._document(call)

    def one(self, sid: str) -> dict[str, object] | None:
        with self._lock:
            found = next((call for call in self.placed if call.sid == sid), None)
        return None if found is None else self._document(found)

    def listed(self, to: str) -> list[dict[str, object]]:
        """What the list shows of the calls to a number, newest first."""
        newest = time.monotonic() - self.list_lag_seconds
        with self._lock:
            shown = [call for call in reversed(self.placed) if call.to == to and call.at <= newest]
        return [self._document(call) for call in shown]

    def _document(self, call: Telephoned) -> dict[str, object]:
        step = int((time.monotonic() - call.at) / self.progress_seconds) if self.progress_seconds else 2
        status = ("queued", "ringing", self.unanswered.get(call.to, "completed"))[min(step, 2)]
        return {
            "sid": call.sid,
            "account_sid": self.account,
            "to": call.to,
            "from": call.fields["From"][0],
            "status": status,
            "direction": "outbound-api",
            "date_created": format_datetime(call.created_at),
            "date_updated": format_datetime(call.created_at),
            "start_time": None if status == "queued" else format_datetime(call.created_at),
            "uri": f"/2010-04-01/Accounts/{self.account}/Calls/{call.sid}.json",
        }
