"""How a page speaks to one reader: language, local time, ages, and the names of things."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlmodel import Session, select

from firewatch import i18n
from firewatch.access.models import User
from firewatch.agencies.models import Agency, Contact
from firewatch.clock import local_day
from firewatch.danger.models import ZoneGrade
from firewatch.danger.season import is_out_of_season
from firewatch.dispatch.answers import CONTACT
from firewatch.geo import compass_point
from firewatch.incidents.command import AGENCY
from firewatch.incidents.timeline import SYSTEM
from firewatch.messaging import provider_errors, sealed, smtp_replies
from firewatch.resources.models import Crew, Depot, Vehicle
from firewatch.rulebook.read import Rulebook

HTML_LANG = {"zh": "zh-CN", "en": "en"}


@dataclass(frozen=True)
class Speech:
    """One reader's language, and the instant at which the page is written."""

    lang: str
    zone: ZoneInfo
    now: datetime

    def t(self, key: str, /, **places: object) -> str:
        """Return the text of a key."""
        return i18n.text(self.lang, key, **places)

    def word(self, family: str, member: object) -> str:
        """Return the word for a member of a family: an enum's value, a capability, a flag, a job."""
        return i18n.text(self.lang, f"{family}.{member}")

    def capability(self, name: str) -> str:
        """Return the word for a capability; one that an agency has brought in itself is called as it calls it."""
        return self.word("capability", name) if i18n.has(f"capability.{name}") else name

    def grade(self, scheme: str, grade: int | None, flags: str = "") -> str:
        """Return a grade's word in its own scheme; 0 and None are no data, unless the flags tell: out of season."""
        if is_out_of_season(grade or 0, flags):
            return self.t("danger.out_of_season")
        return self.word(f"danger.grade.{scheme}", grade) if grade else self.t("danger.grade.0")

    def zone_grade(self, scheme: str, row: ZoneGrade | None) -> str:
        """Return the word of a zone's day; one that was never assessed has no data."""
        return self.grade(scheme, row.grade, row.flags) if row else self.grade(scheme, None)

    def named(self, row: object) -> str:
        """Return the name of whatever has a name_zh and a name_en."""
        return str(getattr(row, f"name_{self.lang}"))

    def job(self, name: str) -> str:
        """Return a job's word; a job of one feed is named `weather:<feed>`."""
        job, _, feed = name.partition(":")
        return f"{self.word('job', job)} {feed}".rstrip()

    def note(self, note: str) -> str:
        """Return what a feed says it is; a note that is no key of ours, such as a file's name, stays as it is."""
        key = f"feed.note.{note}"
        return self.t(key) if i18n.has(key) else note

    def job_result(self, result: Mapping[str, str]) -> str:
        """Return what a run of a job says it did."""
        return self.t(f"job_result.{result['said']}", **{name: text for name, text in result.items() if name != "said"})

    def reason(self, reason: str) -> str:
        """Return why a message failed: a provider's code in words and what it comes to; anything else as it is."""
        if reason in (sealed.NOT_AGREED, sealed.NOT_SAID):
            return self.t(reason)
        refusal = smtp_replies.kind_of(reason)
        if refusal is not None:
            return self.t("messages.error_smtp", code=reason, then=self.word("mail_kind", refusal))
        code = provider_errors.code_in(reason)
        if code is None:
            return reason
        kind = provider_errors.kind_of(reason)
        if kind is None:
            return self.t("messages.error_unknown", code=code)
        meaning, then = self.word("provider_error", code), self.word("failure_kind", kind)
        return self.t("messages.error_known", code=code, meaning=meaning, then=then)

    def flags(self, flags: str) -> list[str]:
        """Return the words of a stored list of flags."""
        return [self.word("flag", flag) for flag in flags.split(";") if flag]

    def clock(self, at: datetime) -> str:
        """Return an instant in local time: hours and minutes, with the day when it is not today."""
        if local_day(at, self.zone) == local_day(self.now, self.zone):
            return i18n.local_time(at, self.lang, self.zone, "HH:mm")
        return i18n.local_time(at, self.lang, self.zone, "M月d日 HH:mm" if self.lang == "zh" else "d MMM HH:mm")

    def second(self, at: datetime) -> str:
        """Return an instant as `clock` does, to the second."""
        return f"{self.clock(at)}:{i18n.local_time(at, self.lang, self.zone, 'ss')}"

    def full(self, at: datetime) -> str:
        """Return an instant in local time with its date and second."""
        pattern = "y年M月d日 EEEE HH:mm:ss" if self.lang == "zh" else "EEE d MMM y HH:mm:ss"
        return i18n.local_time(at, self.lang, self.zone, pattern)

    def day(self, on: date) -> str:
        """Return a day with its year."""
        return format_date(on, "y年M月d日", "zh") if self.lang == "zh" else format_date(on, "d MMMM y", "en_GB")

    def date(self, at: datetime) -> str:
        """Return an instant's local day."""
        return i18n.local_time(at, self.lang, self.zone, "y年M月d日 EEEE" if self.lang == "zh" else "EEE d MMM y")

    def age(self, at: datetime) -> str:
        """Return how long ago an instant was, or how far ahead it lies, to the minute."""
        minutes = round((self.now - at).total_seconds() / 60)
        if minutes == 0:
            return self.t("age.now")
        if minutes < 0:
            return self.t("age.ahead", span=self.span(-minutes))
        return self.t("age.ago", span=self.span(minutes))

    def span(self, minutes: float) -> str:
        """Return a length of time in the two units that matter."""
        whole = round(minutes)
        if whole < 60:
            return self.t("span.minutes", minutes=whole)
        if whole < 48 * 60:
            hours, rest = divmod(whole, 60)
            return self.t("span.hours", hours=hours, minutes=rest) if rest else self.t("span.hours_alone", hours=hours)
        return self.t("span.days", days=whole // (24 * 60))

    def direction(self, bearing_deg: float) -> str:
        """Return the word for the nearest of the eight winds."""
        return self.word("wind", compass_point(bearing_deg))

    def number(self, value: float | None, digits: int = 1) -> str:
        """Return a value as text; a missing one is a dash, never a zero."""
        return "–" if value is None else f"{value:.{digits}f}"


@dataclass(frozen=True)
class Names:
    """Names by id, in the reader's language; an id that is not known (any more) shows itself."""

    agencies: Mapping[str, str]
    zones: Mapping[str, str]
    resources: Mapping[str, str]
    contacts: Mapping[str, str]
    actors: Mapping[str, str]

    def agency(self, agency_id: str | None) -> str:
        """Return an agency's name."""
        return self.agencies.get(agency_id or "", agency_id or "–")

    def zone(self, zone_id: str | None) -> str:
        """Return a zone's name, a dash outside all zones."""
        return self.zones.get(zone_id or "", zone_id or "–")

    def zone_list(self, zone_ids: Sequence[str]) -> str:
        """Return the names of the zones of a place, a dash outside all zones."""
        return " · ".join(self.zone(zone_id) for zone_id in zone_ids) or "–"

    def resource(self, resource_id: str) -> str:
        """Return the name of a crew, a vehicle or a depot."""
        return self.resources.get(resource_id, resource_id)

    def contact(self, contact_id: str) -> str:
        """Return a person's name."""
        return self.contacts.get(contact_id, contact_id)

    def actor(self, by: str) -> str:
        """Return who did something: a person's name with his user name, a program as it is recorded."""
        return self.actors.get(by, by)


def load_names(session: Session, book: Rulebook, speech: Speech) -> Names:
    """Read the names of everything once for a page."""
    resources = [*session.exec(select(Vehicle)), *session.exec(select(Crew)), *session.exec(select(Depot))]
    agencies, contacts = list(session.exec(select(Agency))), list(session.exec(select(Contact)))
    return Names(
        agencies={row.id: speech.named(row) for row in agencies},
        zones={zone.id: speech.named(zone) for zone in book.zones},
        resources={row.id: speech.named(row) for row in resources},
        contacts={row.id: speech.named(row) for row in contacts},
        actors={SYSTEM: speech.t("record.system")}
        | {f"{AGENCY}{row.id}": speech.named(row) for row in agencies}
        | {f"{CONTACT}{row.id}": speech.named(row) for row in contacts}
        | {row.username: f"{row.display_name} · {row.username}" for row in session.exec(select(User))},
    )
