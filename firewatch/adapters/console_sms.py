"""The console channel: a message is shown on the console's page and in the log, and never leaves the house."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

import structlog

from firewatch.messaging.channels import SMS, Accepted, Capabilities, Outgoing, Seen

log = structlog.get_logger(__name__)
DELIVERED: Final = "delivered"


class ConsoleSms:
    """Shows messages instead of sending them. The row itself is what the page shows, so it is always delivered."""

    can: Capabilities = Capabilities(two_way=False, links=True, free_text=True)

    def __init__(self, name: str = SMS) -> None:
        """Stand for a channel."""
        self.name = name

    def send(self, message: Outgoing) -> Accepted:
        """Write the text to the log, without the number it is for."""
        log.info(
            self.name,
            message=message.message_id,
            incident=message.incident_id,
            agency=message.agency_id,
            code=message.code,
            body=message.body,
        )
        return Accepted(f"console-{message.code}", DELIVERED)

    def find(self, to: str, code: str, since: datetime, others: Collection[str]) -> Seen | None:
        """Return the message as delivered: it was on the page from the moment its row was written."""
        del to, since, others
        return Seen(f"console-{code}", DELIVERED)

    def status(self, provider_id: str) -> Seen:
        """Return the message as delivered."""
        return Seen(provider_id, DELIVERED)
