"""What people type into forms, turned into values; errors are catalogue keys beside the field."""

import unicodedata
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Path

from firewatch.errors import BadInput

Choice = TypeVar("Choice", bound=StrEnum)
RowId = Annotated[int, Path(ge=1, le=2**31 - 1)]
UploadId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
SlugPath = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,38}$")]


def choice(states: type[Choice], value: str | None) -> Choice:
    """Return the member of an enum a button stands for. Raises BadInput for what no button of ours sends."""
    try:
        return states(value or "")
    except ValueError:
        raise BadInput(f"{value!r} is not one of {', '.join(states)}") from None


def digits(text: str) -> str:
    """Return the digits of what was typed; full-width ones of a Chinese keyboard are digits too."""
    return "".join(char for char in unicodedata.normalize("NFKC", text) if char in "0123456789")


def day(name: str, text: str) -> date | None:
    """Return the day typed into a field, None where it is empty. Raises BadInput for what is no day."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(f"{name}: write the day as YYYY-MM-DD, not {text[:40]!r}") from None


def whole_number(name: str, text: str) -> int:
    """Return a whole number; an empty field is 0. Raises BadInput with the field's name."""
    shown = unicodedata.normalize("NFKC", text).strip()
    if not shown:
        return 0
    if not shown.isascii() or not shown.isdigit() or len(shown) > 9:
        raise BadInput(f"{name}: a whole number is wanted, got {text[:20]!r}")
    return int(shown)


def degrees(text: str) -> float | None:
    """Return decimal degrees, or None; full-width digits of a Chinese keyboard are digits too."""
    try:
        return float(text.strip().removesuffix("°"))
    except ValueError:
        return None


def split_pair(lat: str, lon: str) -> tuple[str, str]:
    """Return latitude and longitude; both may have been pasted into the first field."""
    parts = lat.replace("，", ",").replace(",", " ").split()
    return (parts[0], parts[1]) if len(parts) == 2 and not lon.strip() else (lat, lon)


def local_instant(text: str, zone: ZoneInfo) -> datetime | None:
    """Return the instant of a `datetime-local` field; None when it is empty. Raises ValueError or OverflowError."""
    if not text.strip():
        return None
    return datetime.fromisoformat(text.strip()).replace(tzinfo=zone).astimezone(UTC)
