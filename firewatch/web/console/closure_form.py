"""The form that closes a road: places drawn on the map or typed one a line, how far around, and why."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import ValidationError

from firewatch.dispatch.closures import NewClosure
from firewatch.web.console.fields import degrees

FIELDS: Final = ("places", "radius_m", "reason")


@dataclass(frozen=True)
class ClosureForm:
    """The form as it was filled in; `wrong` names the fields that cannot be used, `new` is what it says if none is."""

    values: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(FIELDS, "") | {"radius_m": "100"})
    new: NewClosure | None = None
    wrong: frozenset[str] = frozenset()

    @property
    def drawn(self) -> str:
        """What the check has shown: where, and how far around."""
        return f"{self.values['radius_m'].strip()} {self.places}"

    @property
    def places(self) -> list[tuple[float, float]]:
        """The places that can be read so far, whatever else is wrong."""
        read = [_place(line) for line in _lines(self.values["places"])]
        return [place for place in read if place is not None and abs(place[0]) <= 90 and abs(place[1]) <= 180]


def filled(fields: Mapping[str, str]) -> ClosureForm:
    """Read a posted form."""
    values = {name: fields.get(name, "") for name in FIELDS}
    read = [_place(line) for line in _lines(values["places"])]
    places = [place for place in read if place is not None]
    if not places or len(places) < len(read):
        return ClosureForm(values, wrong=frozenset({"places"}))
    (lat, lon), *more = places
    line = [{"lat": lat, "lon": lon} for lat, lon in more]
    typed = {"lat": lat, "lon": lon, "line": line, "radius_m": values["radius_m"], "reason": values["reason"]}
    try:
        return ClosureForm(values, NewClosure.model_validate(typed))
    except ValidationError as error:
        named = {str(item["loc"][0]) for item in error.errors(include_url=False)}
        return ClosureForm(
            values, wrong=frozenset("places" if name in ("lat", "lon", "line") else name for name in named)
        )


def _lines(text: str) -> list[str]:
    return [line for line in unicodedata.normalize("NFKC", text).splitlines() if line.strip()]


def _place(line: str) -> tuple[float, float] | None:
    """Return latitude and longitude of a line; None when it does not hold just these two."""
    numbers = [degrees(part) for part in line.replace(",", " ").split()]
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:
        return None
    return numbers[0], numbers[1]
