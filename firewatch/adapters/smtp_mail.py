"""E-mail over SMTP, by the standard library: one session for a letter, cut off where it hangs, its end never guessed.

Whatever happens before the letter is given over is known not to have been taken. Once its text is on the wire a
connection that ends may mean either: that is `OutcomeUnknown`. A mail server keeps no list that could be asked, so what
is in doubt is sent once more, under the same Message-ID, by which mailboxes know a double.
"""

import smtplib
import ssl
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP, compat32
from email.utils import format_datetime
from pathlib import Path
from typing import Final, Literal

from firewatch.clock import Clock
from firewatch.messaging.channels import EMAIL, Accepted, Capabilities, NotTaken, OutcomeUnknown, Outgoing, Seen
from firewatch.messaging.smtp_replies import kind_of, reason
from firewatch.messaging.transitions import FailureKind

SENT: Final = "sent"
"""The server has taken it: what becomes of it after that comes, if at all, as a letter to the sender."""
HEADERS: Final = SMTP.clone(cte_type="7bit")
"""Every server takes it."""
ON_THE_WIRE: Final = compat32.clone(linesep="\r\n")
"""The newer policy would write a long address in encoded words, which no mail program looks for a link in."""
GOING: Final = 421
"""The server ends the session: it is the server that is away, not the letter that is refused."""


@dataclass(frozen=True)
class MailServer:
    """How to reach a mail server and in whose name."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    """Certificates to trust in place of the system's."""


class SmtpMail:
    """A mail server as a channel."""

    name: str = EMAIL
    can: Capabilities = Capabilities(two_way=False, links=True, free_text=True, lists=False)

    def __init__(self, server: MailServer, clock: Clock, timeout_seconds: float) -> None:
        """Make ready; no connection is made before the first letter."""
        self.server, self.clock, self.timeout = server, clock, timeout_seconds

    def send(self, message: Outgoing) -> Accepted:
        """Give a letter over. Raises NotTaken or OutcomeUnknown."""
        written = self._written(message)
        with self._session() as smtp:
            try:
                _step("mail", smtp.mail(self.server.sender))
                _step("rcpt", smtp.rcpt(message.to))
            except (OSError, smtplib.SMTPException) as error:
                raise _fault(error) from None
            try:
                reply = smtp.data(written.as_bytes(policy=ON_THE_WIRE))
            except smtplib.SMTPDataError as error:
                raise _refusal("data", error.smtp_code, error.smtp_error) from None
            except (OSError, smtplib.SMTPException) as error:
                raise OutcomeUnknown(type(error).__name__) from None
            _step("data", reply)
        return Accepted(str(written["Message-ID"]), SENT)

    def find(self, to: str, code: str, since: datetime, others: Collection[str]) -> Seen | None:
        """Return that it is not in the list: there is none."""
        del to, code, since, others
        return None

    def status(self, provider_id: str) -> Seen:
        """Return what was said when it was taken: nothing more is."""
        return Seen(provider_id, SENT)

    def probe(self) -> None:
        """Go as far as a letter's first word, and no further. Raises NotTaken."""
        with self._session():
            pass

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        smtp = self._opened()
        try:
            yield smtp
        finally:
            with suppress(OSError, smtplib.SMTPException):
                smtp.quit()
            smtp.close()

    def _opened(self) -> smtplib.SMTP:
        """Connect, secure and sign in. Raises NotTaken."""
        smtp: smtplib.SMTP | None = None
        try:
            smtp = self._connected()
            self._signed_in(smtp)
        except NotTaken:
            _hang_up(smtp)
            raise
        except (OSError, smtplib.SMTPException) as error:
            _hang_up(smtp)
            raise _fault(error) from None
        return smtp

    def _connected(self) -> smtplib.SMTP:
        server = self.server
        context = None if server.security == "none" else ssl.create_default_context(cafile=server.ca_file)
        if server.security == "tls":
            return smtplib.SMTP_SSL(server.host, server.port, timeout=self.timeout, context=context)
        smtp = smtplib.SMTP(server.host, server.port, timeout=self.timeout)
        if server.security == "starttls":
            try:
                smtp.starttls(context=context)
            except BaseException:
                _hang_up(smtp)
                raise
        return smtp

    def _signed_in(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo_or_helo_if_needed()
        if self.server.user is not None:
            smtp.login(self.server.user, self.server.password or "")

    def _written(self, message: Outgoing) -> EmailMessage:
        """Return the letter with its headers. Raises NotTaken for a message that is none."""
        letter = message.letter
        if letter is None:
            raise NotTaken(FailureKind.TEXT, None, "no letter")
        written = EmailMessage(policy=HEADERS)
        written["From"] = self.server.sender
        written["To"] = message.to
        written["Subject"] = letter.subject
        written["Date"] = format_datetime(self.clock.now())
        domain = self.server.sender.rpartition("@")[2]
        written["Message-ID"] = f"<fw{message.message_id}.{message.code}@{domain}>"
        written["Auto-Submitted"] = "auto-generated"
        if letter.leave:
            written["List-Unsubscribe"] = f"<{letter.leave}>"
            written["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        written.set_content(message.body)
        written.add_alternative(letter.html, subtype="html")
        written["Content-Language"] = letter.lang
        return written


def _hang_up(smtp: smtplib.SMTP | None) -> None:
    if smtp is not None:
        smtp.close()


def _step(stage: str, reply: tuple[int, bytes]) -> None:
    """Go on after a good reply. Raises NotTaken after any other."""
    if not 200 <= reply[0] < 300:
        raise _refusal(stage, *reply)


def _refusal(stage: str, reply: int, text: bytes | str) -> NotTaken:
    said = reason(stage, reply, text if isinstance(text, str) else text.decode("utf-8", "replace"))
    return NotTaken(kind_of(said) or FailureKind.TRANSIENT, str(reply), said, outage=reply == GOING)


def _fault(error: Exception) -> NotTaken:
    """Return what an error comes to before anything was given over."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _refusal("login", error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPConnectError):
        return _refusal("connect", error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPResponseException):
        return _refusal("hello", error.smtp_code, error.smtp_error)
    if isinstance(error, (smtplib.SMTPNotSupportedError, ssl.SSLCertVerificationError)):
        return NotTaken(FailureKind.OURS, None, type(error).__name__)
    return NotTaken(FailureKind.TRANSIENT, None, type(error).__name__, outage=True)
