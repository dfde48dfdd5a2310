"""The form in which a person says where a crew or a vehicle is; without a time it is there now."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from firewatch.errors import BadInput
from firewatch.resources.position import NewPosition
from firewatch.web.console.fields import degrees, local_instant, split_pair
from firewatch.web.console.speech import Speech

FIELDS: Final = ("lat", "lon", "at")


@dataclass(frozen=True)
class PositionForm:
    """The form as it was filled in; `errors` are catalogue keys by field, `new` is None when something is wrong."""

    values: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(FIELDS, ""))
    errors: Mapping[str, str] = field(default_factory=dict)
    new: NewPosition | None = None

    def refused(self, error: BadInput) -> "PositionForm":
        """Return the form with the objection of the service beside its field; BadInput names the field first."""
        return _wrong(replace(self, new=None), {str(error).partition(":")[0]})


def filled(fields: Mapping[str, str], speech: Speech, now: datetime) -> PositionForm:
    """Read a posted form."""
    values = {name: fields.get(name, "").strip() for name in FIELDS}
    values["lat"], values["lon"] = split_pair(values["lat"], values["lon"])
    form = PositionForm(values)
    try:
        at = local_instant(values["at"], speech.zone) or now
        typed = {"lat": degrees(values["lat"]), "lon": degrees(values["lon"]), "at": at}
        return replace(form, new=NewPosition.model_validate(typed))
    except ValidationError as error:
        return _wrong(form, {str(item["loc"][0]) for item in error.errors(include_url=False)})
    except (ValueError, OverflowError):  # the first hours of the year 1 are before it in UTC
        return _wrong(form, {"at"})


def _wrong(form: PositionForm, wrong: set[str]) -> PositionForm:
    return replace(form, errors={name: f"position.error.{name}" for name in FIELDS if name in wrong})
