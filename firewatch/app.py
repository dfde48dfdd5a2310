"""The composition root: settings in, a running service out. The only place where parts are put together."""

import os
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from fastapi import FastAPI

from firewatch.access import tokens
from firewatch.adapters.console_sms import ConsoleSms
from firewatch.adapters.firms import Firms
from firewatch.adapters.made_up_ensemble import MadeUpEnsemble
from firewatch.adapters.met_norway import MetNorway
from firewatch.adapters.open_meteo import OpenMeteo
from firewatch.adapters.open_meteo_ensemble import OpenMeteoEnsemble
from firewatch.adapters.replay import MadeUpSeason, Replay
from firewatch.adapters.scheduler import Beat
from firewatch.adapters.smtp_mail import MailServer, SmtpMail
from firewatch.adapters.stations import StationsFolder, StationsSend
from firewatch.adapters.tile_sources import open_background
from firewatch.adapters.watchdog import Watchdog
from firewatch.bulletins import post
from firewatch.clock import Clock, ScaledClock, SystemClock
from firewatch.db import Database
from firewatch.dispatch import arrivals, closures
from firewatch.dispatch.problem import RoadsUse
from firewatch.dispatch.travel import Travel, estimate
from firewatch.drill import Drill
from firewatch.errors import BadInput
from firewatch.files.picture_store import PictureStore
from firewatch.hotspots.feed import HotspotFeed
from firewatch.jobs.desk import Beside, Desk, Job
from firewatch.jobs.sources import sources
from firewatch.jobs.table import jobs, next_runs, sweeps
from firewatch.jobs.ticker import JobTicker, Retries, SweepTicker
from firewatch.maps.background import Background
from firewatch.maps.relief import open_relief
from firewatch.messaging.channels import SMS, VOICE, Channel, Inbox
from firewatch.messaging.line import Line, open_line
from firewatch.messaging.sealed import Sealed
from firewatch.messaging.texts import MAX_SEGMENTS
from firewatch.migrations import open_database
from firewatch.outlook.members import Ensemble
from firewatch.resources.load import load
from firewatch.roads import store
from firewatch.rulebook.read import Rulebook, default_folder, read_rulebook
from firewatch.rulebook.weather import MetNorwayFeed, OpenMeteoFeed, StationsFeed
from firewatch.settings import Settings, shown
from firewatch.training import seal
from firewatch.training.folder import Drills
from firewatch.weather.feeds import WeatherFeed
from firewatch.web import hooks
from firewatch.web.console.cartography import whole
from firewatch.web.main import build
from firewatch.web.map_ground import window_of
from firewatch.web.night.folder import NightSheets
from firewatch.web.services import Drilling, Installed, Services, Setting

if TYPE_CHECKING:
    from firewatch.adapters.twilio_signature import TwilioSignature

logger = structlog.get_logger(__name__)

Look = Callable[[], Sequence[tuple[bool, str, str]]]
DRILLS = "drills"
"""Folder in the data folder that holds a folder for each drill."""
MADE_UP = "made-up"
"""The value of FIREWATCH_REPLAY that asks for the seeded demonstration season instead of a file."""


@dataclass(frozen=True)
class Parts:
    """The service before it runs."""

    settings: Settings
    db: Database
    clock: Clock
    book: Rulebook
    feeds: Sequence[WeatherFeed]
    drill: Drill | None = None
    """The drill whose database this is; None: the real service."""
    real_address: str = ""
    """Of a drill: where the real console is found."""
    beside: Beside | None = None


def make_parts(settings: Settings, *, new: bool = False) -> Parts:
    """Read the rulebook and open what the settings name; only a `new` service makes its database. Raises BadInput."""
    book = read_rulebook(settings.config_dir or default_folder())
    return Parts(
        settings=settings,
        db=open_database(settings.resolved_database_url(), new=new),
        clock=make_clock(settings),
        book=book,
        feeds=make_feeds(settings, book),
    )


def make_clock(settings: Settings) -> Clock:
    """Return the machine's clock, or the one the settings describe."""
    if not _clock_is_set(settings):
        return SystemClock()
    return ScaledClock(settings.clock_start or SystemClock().now(), settings.clock_speed)


def _clock_is_set(settings: Settings) -> bool:
    return settings.clock_start is not None or settings.clock_speed != 1


def make_feeds(settings: Settings, book: Rulebook) -> list[WeatherFeed]:
    """Return the weather feeds, the preferred first; a replay stands for all of them."""
    if settings.replay == MADE_UP:
        return [MadeUpSeason()]
    if settings.replay is not None:
        return [Replay(Path(settings.replay), book.weather.mapping)]
    return [_feed(settings, book, rules) for rules in book.weather.feed]


def _feed(settings: Settings, book: Rulebook, rules: OpenMeteoFeed | MetNorwayFeed | StationsFeed) -> WeatherFeed:
    if isinstance(rules, StationsFeed):
        if rules.folder is None:
            return StationsSend(rules)
        folder = settings.data_dir / rules.folder
        return StationsFolder(rules, book.weather.mapping, folder, clock_is_set=_clock_is_set(settings))
    if isinstance(rules, MetNorwayFeed):
        return MetNorway(rules, str(settings.met_norway_url), clock_speed=settings.clock_speed)
    return OpenMeteo(rules, str(settings.open_meteo_url))


def make_hotspots(settings: Settings, book: Rulebook) -> list[HotspotFeed]:
    """Return the data sets of hot spots; none without a key."""
    if settings.firms_key is None:
        return []
    key = settings.firms_key.get_secret_value()
    return [Firms(source, str(settings.firms_url), key) for source in book.hotspots.sources]


def make_ensemble(settings: Settings, book: Rulebook) -> Ensemble | None:
    """Return the ensemble of the days ahead: that of the season, or Open-Meteo's where that is one of the feeds."""
    if settings.replay == MADE_UP:
        return MadeUpEnsemble()
    asked = any(isinstance(rules, OpenMeteoFeed) for rules in book.weather.feed)
    if settings.replay is not None or not asked or book.outlook.ensemble == "none":
        return None
    rules = book.outlook
    return OpenMeteoEnsemble(rules.ensemble_model, rules.days_ahead, str(settings.open_meteo_ensemble_url))


def make_travel(settings: Settings, book: Rulebook) -> Travel:
    """Return what knows the minutes: the road network of the data folder, or the estimate where there is none."""
    if not (settings.data_dir / store.FILE).exists():
        return estimate(book.dispatch, by_road=book.roads)
    try:
        from firewatch.dispatch.road_travel import open_roads  # noqa: PLC0415 - scipy is an optional package

        return open_roads(settings.data_dir, book.roads, estimate(book.dispatch, by_road=book.roads))
    except (ImportError, BadInput) as error:
        logger.warning("roads_unusable", why=str(error), then="travel minutes are estimated; see `firewatch check`")
        return estimate(book.dispatch, RoadsUse.UNUSABLE, book.roads)


def make_background(settings: Settings, book: Rulebook, clock: Clock) -> Background | None:
    """Return the background map; None where none is configured, or it cannot be had."""
    key = settings.tiles_key.get_secret_value() if settings.tiles_key else ""
    return open_background(book, settings.data_dir, key, str(settings.tianditu_url), clock, window_of(whole(book)))


def make_channels(settings: Settings, book: Rulebook, *, of_drill: bool = False) -> list[Channel]:
    """Return the ways messages leave: texts, and calls where the rules want them. Raises BadInput."""
    calls = [make_voice(settings, book)] if book.messages.call_after_minutes else []
    return [make_sms(settings, book, of_drill=of_drill), *calls]


def make_voice(settings: Settings, book: Rulebook) -> Channel:
    """Return the way telephone calls leave. Raises BadInput for settings that do not do for calls."""
    if settings.sms_channel == "console":
        return ConsoleSms(VOICE)
    from firewatch.adapters.twilio_voice import TwilioVoice  # noqa: PLC0415 - the vendor's package is slow to load

    sid, token, base = settings.twilio_account_sid, settings.twilio_auth_token, public_base(settings)
    if sid is None or token is None or settings.voice_from is None or base is None:
        raise BadInput(
            "messages.toml: call_after_minutes needs FIREWATCH_PUBLIC_URL, where pressed keys arrive, and a number to "
            "call from: FIREWATCH_TWILIO_VOICE_FROM; with call_after_minutes = 0 nobody is called"
        )
    return TwilioVoice(
        account_sid=sid.get_secret_value(),
        auth_token=token.get_secret_value(),
        caller=settings.voice_from,
        base_url=str(settings.twilio_base_url) if settings.twilio_base_url else None,
        timeout_seconds=book.messages.send_timeout_seconds,
        hooks=f"{base}{hooks.PREFIX}",
    )


def make_sms(settings: Settings, book: Rulebook, *, of_drill: bool) -> Channel:
    """Return the way text messages leave."""
    if settings.sms_channel == "console":
        return ConsoleSms()
    from firewatch.adapters.twilio_sms import TwilioSms  # noqa: PLC0415 - the vendor's package is slow to load

    sid, token = settings.twilio_account_sid, settings.twilio_auth_token
    if sid is None or token is None or settings.twilio_from is None:
        raise RuntimeError("the settings were checked when they were read")
    return TwilioSms(
        account_sid=sid.get_secret_value(),
        auth_token=token.get_secret_value(),
        sender=settings.twilio_from,
        base_url=str(settings.twilio_base_url) if settings.twilio_base_url else None,
        timeout_seconds=book.messages.send_timeout_seconds,
        callback_url=f"{base}{hooks.PREFIX}/status" if (base := public_base(settings)) else None,
        of_drill=of_drill,
        aside=None if of_drill else settings.drill_from,
    )


def make_mail(settings: Settings, clock: Clock, book: Rulebook) -> SmtpMail | None:
    """Return the mail server; None where none is set. Raises BadInput."""
    if settings.smtp_host is None or settings.smtp_from is None:
        return None
    if settings.smtp_ca_file is not None and not settings.smtp_ca_file.is_file():
        raise BadInput(f"FIREWATCH_SMTP_CA_FILE: there is no file {settings.smtp_ca_file}")
    server = MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        sender=settings.smtp_from,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        ca_file=settings.smtp_ca_file,
    )
    return SmtpMail(server, clock, book.messages.send_timeout_seconds)


def make_lines(parts: Parts, channels: Sequence[Channel], owner: str) -> list[Line]:
    """Return what sends over each channel; texts to subscribers leave no faster than they are passed on."""
    rules = parts.book.messages
    gaps = {SMS: timedelta(seconds=MAX_SEGMENTS / rules.sender_per_second)}
    return [
        open_line(
            parts.db,
            each,
            parts.clock,
            rules,
            owner=owner,
            link_base=public_base(parts.settings),
            gap=gaps.get(each.name),
            compose=post.write,
        )
        for each in channels
    ]


def public_base(settings: Settings) -> str | None:
    """Return the public address without a slash at its end."""
    return str(settings.public_url).rstrip("/") if settings.public_url else None


def make_signature(settings: Settings) -> "TwilioSignature | None":
    """Return what tells the provider's webhooks from anybody's; None where no provider calls."""
    base, token, old = public_base(settings), settings.twilio_auth_token, settings.twilio_old_auth_token
    if base is None or token is None or settings.sms_channel == "console":
        return None
    from firewatch.adapters.twilio_signature import TwilioSignature  # noqa: PLC0415 - as above

    return TwilioSignature(base, [each.get_secret_value() for each in (token, old) if each is not None])


def make_night_sheets(parts: Parts) -> NightSheets:
    """Return the folder of the sheets for a night without the machine."""
    settings = parts.settings
    said = {
        "drill.sheet": parts.drill is not None,
        "banner.demo": parts.book.alliance.demonstration,
        "night.replay": settings.replay is not None,
    }
    return NightSheets(
        parts.db,
        parts.clock,
        parts.book,
        settings.resolved_nightsheet_dir(),
        settings.language,
        settings.nightsheet_minutes,
        [key for key, so in said.items() if so],
    )


def make_desk(parts: Parts, owner: str, travel: Travel | None = None) -> Desk:
    """Return what the jobs work with; `owner` is the name under which messages are claimed."""
    settings, db, clock, book = parts.settings, parts.db, parts.clock, parts.book
    mail = make_mail(settings, clock, book)
    channels = make_channels(settings, book, of_drill=parts.drill is not None) + ([mail] if mail is not None else [])
    if parts.drill is not None:
        channels = [Sealed(each, seal.open_numbers(book), parts.drill.began_at) for each in channels]
    return Desk(
        db,
        clock,
        book,
        parts.feeds,
        make_lines(parts, channels, owner),
        hotspots=make_hotspots(settings, book),
        ensemble=make_ensemble(settings, book),
        travel=travel,
        inbox=next((each for each in channels if isinstance(each, Inbox)), None),
        watchdog=Watchdog(str(settings.watchdog_url)) if settings.watchdog_url else None,
        watchdog_seconds=settings.watchdog_seconds,
        night_sheet=make_night_sheets(parts).write,
        night_sheet_seconds=settings.nightsheet_minutes * 60,
        beside=parts.beside,
    )


def make_app(parts: Parts, look: Look = tuple) -> FastAPI:
    """Put the service together; its jobs start and stop with the application. `look` looks at the installation."""
    settings, db, clock, book = parts.settings, parts.db, parts.clock, parts.book
    owner = f"{os.getpid()}-{secrets.token_hex(4)}"
    travel = make_travel(settings, book)
    desk = make_desk(parts, owner, travel)
    job_table, sweep_table = jobs(desk), sweeps(desk)
    retries = Retries(db, clock, settings.tick_seconds)
    runners = [JobTicker(db, clock, job, owner, retries) for job in job_table]
    tickers = {runner.job.name: runner.tick for runner in runners}
    tickers |= {sweep.name: SweepTicker(db, clock, sweep, owner).tick for sweep in sweep_table}
    beat = Beat(tickers, settings.tick_seconds)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        prepare(parts)
        with db.read() as session:
            travel.correct(arrivals.corrected(session))
            closures.learn(session, travel, clock.now(), book.resources)
        beat.start()
        with db.hearing():
            yield
        for runner in runners:
            runner.stop()
        desk.optimiser.stop()
        beat.stop()
        for line in desk.lines:
            line.sender.close()
        if desk.beside is not None:
            desk.beside.close()
        if services.background is not None:
            services.background.tiles.close()
        db.dispose()

    services = make_services(parts, desk, travel, beat, tuple(tickers))
    return build(replace(services, installed=make_installed(settings, job_table, look)), lifespan)


def make_installed(settings: Settings, job_table: Sequence[Job], look: Look) -> Installed:
    """Return what the page of the settings tells of this installation."""
    rows, folder = [Setting(*each) for each in shown(settings)], settings.config_dir or default_folder()
    return Installed(rows, settings.data_dir, folder, lambda now: next_runs(job_table, now), look)


def make_services(parts: Parts, desk: Desk, travel: Travel, beat: Beat, job_names: Sequence[str]) -> Services:
    """Return what requests work with; `job_names` are those of the jobs and sweeps."""
    settings = parts.settings
    own = settings.data_dir / DRILLS / parts.drill.name if parts.drill else settings.data_dir
    return Services(
        db=parts.db,
        clock=parts.clock,
        book=parts.book,
        language=settings.language,
        public_url=str(settings.public_url) if settings.public_url else None,
        replay_note=parts.feeds[0].note if settings.replay else "",
        demo=parts.book.alliance.demonstration,
        sms_channel=settings.sms_channel,
        mail_on=settings.smtp_host is not None,
        hotspots_on=bool(desk.hotspots),
        secure_cookies=settings.public_url is not None and settings.public_url.scheme == "https",
        jobs=job_names,
        sources=tuple(sources(desk)),
        roads=travel.roads,
        signature=make_signature(settings),
        travel=travel,
        relief=open_relief(settings.data_dir, window_of(whole(parts.book))),
        background=make_background(settings, parts.book, parts.clock),
        wake=beat.wake,
        drill=Drilling(parts.drill.name, parts.real_address) if parts.drill else None,
        drills=None if parts.drill else Drills(settings.data_dir / DRILLS),
        night_sheets=make_night_sheets(parts),
        pictures=PictureStore(own / "pictures"),
    )


def prepare(parts: Parts) -> None:
    """Bring the rulebook's people and resources, and the first token, into the database."""
    with parts.db.write() as session:
        load(session, parts.book)
        if parts.settings.bootstrap_token is not None:
            tokens.ensure_bootstrap(session, parts.clock, parts.settings.bootstrap_token.get_secret_value())
