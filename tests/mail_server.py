"""A mail server with a memory, over real SMTP on a free port: takes letters, or answers what it is told to."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"
USER, PASSWORD = "firewatch", "mail-password-of-a-test"


@dataclass
class MailHouse:
    """What the server got, and how it answers: `rcpt` and `data` in place of yes, the connection cut where told."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    tries: int = 0
    rcpt: str = ""
    data: str = ""
    cut_before_answer: bool = False
    cut_at_rcpt: bool = False
    secured: list[bool] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.tries += 1
        if self.cut_at_rcpt:
            cut(server)
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.data:
            return self.data
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=default)
        assert isinstance(letter, EmailMessage)
        assert letter["To"] in envelope.rcpt_tos
        self.letters.append(letter)
        self.raw.append(envelope.content)
        self.secured.append(session.ssl is not None)
        if self.cut_before_answer:
            cut(server)
        return "250 2.0.0 taken"

    def to(self, address: str) -> list[EmailMessage]:
        """The letters to an address, the oldest first."""
        return [letter for letter in self.letters if letter["To"] == address]


def cut(server: SMTP) -> None:
    """End the connection as a broken line does."""
    assert isinstance(server.transport, asyncio.WriteTransport)
    server.transport.abort()


def plain(letter: EmailMessage) -> str:
    """The plain text of a letter."""
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html(letter: EmailMessage) -> str:
    """The HTML of a letter."""
    part = letter.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _knows(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=right)


@contextmanager
def mail_house(**options: object) -> Iterator[MailHouse]:
    """A server that runs; `options` are aiosmtpd's."""
    house = MailHouse(port=free_port())
    controller = Controller(house, hostname=HOST, port=house.port, **options)  # type: ignore[arg-type]  # checked by aiosmtpd
    controller.start()
    try:
        yield house
    finally:
        controller.stop()


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A self-made certificate of this machine: the server's context, and the file that makes it trusted."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    file = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    return context, file


def signed_in_only(context: ssl.SSLContext) -> dict[str, object]:
    """The options of a server that wants a secured line and a password."""
    return {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": _knows}
