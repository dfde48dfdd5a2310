"""Every index that firewatch computes, by the key under which documents and `firewatch danger conformance` speak of it.

An index stands here once for each published variant. A module of this package that holds an index and is not named here
is found by `unlisted`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

HELPERS = frozenset({"catalogue", "checks", "fwi_rows", "inputs"})
"""Modules of this package that hold no index."""


@dataclass(frozen=True)
class Index:
    """Its key, its name, and the module of this package that computes it."""

    key: str
    name: str
    module: str


INDICES = (
    Index("fwi-vw1985", "FWI System, C = 147.2", "fwi_series"),
    Index("fwi-exact", "FWI System, C = 250 · 59.5 / 101", "fwi"),
    Index("ffmc-hourly", "hourly FFMC", "fwi"),
    Index("dc-overwintered", "overwintered drought code", "season"),
    Index("season-calendar", "season by calendar", "season"),
    Index("season-thaw", "season by temperature", "season"),
    Index("season-snow", "season by snow", "season"),
    Index("lyt1172", "LY/T 1172-1995", "lyt1172"),
    Index("kbdi", "Keetch-Byram Drought Index", "kbdi"),
    Index("kbdi-finkele", "Keetch-Byram Drought Index, form of Finkele et al.", "kbdi"),
    Index("drought-factor", "drought factor of Griffiths", "ffdi"),
    Index("ffdi", "Forest Fire Danger Index Mark 5", "ffdi"),
    Index("nesterov", "Nesterov's ignition index", "nesterov"),
    Index("angstrom", "Ångström index", "angstrom"),
    Index("fosberg", "Fosberg Fire Weather Index", "fosberg"),
)


def unlisted(modules: Iterable[str], indices: Iterable[Index] = INDICES) -> list[str]:
    """Answer the modules that are no helper and compute no index of the list, in alphabetical order."""
    return sorted(set(modules) - HELPERS - {index.module for index in indices})
