"""The form in which one resource is changed: what was typed is kept, errors stand beside their fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from firewatch.resources.edit import editable
from firewatch.resources.models import CrewKind, ResourceKind, SpeedClass, VehicleKind
from firewatch.resources.register import Row
from firewatch.web.console.fields import split_pair

AMOUNTS: Final = ("provides", "stock")
"""Fields of quantities by capability, typed as `pump=1 saw=2`."""
CHOICES: Final[Mapping[tuple[ResourceKind, str], tuple[str, ...]]] = {
    (ResourceKind.CREW, "kind"): tuple(CrewKind),
    (ResourceKind.VEHICLE, "kind"): tuple(VehicleKind),
    (ResourceKind.VEHICLE, "speed_class"): tuple(SpeedClass),
    (ResourceKind.CREW, "may_attack"): ("true", "false"),
}


@dataclass(frozen=True)
class ResourceForm:
    """The form as it was filled in, of the version that was looked at; `errors` are catalogue keys by field."""

    kind: ResourceKind
    version: int
    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    outdated: bool = False
    """Somebody else changed the resource while the form was filled in."""

    @property
    def fields(self) -> list[str]:
        """The fields in their order."""
        return list(self.values)

    def choices(self, name: str) -> tuple[str, ...]:
        """Return what may be chosen for a field; nothing where it is typed."""
        return CHOICES.get((self.kind, name), ())


def shown(kind: ResourceKind, row: Row, version: int) -> ResourceForm:
    """Return the form of a resource as it is."""
    values = row.model_dump(mode="json")
    return ResourceForm(kind, version, {name: _typed(values[name]) for name in editable(kind)})


def filled(kind: ResourceKind, fields: Mapping[str, str]) -> ResourceForm:
    """Read a posted form."""
    values = {name: fields.get(name, "").strip() for name in editable(kind)}
    values["lat"], values["lon"] = split_pair(values["lat"], values["lon"])
    for name in set(AMOUNTS) & set(values):
        values[name] = " ".join(values[name].replace("＝", "=").replace("，", " ").replace(",", " ").split())
    version = fields.get("version", "")
    return ResourceForm(kind, int(version) if version.isdecimal() else 0, values)


def refused(form: ResourceForm, fields: Mapping[str, str]) -> ResourceForm:
    """Return the form with a word beside each field that does not hold; quantities are named by what they are of."""
    wrong = {name.partition(".")[0] for name in fields}
    errors = {name: f"resources.error.{name}" for name in form.values if name in wrong}
    return ResourceForm(form.kind, form.version, form.values, errors)


def _typed(value: Any) -> str:  # noqa: ANN401 - any field of a row
    if value is None:
        return ""
    if isinstance(value, dict):
        return " ".join(f"{name}={units}" for name, units in sorted(value.items()))
    return str(value).lower() if isinstance(value, bool) else str(value)
