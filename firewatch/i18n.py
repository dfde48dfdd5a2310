"""Text people see, in their language: catalogues of keys, Chinese and English, read from locales/<lang>/*.po.

A key is looked up and its `{name}` places are filled. The catalogues are read as they are when the service starts
(a few milliseconds): there is nothing to compile and nothing to forget to compile.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.messages.pofile import read_po

FOLDER: Final = Path(__file__).parent / "locales"
LANGUAGES: Final = ("zh", "en")


@cache
def catalogue(lang: str) -> Mapping[str, str]:
    """Return every text of a language by its key. Raises ValueError when two files define one key."""
    texts: dict[str, str] = {}
    for path in sorted((FOLDER / lang).glob("*.po")):
        with path.open("rb") as file:
            for entry in read_po(file, locale=lang):
                key, text = str(entry.id), str(entry.string)
                if key and key in texts:
                    raise ValueError(f"{path.name}: {key} is defined twice in {lang}")
                if key:
                    texts[key] = text
    return texts


def text(lang: str, key: str, /, **places: object) -> str:
    """Return the text of a key with its places filled; a key nobody wrote shows itself, so that it is seen."""
    template = catalogue(lang).get(key)
    if not template:
        return key
    return template.format(**places) if places else template


def has(key: str) -> bool:
    """Return whether every language knows the key."""
    return all(catalogue(lang).get(key) for lang in LANGUAGES)


def local_time(at: datetime, lang: str, zone: ZoneInfo, pattern: str = "short") -> str:
    """Return an instant as people of the language write it, in the zone's own time."""
    return format_datetime(at, pattern, tzinfo=zone, locale="zh" if lang == "zh" else "en_GB")
