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
from firewatch.web.console.fields import degrees, local_instant, split_pair
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

    @property
    def idempotency_key(self) -> str:
        """The same form with the same words is the same report; changed after "back" it is another one."""
        words = (self.report.model_dump_json() if self.report else "") + self.answer
        return f"form-{self.key}-{sha256(words.encode()).hexdigest()[:16]}"

    def to_ask(self, near: Lookalikes) -> bool:
        """Whether the reporter has yet to choose: not asked, not of all that is near now, or chosen what cannot be."""
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


def filled(fields: Mapping[str, str], speech: Speech) -> ReportForm:
    """Read a posted form; `report` is None when something is wrong."""
    values = {name: fields.get(name, "") for name in FIELDS}
    values["lat"], values["lon"] = split_pair(values["lat"], values["lon"])
    key = fields.get("key", "")[:64] or secrets.token_urlsafe(16)
    answer, shown = fields.get("answer", "")[:20], frozenset(fields.get("shown", "")[:2000].split())
    typed: dict[str, object] = {
        "lat": degrees(values["lat"]),
        "lon": degrees(values["lon"]),
        "description": values["description"].replace("\r\n", "\n").strip(),
        "channel": values["channel"],
        "agency": values["agency"] or None,
    }
    try:
        typed["reported_at"] = local_instant(values["reported_at"], speech.zone)
        return ReportForm(values, key, report=NewReport.model_validate(typed), answer=answer, shown=shown)
    except ValidationError as error:
        wrong = {str(item["loc"][0]) for item in error.errors(include_url=False)}
    except (ValueError, OverflowError):  # the first hours of the year 1 are before it in UTC
        wrong = {"reported_at"}
    return ReportForm(
        values,
        key,
        answer=answer,
        shown=shown,
        errors={name: f"report.error.{name}" for name in FIELDS if name in wrong},
    )
