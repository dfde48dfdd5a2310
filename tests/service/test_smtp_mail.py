"""Letters over real SMTP: what a server says, where the line breaks, how it is secured, and what becomes of each."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from firewatch.adapters.smtp_mail import MailServer, SmtpMail
from firewatch.clock import FixedClock
from firewatch.messaging.channels import Letter, NotTaken, OutcomeUnknown, Outgoing
from firewatch.messaging.transitions import FailureKind
from tests.mail_server import (
    HOST,
    PASSWORD,
    USER,
    MailHouse,
    certificate,
    free_port,
    html,
    mail_house,
    plain,
    signed_in_only,
)

TO = "villager.a@example.org"
LEAVE = "https://firewatch.example/bulletins/subscription/1234567-aaaaaaaaaaaaaaaaaaaaaa?lang=zh"
LETTER = Letter(
    subject="火险公报 4月2日：最高4级（高度危险），全州各区县" * 2, html="<p>等级</p>", lang="zh", leave=LEAVE
)


def letter(**given: object) -> Outgoing:
    values: dict[str, object] = {
        "message_id": 7,
        "agency_id": None,
        "incident_id": None,
        "to": TO,
        "body": "等级：4级\n",
        "template": "mail.digest",
        "params": {},
        "code": "123456",
        "lang": "zh",
        "letter": LETTER,
    }
    return Outgoing(**{**values, **given})  # type: ignore[arg-type]  # checked by the channel


def channel(port: int, clock: FixedClock, **given: object) -> SmtpMail:
    values: dict[str, object] = {"host": HOST, "port": port, "security": "none", "sender": "bulletin@example.org"}
    return SmtpMail(MailServer(**{**values, **given}), clock, timeout_seconds=5)  # type: ignore[arg-type]  # as above


@pytest.fixture
def house() -> Iterator[MailHouse]:
    with mail_house() as made:
        yield made


def test_a_letter_arrives_as_it_was_written(house: MailHouse, clock: FixedClock) -> None:
    mail = channel(house.port, clock)
    taken = mail.send(letter())
    [got] = house.letters
    assert (plain(got).strip(), html(got).strip()) == ("等级：4级", "<p>等级</p>")
    assert got["Subject"] == LETTER.subject
    assert got["List-Unsubscribe"].strip() == f"<{LEAVE}>"
    assert got["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert got["Message-ID"] == taken.provider_id == "<fw7.123456@example.org>"
    assert got["Date"].datetime == clock.now()
    assert (got["Auto-Submitted"], got["Content-Language"]) == ("auto-generated", "zh")
    assert f"<{LEAVE}>".encode() in house.raw[0], "programs read the header as it stands"
    assert all(len(line) <= 998 and line.isascii() for line in house.raw[0].splitlines())
    assert taken.status == mail.status(taken.provider_id).status == "sent"
    assert mail.find(TO, "123456", clock.now() - timedelta(hours=1), []) is None, "a mail server keeps no list"


def test_without_a_public_address_there_is_nothing_to_click(house: MailHouse, clock: FixedClock) -> None:
    channel(house.port, clock).send(letter(letter=Letter(subject="s", html="<p></p>", lang="en")))
    assert "List-Unsubscribe" not in house.letters[0]
    with pytest.raises(NotTaken, match="no letter"):
        channel(house.port, clock).send(letter(letter=None))


@pytest.mark.parametrize(
    ("at", "answer", "kind", "reason", "outage"),
    [
        ("rcpt", "451 4.7.1 greylisted, try again", FailureKind.TRANSIENT, "smtp rcpt 451 4.7.1", False),
        ("rcpt", "550 5.1.1 no such user <villager.a@example.org>", FailureKind.NUMBER, "smtp rcpt 550 5.1.1", False),
        ("rcpt", "550 nobody here", FailureKind.NUMBER, "smtp rcpt 550", False),
        ("rcpt", "552 5.2.2 mailbox full", FailureKind.ROUTE, "smtp rcpt 552 5.2.2", False),
        ("rcpt", "421 closing", FailureKind.TRANSIENT, "smtp rcpt 421", True),
        ("data", "451 busy", FailureKind.TRANSIENT, "smtp data 451", False),
        ("data", "554 5.7.1 looks like spam", FailureKind.FILTERED, "smtp data 554 5.7.1", False),
        ("data", "599 who knows", FailureKind.FILTERED, "smtp data 599", False),
    ],
)
def test_what_a_server_says_is_understood_and_not_repeated(
    house: MailHouse, clock: FixedClock, at: str, answer: str, kind: FailureKind, reason: str, outage: bool
) -> None:
    setattr(house, at, answer)
    with pytest.raises(NotTaken) as said:
        channel(house.port, clock).send(letter())
    assert (said.value.kind, said.value.reason, said.value.outage) == (kind, reason, outage)
    assert "villager" not in str(said.value)
    assert not house.letters


def test_a_line_that_breaks_before_the_letter_took_nothing(house: MailHouse, clock: FixedClock) -> None:
    house.cut_at_rcpt = True
    with pytest.raises(NotTaken) as said:
        channel(house.port, clock).send(letter())
    assert said.value.outage
    with pytest.raises(NotTaken) as refused:
        channel(free_port(), clock).send(letter())
    assert (refused.value.kind, refused.value.outage) == (FailureKind.TRANSIENT, True)


def test_a_line_that_breaks_after_the_letter_leaves_it_in_doubt(house: MailHouse, clock: FixedClock) -> None:
    house.cut_before_answer = True
    with pytest.raises(OutcomeUnknown):
        channel(house.port, clock).send(letter())
    assert len(house.letters) == 1


def test_a_secured_line_needs_a_certificate_that_is_trusted(tmp_path: Path, clock: FixedClock) -> None:
    context, trusted = certificate(tmp_path)
    with mail_house(tls_context=context, require_starttls=True) as house:
        with pytest.raises(NotTaken) as said:
            channel(house.port, clock, security="starttls").send(letter())
        assert (said.value.kind, said.value.reason) == (FailureKind.OURS, "SSLCertVerificationError")
        channel(house.port, clock, security="starttls", ca_file=trusted).send(letter())
        assert house.secured == [True]
        with pytest.raises(NotTaken) as in_clear:
            channel(house.port, clock).send(letter())
        assert in_clear.value.kind is FailureKind.OURS
    with mail_house(ssl_context=context) as house:
        channel(house.port, clock, security="tls", ca_file=trusted).send(letter())
        assert len(house.letters) == 1


def test_a_server_that_cannot_secure_the_line_gets_nothing(house: MailHouse, clock: FixedClock) -> None:
    with pytest.raises(NotTaken) as said:
        channel(house.port, clock, security="starttls").send(letter())
    assert (said.value.kind, said.value.reason) == (FailureKind.OURS, "SMTPNotSupportedError")
    assert house.tries == 0


def test_signing_in(tmp_path: Path, clock: FixedClock) -> None:
    context, trusted = certificate(tmp_path)
    with mail_house(**signed_in_only(context)) as house:
        secured = {"security": "starttls", "ca_file": trusted, "user": USER}
        right = channel(house.port, clock, password=PASSWORD, **secured)
        right.probe()
        assert house.tries == 0
        right.send(letter())
        wrong = channel(house.port, clock, password="wrong", **secured)
        for attempt in (wrong.probe, lambda: wrong.send(letter())):
            with pytest.raises(NotTaken) as said:
                attempt()
            assert said.value.kind is FailureKind.OURS
            assert said.value.reason.startswith("smtp login 535")
        assert "wrong" not in repr(wrong.server)
        assert len(house.letters) == 1
