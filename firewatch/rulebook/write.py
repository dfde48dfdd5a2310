"""Thresholds written into danger.toml: comments and order stay, the file is checked, written aside and renamed."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import tomlkit
from pydantic import ValidationError
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from firewatch.errors import BadInput, Refused
from firewatch.rulebook.danger import Danger, Thresholds
from firewatch.rulebook.read import default_folder

BY_ZONE = "fwi_thresholds_by_zone"


def block(alliance: Thresholds | None, zones: Mapping[str, Thresholds]) -> str:
    """Return the part of danger.toml that says these thresholds."""
    document = tomlkit.document()
    _put(document, alliance, zones)
    return tomlkit.dumps(document)


def write_thresholds(folder: Path, alliance: Thresholds | None, zones: Mapping[str, Thresholds]) -> Path:
    """Put thresholds into a folder's danger.toml and return its path; what is not given stays as it was.

    Raises Refused for the demonstration that comes with the package, BadInput for a file that cannot be used.
    """
    path = folder / "danger.toml"
    if folder.resolve() == default_folder().resolve():
        raise Refused(f"{folder} is the demonstration: copy it, and set FIREWATCH_CONFIG_DIR to the copy")
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise BadInput(f"{path}: cannot be read: {error}") from None
    _put(document, alliance, zones)
    try:
        Danger.model_validate(document.unwrap())
    except ValidationError as error:
        raise BadInput(f"{path}: would not be valid with these thresholds: {error.errors()[0]['msg']}") from None
    _replace(path, tomlkit.dumps(document))
    return path


def _put(document: tomlkit.TOMLDocument, alliance: Thresholds | None, zones: Mapping[str, Thresholds]) -> None:
    if alliance is not None:
        document["fwi_thresholds"] = list(alliance)
        document["calibrated"] = True
    if not zones:
        return
    if BY_ZONE not in document:
        document[BY_ZONE] = tomlkit.table()
    table = cast("Table", document[BY_ZONE])
    for zone_id, begins in zones.items():
        table[zone_id] = list(begins)


def _replace(path: Path, text: str) -> None:
    """Write a file so that a reader, or a loss of power, sees the old or the new one."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        aside = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            shutil.copymode(path, aside)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {error}") from None
