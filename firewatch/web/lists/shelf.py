"""All lists by name."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from firewatch.errors import NotFound
from firewatch.web.lists import incidents, messages
from firewatch.web.lists.listing import Listing
from firewatch.web.lists.reader import Reader

LISTS: Final[Mapping[str, Callable[[Reader], Listing[Any]]]] = {
    "incidents": incidents.listing,
    "messages": messages.outgoing,
    "inbound": messages.incoming,
}


def find(name: str, reader: Reader) -> Listing[Any]:
    """Return a list. Raises NotFound."""
    made = LISTS.get(name)
    if made is None:
        raise NotFound(f"there is no list {name!r}: there are {', '.join(LISTS)}")
    return made(reader)
