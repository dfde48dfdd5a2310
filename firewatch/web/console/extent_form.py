"""The form for how large a fire is: what was typed is kept, errors stand beside their fields."""

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pydantic import ValidationError

from firewatch.errors import BadInput
from firewatch.incidents.classes import NUMBERS
from firewatch.incidents.extents import NewExtent
from firewatch.incidents.models import FireExtent, Method
from firewatch.web.console.fields import degrees, local_instant
from firewatch.web.console.speech import Speech

AREAS: Final = tuple(figure.value for figure in NUMBERS if figure.endswith("_ha"))
PEOPLE: Final = tuple(figure.value for figure in NUMBERS if not figure.endswith("_ha"))
HA_BY_UNIT: Final = {"亩": 1 / 15, "mu": 1 / 15, "公顷": 1.0, "ha": 1.0, "": 1.0}
"""By what may stand behind an area as it is typed."""
FIELDS: Final = (*AREAS, *PEOPLE, "method", "estimated_by", "estimated_at", "seen")
ERRORS: Final = (*AREAS, *PEOPLE, "method", "estimated_by", "estimated_at", "nothing", "newer")
"""Catalogue keys: extent.error.<error>."""


@dataclass(frozen=True)
class ExtentForm:
    """The form as it was filled in; `new` is None when something is wrong."""

    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    new: NewExtent | None = None

    @property
    def seen(self) -> int:
        """The newest row that stood there when it was filled in."""
        text = self.values["seen"]
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    def wrong(self, name: str) -> "ExtentForm":
        """Return the form with an error beside a field."""
        return replace(self, errors={**self.errors, name: f"extent.error.{name}"}, new=None)

    def knowing(self, newest: int) -> "ExtentForm":
        """Return the form for somebody who has seen the newest row."""
        return replace(self, values={**self.values, "seen": str(newest)})

    def refused(self, error: BadInput) -> "ExtentForm":
        """Return the form with an objection beside its field; BadInput names the field first."""
        name = str(error).partition(":")[0]
        return self.wrong(name if name in ERRORS else "nothing")


def blank(newest: FireExtent | None) -> ExtentForm:
    """Return the form with the figures that count, so that only what has changed is typed."""
    values = dict.fromkeys(FIELDS, "") | {"method": Method.EYE.value, "seen": "0"}
    if newest is not None:
        values |= {name: _written(getattr(newest, name)) for name in (*AREAS, *PEOPLE)}
        values |= {"method": newest.method, "estimated_by": newest.estimated_by, "seen": str(newest.id)}
    return ExtentForm(values)


def filled(fields: Mapping[str, str], speech: Speech) -> ExtentForm:
    """Read a posted form."""
    form = ExtentForm({name: fields.get(name, "")[:80] for name in FIELDS})
    typed: dict[str, object] = {name: form.values[name].strip() for name in ("method", "estimated_by")}
    for name in (*AREAS, *PEOPLE):
        typed[name] = _hectares(form.values[name]) if name in AREAS else _people(form.values[name])
        if typed[name] is None and form.values[name].strip():
            form = form.wrong(name)
    try:
        typed["estimated_at"] = local_instant(form.values["estimated_at"], speech.zone)
    except (ValueError, OverflowError):
        form = form.wrong("estimated_at")
    if form.errors:
        return form
    try:
        return replace(form, new=NewExtent.model_validate(typed))
    except ValidationError as error:
        for item in error.errors(include_url=False):
            # What does not fit together names its field first, as BadInput does.
            said = str(item["msg"]).removeprefix("Value error, ").partition(":")[0]
            name = str(item["loc"][0]) if item["loc"] else said
            form = form.wrong(name if name in ERRORS else "nothing")
        return form


def _hectares(text: str) -> float | None:
    shown = unicodedata.normalize("NFKC", text).strip().lower()
    unit = next(unit for unit in HA_BY_UNIT if shown.endswith(unit))
    number = _number(shown.removesuffix(unit))
    return None if number is None else round(number * HA_BY_UNIT[unit], 4)


def _people(text: str) -> float | int | None:
    number = _number(text)
    return int(number) if number is not None and number.is_integer() else number


def _number(text: str) -> float | None:
    value = degrees(unicodedata.normalize("NFKC", text))
    return value if value is not None and math.isfinite(value) else None


def _written(value: float | None) -> str:
    return "" if value is None else f"{value:g}" if value < 100_000 else str(value)
