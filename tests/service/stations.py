"""The demonstration alliance with own stations that send over HTTP."""

from dataclasses import replace

from firewatch.access import tokens
from firewatch.access.models import Role
from firewatch.clock import Clock
from firewatch.db import Database
from firewatch.rulebook.read import Rulebook
from firewatch.rulebook.weather import StationsFeed


def with_stations(book: Rulebook) -> Rulebook:
    """Two stations that send by themselves, the second with a running rain counter, before the other feeds."""
    feed = StationsFeed(
        kind="stations", id="stations", stations={"ST-1": "kangle", "ST-2": "hezheng"}, rain={"ST-2": "counter"}
    )
    return replace(book, weather=book.weather.model_copy(update={"feed": [feed, *book.weather.feed]}))


def token_of(db: Database, clock: Clock, station: str) -> str:
    """A token with which a station sends."""
    with db.write() as session:
        return tokens.create(session, clock, f"logger {station}", Role.STATION, station)[1]
