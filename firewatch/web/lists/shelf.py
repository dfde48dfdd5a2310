"""All lists by name."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from firewatch.errors import NotFound
from firewatch.web.lists import danger, ground, incidents, messages, owned, people, service
from firewatch.web.lists.listing import Listing
from firewatch.web.lists.reader import Reader

LISTS: Final[Mapping[str, Callable[[Reader], Listing[Any]]]] = {
    "incidents": incidents.listing,
    "resources": owned.listing,
    "agencies": people.agencies,
    "contacts": people.contacts,
    "zones": ground.zones,
    "grades": danger.grades,
    "warnings": danger.warnings,
    "bulletins": danger.bulletins,
    "hotspots": ground.hotspots,
    "closures": ground.closures,
    "messages": messages.outgoing,
    "inbound": messages.incoming,
    "alarms": service.alarms,
    "jobs": service.runs,
    "answers": service.answers,
}
PUBLIC: Final = frozenset({"bulletins"})
"""Lists that anybody may read, like what is in them."""


def find(name: str, reader: Reader) -> Listing[Any]:
    """Return a list. Raises NotFound."""
    made = LISTS.get(name)
    if made is None:
        raise NotFound(f"there is no list {name!r}: there are {', '.join(LISTS)}")
    return made(reader)
