"""The form for reporting a fire: what was typed is kept, errors stand beside their fields."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

from pydantic import ValidationError

from firewatch.errors import BadInput
from firewatch.incidents.intake import Answer, NewReport
from firewatch.incidents.lookalikes import Lookalikes
from firewatch.incidents.models import ReportChannel
from firewatch.rulebook.read import Rulebook
from firewatch.web.console import place_form, sights_form
from firewatch.web.console.fields import degrees, local_instant, split_pair
from firewatch.web.console.place_form import PlaceForm
from firewatch.web.console.sights_form import Sights
from firewatch.web.console.speech import Speech

FIELDS = ("lat", "lon", "description", "channel", "agency", "reported_at")
NEW = "new"
"""The answer that it is none of the fires shown."""


@dataclass(frozen=True)
class ReportForm:
    """The form as it was filled in. `key` makes sending it twice harmless; `errors` are catalogue keys by field.

    `answer` is the number of the fire it is said to be, or NEW; `shown` are the fires that stood there to choose from.
    """

    values: Mapping[str, str]
    key: str
    errors: Mapping[str, str] = field(default_factory=dict)
    report: NewReport | None = None
    answer: str = ""
    shown: frozenset[str] = frozenset()
    sights: Sights = field(default_factory=lambda: Sights(dict.fromkeys(sights_form.FIELDS, "")))
    fix_seen: str = ""
    place: PlaceForm = field(default_factory=PlaceForm)

    @property
    def idempotency_key(self) -> str:
        """The same form with the same words is the same report; changed after "back" it is another one."""
        words = (self.report.model_dump_json() if self.report else "") + self.answer
        return f"form-{self.key}-{sha256(words.encode()).hexdigest()[:16]}"

    def to_ask(self, near: Lookalikes) -> bool:
        """Whether the reporter has yet to choose: not asked, not of all that is near now, or chosen what cannot be."""
        if self.sights.token != self.fix_seen:
            return True
        choices = {NEW, *map(str, near.open)}
        return bool(near.fires) and (self.answer not in choices or not self.shown.issuperset(map(str, near.numbers)))

    def chosen(self, near: Lookalikes) -> Answer | None:
        """Return the answer; None where nothing is near: then the rule says."""
        if not near.fires:
            return None
        return Answer(None if self.answer == NEW else int(self.answer))

    def preselected(self, near: Lookalikes) -> str:
        """Return what was chosen before, or else what the rule would do."""
        by_the_rule = NEW if near.rule is None else str(near.rule)
        return self.answer if self.answer in {NEW, *map(str, near.open)} else by_the_rule

    def refused(self, error: BadInput) -> "ReportForm":
        """Return the form with the intake's objection beside its field; BadInput names the field first."""
        name = str(error).partition(":")[0]
        where = name if name in FIELDS else "description"
        return replace(self, errors={where: f"report.error.{where}"}, report=None)


def blank(query: Mapping[str, str]) -> ReportForm:
    """Return a new form; a place may be given in the address, as links from a map do."""
    values = dict.fromkeys(FIELDS, "") | {"channel": ReportChannel.PHONE.value}
    values |= {name: query[name][:20] for name in ("lat", "lon") if name in query}
    return ReportForm(values, key=secrets.token_urlsafe(16))


def filled(fields: Mapping[str, str], speech: Speech, book: Rulebook) -> ReportForm:
    """Read a posted form; `report` is None when something is wrong, or a place was looked for or taken by its name."""
    values = {name: fields.get(name, "") for name in FIELDS}
    values["lat"], values["lon"] = split_pair(values["lat"], values["lon"])
    place = place_form.read(fields, book, speech)
    if place_form.PICK in fields and place.taken:
        values["lat"], values["lon"] = place.taken.lat, place.taken.lon
    key = fields.get("key", "")[:64] or secrets.token_urlsafe(16)
    answer, shown = fields.get("answer", "")[:20], frozenset(fields.get("shown", "")[:2000].split())
    placed = bool(values["lat"].strip() or values["lon"].strip())
    sights = sights_form.read(fields, book.dispatch, speech, placed=placed)
    form = ReportForm(
        values, key, answer=answer, shown=shown, sights=sights, fix_seen=fields.get("fix_seen", "")[:60], place=place
    )
    if place.found is not None or place_form.PICK in fields:
        return form
    if not placed and sights.fix is None and place.query:  # a name, and nothing else: it is looked for
        form = replace(form, place=replace(place, found=place_form.find(book, speech, place.query)))
    wrong = {"sights"} if sights.error else set()
    try:
        return replace(form, report=_report(values, sights, place, speech)) if not wrong else _marked(form, wrong)
    except ValidationError as error:
        wrong = {str(item["loc"][0]) for item in error.errors(include_url=False)}
    except (ValueError, OverflowError):  # the first hours of the year 1 are before it in UTC
        wrong = {"reported_at"}
    return _marked(form, wrong)


def _marked(form: ReportForm, wrong: set[str]) -> ReportForm:
    errors = {name: f"report.error.{name}" for name in FIELDS if name in wrong}
    if form.sights.error:
        errors["sights"] = f"report.sights_error.{form.sights.error}"
    return replace(form, errors=errors)


def _report(values: Mapping[str, str], sights: Sights, place: PlaceForm, speech: Speech) -> NewReport:
    """Return what the fields say. Raises ValidationError, and ValueError or OverflowError for a wrong time."""
    said, fix = values["description"].replace("\r\n", "\n").strip(), sights.fix
    note = sights.note if fix else place.note(speech, values["lat"], values["lon"])
    typed: dict[str, object] = {
        "lat": round(fix.lat, 5) if fix else degrees(values["lat"]),
        "lon": round(fix.lon, 5) if fix else degrees(values["lon"]),
        "description": f"{said}\n{note}" if said and note else said,
        "channel": values["channel"],
        "agency": values["agency"] or None,
        "reported_at": local_instant(values["reported_at"], speech.zone),
    }
    return NewReport.model_validate(typed)
