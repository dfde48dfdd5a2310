from datetime import UTC, datetime

from structlog.testing import capture_logs

from firewatch.adapters.console_sms import ConsoleSms
from firewatch.messaging.channels import Accepted, Outgoing, Seen

PHONE = "+447700900123"


def test_the_log_shows_the_text_and_never_the_number() -> None:
    message = Outgoing(
        message_id=7,
        agency_id="kangle",
        incident_id=3,
        to=PHONE,
        body="【火情】东沟，确认码123456",
        template="sms.report",
        params={},
        code="123456",
        lang="zh",
    )
    channel = ConsoleSms()
    with capture_logs() as lines:
        assert channel.send(message) == Accepted("console-123456", "delivered")
    (line,) = lines
    assert (line["message"], line["agency"], line["code"], line["body"]) == (7, "kangle", "123456", message.body)
    assert PHONE not in str(line)


def test_what_is_on_the_page_has_arrived() -> None:
    channel = ConsoleSms()
    seen = channel.find(PHONE, "123456", datetime(2026, 4, 1, tzinfo=UTC), ())
    assert seen == channel.status("console-123456") == Seen("console-123456", "delivered")
