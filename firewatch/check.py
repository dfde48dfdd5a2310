"""What is configured, missing or unreachable, for the technician: `firewatch check`, and a button of the console."""

import importlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Final, TextIO

from sqlalchemy.exc import SQLAlchemyError

from firewatch.adapters.probe import answers
from firewatch.adapters.tile_sources import open_tiles, tile_server
from firewatch.app import make_channels, make_mail
from firewatch.clock import SystemClock
from firewatch.errors import FirewatchError
from firewatch.incidents.matching import zones_at
from firewatch.incidents.places import FAR_KM, near_a_zone
from firewatch.maps.tiles import Datum, Tile, position
from firewatch.messaging.channels import NotTaken
from firewatch.migrations import open_database
from firewatch.roads import store
from firewatch.roads.terrain import Terrain
from firewatch.rulebook.maps import FolderTiles, PmtilesTiles
from firewatch.rulebook.read import Rulebook, default_folder, read_rulebook
from firewatch.rulebook.weather import MetNorwayFeed, OpenMeteoFeed, StationsFeed
from firewatch.settings import Settings, read_settings
from firewatch.web.console.cartography import whole
from firewatch.web.map_ground import window_of

Finding = tuple[bool, str, str]
"""Whether it is well, what was looked at, what was found."""


def check(out: TextIO) -> int:
    """Look at everything, print a line for each, and return 1 if something is wrong. Raises BadInput for settings."""
    found = findings(read_settings())
    out.writelines(f"{'ok     ' if good else 'PROBLEM'}  {what:<12}{words}\n" for good, what, words in found)
    return 0 if all(good for good, _, _ in found) else 1


def findings(settings: Settings) -> list[Finding]:
    """Look at everything an installation needs, at all of it at once: whoever does not answer takes his time."""
    with ThreadPoolExecutor(len(LOOKS)) as pool:
        return list(pool.map(lambda look: _tried(look[0], lambda: look[1](settings)), LOOKS.items()))


def _tried(what: str, look: Callable[[], str]) -> Finding:
    try:
        return True, what, look()
    except (FirewatchError, OSError) as error:
        return False, what, str(error)
    except SQLAlchemyError as error:
        return False, what, f"does not answer ({type(error).__name__})"


def _data_folder(folder: Path, mode: int = 0o777) -> str:
    folder.mkdir(mode, parents=True, exist_ok=True)
    probe = folder / ".firewatch-check"
    probe.write_text("")
    probe.unlink(missing_ok=True)
    return f"{folder.resolve()} can be written"


def _database(settings: Settings) -> str:
    db = open_database(settings.resolved_database_url())
    db.dispose()
    return f"{db.url.get_backend_name()} answers, up to date"


def _read(settings: Settings) -> Rulebook:
    return read_rulebook(settings.config_dir or default_folder())


def _rulebook(settings: Settings) -> str:
    folder, book = settings.config_dir or default_folder(), _read(settings)
    made_up = " (demonstration: people, resources and outlines are made up)" if book.alliance.demonstration else ""
    return f"{folder}: {len(book.zones)} zones, {len(book.agencies)} agencies, {len(book.contacts)} contacts{made_up}"


def _places(settings: Settings) -> str:
    """Say how many places are found by name. One far from every zone is a slip of the pen, or in other coordinates."""
    book = _read(settings)
    if not book.places:
        return "none (places.csv): on the report form no place is found by its name"
    far = [place.id for place in book.places if not near_a_zone(place.lat, place.lon, book.zones)]
    if far:
        raise FirewatchError(f"places.csv: {', '.join(far[:5])}: more than {FAR_KM:g} km from every zone")
    inside = sum(bool(zones_at(place.lat, place.lon, book.zones)) for place in book.places)
    return f"{len(book.places)} places found by name, {inside} of them inside the zones"


def _weather(settings: Settings) -> str:
    if settings.replay is not None:
        return f"replay of {settings.replay}: this is not the weather of today"
    return "; ".join(_feed(settings, feed) for feed in _read(settings).weather.feed)


def _feed(settings: Settings, feed: OpenMeteoFeed | MetNorwayFeed | StationsFeed) -> str:
    if isinstance(feed, StationsFeed):
        stations = f"{feed.id}: {len(feed.stations)} stations"
        if feed.folder is None:
            return f"{stations}, over HTTP only"
        folder = settings.data_dir / feed.folder
        if not folder.is_dir():
            raise FirewatchError(f"{feed.id}: there is no folder {folder}")
        return f"{stations}, {len(list(folder.glob(feed.pattern)))} files"
    if isinstance(feed, MetNorwayFeed):
        answers(str(settings.met_norway_url))
        role = "fallback, " if feed.fallback_only else ""
        return f"{feed.id}: {settings.met_norway_url} answers ({role}asked as {feed.contact})"
    answers(str(settings.open_meteo_url))
    return f"{feed.id}: {settings.open_meteo_url} answers"


def check_roads(folder: Path) -> str:
    """Say how travel minutes are made. The road network is optional, but one that lies there has to be usable."""
    if not (folder / store.FILE).exists():
        if extracts := sorted(folder.glob("*.osm.pbf")):
            raise FirewatchError(f"{extracts[0].name} lies there, but no network: run `firewatch roads build`")
        return "no road network: travel minutes are estimated from straight distance"
    graph, about = store.load(folder / store.FILE)
    terrain = Terrain(folder)
    terrain.check()
    try:
        importlib.import_module("firewatch.dispatch.road_travel")
    except ImportError as error:
        raise FirewatchError(f"{error}: pip install --require-hashes -r requirements/roads.txt") from None
    heights = f"{len(terrain)} tiles of heights" if len(terrain) else "no heights: people walk on flat land"
    day = f"as of {about.roads_on}" if about.roads_on else "of an unknown day"
    return f"{about.extract} {day}: {len(graph.lat)} nodes, {graph.km:.0f} km; {heights}"


def _hotspots(settings: Settings) -> str:
    if settings.firms_key is None:
        return "not asked for: NASA FIRMS wants a key (FIREWATCH_FIRMS_KEY)"
    answers(str(settings.firms_url))
    return f"{settings.firms_url} answers"


def _map(settings: Settings) -> str:
    book, key = _read(settings), settings.tiles_key.get_secret_value() if settings.tiles_key else ""
    rules = book.map.tiles
    heights = "a hillshade" if len(Terrain(settings.data_dir)) else "no heights, so no hillshade"
    if rules is None:
        return f"{heights}; no background map"
    window = window_of(whole(book))
    middle = position((window.south + window.north) / 2, (window.west + window.east) / 2, 8, Datum(rules.datum))
    tile = Tile(8, int(middle[0]), int(middle[1]))
    if isinstance(rules, (FolderTiles, PmtilesTiles)):
        open_tiles(rules, settings.data_dir, key, str(settings.tianditu_url), SystemClock())
        return f"{heights}; background map from the disk ({rules.kind})"
    with closing(tile_server(rules, key, str(settings.tianditu_url))) as server:
        if None in [server.tile(layer, tile) for layer in range(server.layers)]:
            raise FirewatchError(f"{rules.kind}: the server has no tile {tile.zoom}/{tile.x}/{tile.y} of the region")
    return f"{heights}; {rules.kind}: the background map comes"


def _sms(settings: Settings) -> str:
    book = _read(settings)
    if settings.sms_channel == "console":
        if not book.alliance.demonstration:
            raise FirewatchError("console: texts only show on the screen, no phone rings (FIREWATCH_SMS_CHANNEL)")
        return "console: shown on the screen and in the log, nothing is sent to a phone"
    where = str(settings.twilio_base_url or "https://api.twilio.com")
    ways = " and ".join(each.name for each in make_channels(settings, book))
    answers(where)
    return f"twilio ({ways}): {where} answers"


def _mail(settings: Settings) -> str:
    book = _read(settings)
    mail = make_mail(settings, SystemClock(), book)
    if mail is None:
        if book.bulletins.subscribers.email:
            raise FirewatchError("bulletins.toml offers e-mail, but no mail server is set (FIREWATCH_SMTP_HOST)")
        return "no mail server is set: no e-mail leaves"
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        mail.probe()
    except NotTaken as error:
        raise FirewatchError(f"{where}: {error.reason}") from None
    return f"{where} takes letters of {settings.smtp_from} ({settings.smtp_security})"


def _watchdog(settings: Settings) -> str:
    if settings.watchdog_url is None:
        return "not set: nobody outside notices when the service dies (FIREWATCH_WATCHDOG_URL)"
    return f"{settings.watchdog_url.host}, every {settings.watchdog_seconds:g} s while all is well"


def _drills(settings: Settings) -> str:
    contacts = _read(settings).contacts
    agreed = sum(row.drills for row in contacts)
    how = "leave by a number of their own" if settings.drill_from else "only show on the screen (FIREWATCH_DRILL_FROM)"
    return f"{agreed} of {len(contacts)} contacts have agreed to drills, whose texts {how}"


def _public_url(settings: Settings) -> str:
    if settings.public_url is None:
        return "not set: links in messages are not possible, cookies are not limited to https"
    return str(settings.public_url)


LOOKS: Final[Mapping[str, Callable[[Settings], str]]] = {
    "data folder": lambda settings: _data_folder(settings.data_dir),
    "database": _database,
    "rulebook": _rulebook,
    "places": _places,
    "weather": _weather,
    "roads": lambda settings: check_roads(settings.data_dir),
    "maps": _map,
    "hot spots": _hotspots,
    "messages": _sms,
    "e-mail": _mail,
    "pictures": lambda settings: _data_folder(settings.pictures_dir, 0o700),
    "night sheet": lambda settings: _data_folder(settings.resolved_nightsheet_dir(), 0o700),
    "watchdog": _watchdog,
    "public url": _public_url,
    "drills": _drills,
}
"""What is looked at, in the order in which it is told."""
