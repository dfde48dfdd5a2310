"""The documents tell the truth: every setting and key stands there with its default, and nothing named is missing."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from firewatch.__main__ import main
from firewatch.registry import metadata
from firewatch.rulebook import (
    alliance,
    bulletins,
    danger,
    dispatch,
    fire_classes,
    hotspots,
    maps,
    messages,
    outlook,
    photos,
    quality,
    resources,
    roads,
    season,
    warnings,
    weather,
)
from firewatch.settings import PREFIX, Settings, read_settings
from tests.rulebook_tables import TABLES

ROOT = Path(__file__).parents[2]
DOCS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
SETTINGS_PAGE = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
CONFIGURATION_PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def sections(page: str) -> dict[str, list[list[str]]]:
    """The rows of the tables of a page by heading; a row is its cells, header and rule left out."""
    found: dict[str, list[list[str]]] = {}
    heading = ""
    for line in page.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
            found[heading] = []
        elif line.startswith("| `"):
            found[heading].append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def written(field: FieldInfo) -> str:
    """A default as the documents write it."""
    if field.is_required():
        return "-"
    default = field.get_default(call_default_factory=True)
    if default is None:
        return "none"
    if default == {}:
        return "nothing"
    if isinstance(default, BaseModel):
        return "as below"
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, (list, tuple)):
        return ", ".join("empty" if item == "" else str(item) for item in default)
    return str(default)


def plain(cell: str) -> str:
    return cell.replace("`", "")


# Settings


SETTINGS_ROWS = sections(SETTINGS_PAGE)["Settings"]


def test_every_setting_stands_in_the_documents_with_its_default() -> None:
    documented = {plain(name): plain(default) for name, _, default, _ in SETTINGS_ROWS}
    assert documented == {PREFIX + name.upper(): written(field) for name, field in Settings.model_fields.items()}


def test_the_examples_are_settings_that_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, _, _, example in SETTINGS_ROWS:
        monkeypatch.setenv(plain(name), plain(example))
    settings = read_settings()
    unchanged = [name for name in Settings.model_fields if name not in settings.model_fields_set]
    assert not unchanged


def test_a_bad_setting_ends_the_program_as_documented(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FIREWATCH_PORT", "eighty")
    assert main(["serve"]) == 2
    assert capsys.readouterr().err.strip() in SETTINGS_PAGE


def test_variables_named_anywhere_exist() -> None:
    test_only = {plain(row[0]) for row in sections(SETTINGS_PAGE)["Only for the tests"]}
    known = {PREFIX + name.upper() for name in Settings.model_fields} | test_only
    named = {name for doc in DOCS for name in re.findall(r"FIREWATCH_[A-Z_]*[A-Z]", doc.read_text(encoding="utf-8"))}
    assert not named - known


# The config folder


KEYS: dict[str, type[BaseModel]] = {
    "alliance.toml": alliance.Alliance,
    "zones.geojson": alliance.Zone,
    "a weather point": alliance.WeatherPoint,
    "agencies.csv": alliance.AgencyRow,
    "contacts.csv": alliance.ContactRow,
    "duty.csv": alliance.DutyRow,
    "crews.csv": alliance.CrewRow,
    "vehicles.csv": alliance.VehicleRow,
    "depots.csv": alliance.DepotRow,
    "places.csv": alliance.PlaceRow,
    "weather.toml": weather.Weather,
    "quality": quality.Quality,
    "a feed of kind open_meteo": weather.OpenMeteoFeed,
    "a feed of kind met_norway": weather.MetNorwayFeed,
    "a feed of kind stations": weather.StationsFeed,
    "mapping": weather.StationMapping,
    "a column": weather.Column,
    "danger.toml": danger.Danger,
    "season": season.Season,
    "a season window": season.SeasonWindow,
    "percentiles": danger.Percentiles,
    "dispatch.toml": dispatch.Dispatch,
    "a run card": dispatch.RunCard,
    "a reserve": dispatch.ReserveRule,
    "a lookout": dispatch.Lookout,
    "a stake": dispatch.Stake,
    "roads.toml": roads.Roads,
    "speed_kmh": roads.Speeds,
    "A class of vehicles": roads.VehicleClass,
    "map.toml": maps.Map,
    "tiles of kind xyz": maps.XyzTiles,
    "tiles of kind tianditu": maps.TiandituTiles,
    "tiles of kind folder": maps.FolderTiles,
    "tiles of kind pmtiles": maps.PmtilesTiles,
    "messages.toml": messages.Messages,
    "a carrier": messages.Carrier,
    "hotspots.toml": hotspots.Hotspots,
    "resources.toml": resources.Resources,
    "photos.toml": photos.Photos,
    "fire_classes.toml": fire_classes.FireClasses,
    "a rule of classes": fire_classes.ClassRule,
    "upward": fire_classes.UpwardRule,
    "a place of the mask": hotspots.HeatSource,
    "outlook.toml": outlook.Outlook,
    "bulletins.toml": bulletins.Bulletins,
    "cap": bulletins.Cap,
    "subscribers": bulletins.Subscribers,
    "warnings.toml": warnings.Warnings,
}
GEOMETRY = "polygons"  # of a zone: it comes from the GeoJSON geometry, not from a key


@pytest.mark.parametrize("heading", KEYS)
def test_every_key_stands_in_the_documents_with_its_default(heading: str) -> None:
    documented = {plain(key): plain(default) for key, _, default in sections(CONFIGURATION_PAGE)[heading]}
    fields = {name: field for name, field in KEYS[heading].model_fields.items() if name != GEOMETRY}
    assert documented == {name: written(field) for name, field in fields.items()}


def test_every_table_of_the_rulebook_is_documented() -> None:
    assert set(TABLES) == set(KEYS.values())


@pytest.mark.parametrize("heading", KEYS)
def test_every_word_that_may_be_chosen_is_documented(heading: str) -> None:
    rows = {plain(row[0]): row[1] for row in sections(CONFIGURATION_PAGE)[heading]}
    for name, field in KEYS[heading].model_fields.items():
        words = [word for word in get_args(field.annotation) if isinstance(word, str)]
        assert not [word for word in words if f"`{word}`" not in rows[name]]


# What documents name


def named(pattern: str) -> Iterator[tuple[Path, str]]:
    return (
        (doc, match)
        for doc in DOCS
        for match in re.findall(pattern, doc.read_text(encoding="utf-8"), flags=re.MULTILINE)
    )


def missing(doc: Path, target: str) -> bool:
    return not (doc.parent / target).exists()


def test_links_lead_somewhere() -> None:
    links = [(doc, target) for doc, target in named(r"\]\(([^)#\s]+)[^)]*\)") if "://" not in target]
    assert links
    assert not [f"{doc.name}: {target}" for doc, target in links if missing(doc, target)]


def test_files_named_in_the_text_exist() -> None:
    # `folder/file` in backticks, from the root of the repository; a pattern such as docs/adr/*.md must match.
    folders = "firewatch|config|docs|tests|requirements|alembic|\\.ci|bench"
    files = list(named(rf"`((?:{folders})/[^`\s]*)`"))
    assert files
    assert not [f"{doc.name}: {name}" for doc, name in files if not list(ROOT.glob(name.rstrip("/")))]


def test_make_targets_named_in_the_text_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
    commands = list(named(r"(?:`|^)make ([a-z-]+)"))
    assert commands
    assert not [f"{doc.name}: make {target}" for doc, target in commands if target not in targets]


SCHEMES = "fwi|lyt1172|kbdi|ffdi|nesterov|angstrom|fosberg"
SECOND_WORD = f"add|upgrade|downgrade|password|{SCHEMES}|conformance|percentiles|build|minutes|preview"
COMMAND = rf"(?:`|^|bin/)firewatch ([a-z]+(?: (?:{SECOND_WORD}))?)"


def test_commands_named_in_the_text_exist(capsys: pytest.CaptureFixture[str]) -> None:
    commands = {match for _, match in named(COMMAND)}
    assert commands
    for command in commands:
        with pytest.raises(SystemExit) as ended:
            main([*command.split(), "--help"])
        assert ended.value.code == 0, capsys.readouterr().err


def test_the_data_dictionary_names_every_table() -> None:
    page = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    assert {plain(row[0]) for row in sections(page)["Data dictionary"]} == set(metadata.tables)
