"""`firewatch check`: what is configured, missing or unreachable. For the technician who installs it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from sqlalchemy.exc import SQLAlchemyError

from firewatch.adapters.probe import answers
from firewatch.errors import FirewatchError
from firewatch.migrations import open_database
from firewatch.rulebook.read import Rulebook, default_folder, read_rulebook
from firewatch.settings import Settings, read_settings

Finding = tuple[bool, str, str]
"""Whether it is well, what was looked at, what was found."""


def check(out: TextIO) -> int:
    """Look at everything, print a line for each, and return 1 if something is wrong. Raises BadInput for settings."""
    settings = read_settings()
    well = True
    for good, what, found in _findings(settings):
        out.write(f"{'ok     ' if good else 'PROBLEM'}  {what:<12}{found}\n")
        well = well and good
    return 0 if well else 1


def _findings(settings: Settings) -> Iterator[Finding]:
    yield _tried("data folder", lambda: _data_folder(settings.data_dir))
    yield _tried("database", lambda: _database(settings))
    folder = settings.config_dir or default_folder()
    yield _tried("rulebook", lambda: _rulebook(folder, read_rulebook(folder)))
    yield _tried("weather", lambda: _weather(settings, read_rulebook(folder)))
    yield _tried("messages", lambda: _sms(settings, read_rulebook(folder)))
    if settings.public_url is None:
        yield True, "public url", "not set: links in messages are not possible, cookies are not limited to https"
    else:
        yield True, "public url", str(settings.public_url)


def _tried(what: str, look: Callable[[], str]) -> Finding:
    try:
        return True, what, look()
    except (FirewatchError, OSError) as error:
        return False, what, str(error)
    except SQLAlchemyError as error:
        return False, what, f"does not answer ({type(error).__name__})"


def _data_folder(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    probe = folder / ".firewatch-check"
    probe.write_text("")
    probe.unlink()
    return f"{folder.resolve()} can be written"


def _database(settings: Settings) -> str:
    db = open_database(settings.resolved_database_url())
    return f"{db.url.get_backend_name()} answers, up to date"


def _rulebook(folder: Path, book: Rulebook) -> str:
    made_up = " (demonstration: people, resources and outlines are made up)" if book.alliance.demonstration else ""
    return f"{folder}: {len(book.zones)} zones, {len(book.agencies)} agencies, {len(book.contacts)} contacts{made_up}"


def _weather(settings: Settings, book: Rulebook) -> str:
    if settings.replay is not None:
        return f"replay of {settings.replay}: this is not the weather of today"
    found = []
    for feed in book.weather.feed:
        if feed.kind == "stations":
            folder = settings.data_dir / feed.folder
            if not folder.is_dir():
                raise FirewatchError(f"{feed.id}: there is no folder {folder}")
            files = len(list(folder.glob(feed.pattern)))
            found.append(f"{feed.id}: {files} files, {len(feed.stations)} stations")
        else:
            url = settings.met_norway_url if feed.kind == "met_norway" else settings.open_meteo_url
            answers(str(url))
            role = " (fallback)" if feed.kind == "met_norway" and feed.fallback_only else ""
            found.append(f"{feed.id}: {url} answers{role}")
    return "; ".join(found)


def _sms(settings: Settings, book: Rulebook) -> str:
    if settings.sms_channel == "console":
        if not book.alliance.demonstration:
            raise FirewatchError("console: texts only show on the screen, no phone rings (FIREWATCH_SMS_CHANNEL)")
        return "console: shown on the screen and in the log, nothing is sent to a phone"
    where = str(settings.twilio_base_url or "https://api.twilio.com")
    answers(where)
    return f"twilio: {where} answers"
