"""Strict reading of JSON: a value that knows its path, so that every refusal names the offending field."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NoReturn

from firewatch.errors import BadInput

MOST = 1e9
"""No quantity or time of a dispatch is larger; JSON may carry whole numbers that overflow a float."""


@dataclass(frozen=True)
class Field:
    """A value of a JSON document and the path that leads to it, such as `vehicles[0].provides.pump`.

    Every reader answers the value in the type asked for or raises BadInput; nothing is converted or guessed.
    """

    value: Any
    path: str = ""

    def refuse(self, why: str) -> NoReturn:
        """Raise BadInput with the path in front."""
        raise BadInput(f"{self.path or 'the document'}: {why}")

    def shown(self) -> str:
        """Answer the value as JSON, cut short, for a refusal."""
        return json.dumps(self.value, ensure_ascii=False, default=repr)[:60]

    def entries(self) -> "dict[str, Field]":
        """Read an object with free keys, none of them empty."""
        if not isinstance(self.value, dict):
            self.refuse(f"must be an object, got {self.shown()}")
        if not all(isinstance(key, str) and key for key in self.value):
            self.refuse("a key must be a text that is not empty")
        return {key: Field(item, f"{self.path}.{key}".lstrip(".")) for key, item in self.value.items()}

    def members(self, required: Collection[str], optional: Collection[str] = ()) -> "dict[str, Field]":
        """Read an object of known keys."""
        fields = self.entries()
        for key, field in fields.items():
            if key not in required and key not in optional:
                field.refuse("unknown key")
        for key in required:
            if key not in fields:
                self.refuse(f"{key} is missing")
        return fields

    def items(self) -> "list[Field]":
        """Read an array."""
        if not isinstance(self.value, list):
            self.refuse(f"must be an array, got {self.shown()}")
        return [Field(item, f"{self.path}[{i}]") for i, item in enumerate(self.value)]

    def text(self) -> str:
        """Read a text that is not empty."""
        if not isinstance(self.value, str) or not self.value:
            self.refuse(f"must be a text that is not empty, got {self.shown()}")
        return self.value

    def choice(self, allowed: Collection[str], what: str) -> str:
        """Read a text that is one of those allowed."""
        text = self.text()
        if text not in allowed:
            self.refuse(f"{self.shown()} is not {what}")
        return text

    def number(self) -> float:
        """Read a finite number, 0 or above, at most MOST."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            self.refuse(f"must be a number, got {self.shown()}")
        if not 0 <= self.value <= MOST:  # false for NaN as well
            self.refuse(f"must be a finite number, 0 or above and at most {MOST:.0e}, got {self.shown()}")
        return self.value

    def whole(self) -> int:
        """Read a whole number, 0 or above; 10.0 is whole, as JSON knows no difference."""
        number = self.number()
        if number != int(number):
            self.refuse(f"must be a whole number, got {self.shown()}")
        return int(number)

    def flag(self) -> bool:
        """Read true or false."""
        if not isinstance(self.value, bool):
            self.refuse(f"must be true or false, got {self.shown()}")
        return self.value

    def amounts(self) -> dict[str, int]:
        """Read an object of whole numbers."""
        return {key: field.whole() for key, field in self.entries().items()}


def refuse_doubles(fields: Collection[Field]) -> None:
    """Raise BadInput at the second of two fields with the same value."""
    seen: dict[str, str] = {}
    for field in fields:
        if field.value in seen:
            field.refuse(f"{field.shown()} is already taken by {seen[field.value]}")
        seen[field.value] = field.path
