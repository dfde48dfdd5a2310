"""A drill put together: the real service's settings, but for all that would let the one be taken for the other."""

from pydantic import SecretStr

from firewatch.app import DRILLS, Parts, make_clock, make_feeds, public_base
from firewatch.clock import SystemClock
from firewatch.jobs.desk import Beside
from firewatch.migrations import open_database
from firewatch.rulebook.read import default_folder, read_rulebook
from firewatch.settings import Settings
from firewatch.training import copying, seal
from firewatch.training.folder import Drills
from firewatch.web.console.drill_view import RecordKeeper

NONE_OF_ITS_OWN = ("twilio_voice_from", "smtp_host", "watchdog_url", "firms_key", "bootstrap_token")
"""What a drill does without: letters, signs of life, satellites, and the token of the real service's programs."""


def make_drill(settings: Settings, name: str, **given: object) -> Parts:
    """Return the parts of a drill, its database made from the real one if there is none yet. Raises BadInput."""
    drills, own = Drills(settings.data_dir / DRILLS), settings_of(settings, name, **given)
    real = open_database(settings.resolved_database_url(), read_only=True)
    book = seal.sealed(read_rulebook(own.config_dir or default_folder()))
    db = open_database(own.resolved_database_url(), new=True)
    mark = copying.make(real, db, name, SystemClock().now(), {row.id: row.phone for row in book.contacts})
    clock = make_clock(own)
    return Parts(
        settings=own,
        db=db,
        clock=clock,
        book=book,
        feeds=make_feeds(own, book),
        drill=mark,
        real_address=address_of(settings),
        beside=Beside(
            real,
            sign=lambda: drills.sign(name, address_of(own)),
            record=RecordKeeper(db, clock, book, own.language, drills).write,
            end=lambda: drills.end(name),
        ),
    )


def settings_of(settings: Settings, name: str, **given: object) -> Settings:
    """Return the settings of a drill: its own database, port, address, number and folder; `given` win."""
    folder = settings.data_dir.resolve() / DRILLS / name
    own = {
        "database_url": settings.drill_database_url or SecretStr(f"sqlite:///{folder / 'firewatch.db'}"),
        "port": settings.drill_port,
        "public_url": settings.drill_address,
        "nightsheet_dir": folder / "nightsheet",
        "sms_channel": settings.sms_channel if settings.drill_from else "console",
        "twilio_from": settings.drill_from,
    }
    return settings.model_copy(update={**own, **dict.fromkeys(NONE_OF_ITS_OWN), **given})


def address_of(settings: Settings) -> str:
    """Return where a console is found."""
    return public_base(settings) or f"http://{settings.host}:{settings.port}"
