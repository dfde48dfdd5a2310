"""What the routes are handed: put together once in `app`, found at `app.state.firewatch`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from firewatch.access.sessions import SignInThrottle
from firewatch.clock import Clock
from firewatch.db import Database
from firewatch.dispatch.problem import RoadsUse
from firewatch.dispatch.readiness import Readiness
from firewatch.dispatch.travel import Travel, estimate
from firewatch.errors import NotFound
from firewatch.files.picture_store import PictureStore
from firewatch.maps.background import Background
from firewatch.maps.relief import Relief
from firewatch.rulebook.read import Rulebook
from firewatch.subscribers.models import Via
from firewatch.training.folder import Drills
from firewatch.weather.freshness import Source
from firewatch.web.night.folder import NightSheets
from firewatch.web.published.shelf import Shelf
from firewatch.web.together import Together


@dataclass(frozen=True)
class Setting:
    """A setting as it may be told: a secret's value never is."""

    name: str
    value: str | None
    """None: not set."""
    secret: bool
    given: bool
    """By the environment, or by how the service was started; else it is the default."""


@dataclass(frozen=True)
class Installed:
    """What the page of the settings tells of an installation."""

    settings: Sequence[Setting]
    data_dir: Path
    config_dir: Path
    next_runs: Callable[[datetime], Sequence[tuple[str, datetime]]]
    """The jobs, and when each is due after an instant."""
    look: Callable[[], Sequence[tuple[bool, str, str]]]
    """What `firewatch check` finds: whether it is well, what was looked at, what was found."""


@dataclass(frozen=True)
class Drilling:
    """The drill that a service is: what it is called, and where the real service is found."""

    name: str
    real_address: str


@dataclass(frozen=True)
class Services:
    """The parts of the running service that a request may use, and the few settings a page depends on."""

    db: Database
    clock: Clock
    book: Rulebook
    language: str = "zh"
    """Language of pages until the reader chooses."""
    public_url: str | None = None
    replay_note: str = ""
    """Label of weather that is made up or replayed; stands on every page. Empty when the weather is real."""
    demo: bool = False
    sms_channel: str = "console"
    mail_on: bool = False
    """Whether a mail server is set."""
    hotspots_on: bool = False
    """Whether satellites' hot spots are asked for: that takes a key."""
    secure_cookies: bool = False
    jobs: Sequence[str] = ()
    """Names of the scheduled jobs and sweeps, in the order in which they are shown."""
    wake: Callable[[], None] = lambda: None
    """Have due work looked for at once, after a commit; without it the next tick finds the same."""
    sources: Sequence[Source] = ()
    """The feeds at work, the preferred first; empty: those of the rulebook."""
    roads: RoadsUse = RoadsUse.NONE
    """Whether travel minutes are by road: OpenStreetMap is then to be named beside them."""
    signature: Callable[[str, Mapping[str, Sequence[str]], str], bool] | None = None
    """Whether a webhook's request is the provider's: path with query, form fields, signature. None: nobody calls."""
    travel: Travel | None = None
    """Knows the minutes from place to place; without it they are estimated."""
    throttle: SignInThrottle = field(default_factory=SignInThrottle)
    shelf: Shelf = field(default_factory=Shelf)
    """The files that bulletins are published as."""
    together: Together = field(default_factory=Together)
    """What many consoles ask for at the same moment."""

    pictures: PictureStore | None = None
    """The folder of photos; None: none are kept here."""
    relief: Relief | None = None
    """The hillshade of the region; None: no heights lie in the data folder."""
    background: Background | None = None
    """The background map; None: there is none."""
    installed: Installed | None = None
    """What there is to tell of the installation; None: it tells nothing."""
    drill: Drilling | None = None
    """The drill that this is; None: the real service."""
    drills: Drills | None = None
    """Of the real service: the folder of the drills that are held beside it."""

    night_sheets: NightSheets | None = None
    """The sheets for a night without the machine; None: none are written here."""

    @property
    def picture_store(self) -> PictureStore:
        """The folder of photos. Raises NotFound where none are kept."""
        if self.pictures is None:
            raise NotFound("no photos are kept here")
        return self.pictures

    @property
    def subscribed_by(self) -> tuple[Via, ...]:
        """The channels by which anybody may have bulletins sent."""
        if self.drill is not None:
            return ()
        rules = self.book.bulletins.subscribers
        by_mail = (Via.EMAIL,) if rules.email and self.mail_on else ()
        return by_mail + ((Via.SMS,) if rules.sms else ())

    @cached_property
    def readiness(self) -> Readiness:
        """How ready the pool stands, looked at once for all readers."""
        return Readiness(self.book, self.travel or estimate(self.book.dispatch, by_road=self.book.roads))
