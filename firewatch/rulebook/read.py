"""From the config folder to one frozen, checked rulebook; a broken file is named with its key and the reason."""

import csv
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from firewatch.errors import BadInput
from firewatch.rulebook.alliance import (
    AgencyRow,
    Alliance,
    ContactRow,
    CrewRow,
    DepotRow,
    DutyRow,
    PlaceRow,
    VehicleRow,
    WeatherPoint,
    Zone,
)
from firewatch.rulebook.bulletins import Bulletins
from firewatch.rulebook.danger import Danger
from firewatch.rulebook.dispatch import Dispatch
from firewatch.rulebook.fire_classes import FireClasses
from firewatch.rulebook.hotspots import Hotspots
from firewatch.rulebook.maps import Map
from firewatch.rulebook.messages import Messages
from firewatch.rulebook.outlook import Outlook
from firewatch.rulebook.photos import Photos
from firewatch.rulebook.resources import Resources
from firewatch.rulebook.roads import Roads
from firewatch.rulebook.warnings import Warnings
from firewatch.rulebook.weather import Weather

Table = TypeVar("Table", bound=BaseModel)


@dataclass(frozen=True)
class Rulebook:
    """Everything the config folder says."""

    alliance: Alliance
    zones: tuple[Zone, ...]
    agencies: tuple[AgencyRow, ...]
    contacts: tuple[ContactRow, ...]
    duty: tuple[DutyRow, ...]
    crews: tuple[CrewRow, ...]
    vehicles: tuple[VehicleRow, ...]
    depots: tuple[DepotRow, ...]
    places: tuple[PlaceRow, ...]
    weather: Weather
    danger: Danger
    dispatch: Dispatch
    messages: Messages
    warnings: Warnings
    outlook: Outlook
    bulletins: Bulletins
    hotspots: Hotspots
    roads: Roads
    resources: Resources
    photos: Photos
    fire_classes: FireClasses
    map: Map

    @cached_property
    def points(self) -> dict[str, WeatherPoint]:
        """All weather points by id, in the order of the zones."""
        return {point.id: point for zone in self.zones for point in zone.points}

    @property
    def calibrated(self) -> bool:
        """Whether every zone's FWI thresholds come from local percentiles."""
        return all(self.danger.is_calibrated(zone.id) for zone in self.zones)

    def zone(self, zone_id: str) -> Zone | None:
        """Return the zone of that id."""
        return next((zone for zone in self.zones if zone.id == zone_id), None)


def default_folder() -> Path:
    """Return the demonstration alliance: beside the package in a checkout, inside it when installed."""
    inside = Path(__file__).parent.parent / "_config"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "config"


def read_rulebook(folder: Path) -> Rulebook:
    """Read and check a config folder. Raises BadInput that names file, key and reason."""
    if not folder.is_dir():
        raise BadInput(f"{folder}: no such config folder (FIREWATCH_CONFIG_DIR)")
    book = Rulebook(
        alliance=_toml(folder / "alliance.toml", Alliance),
        zones=_zones(folder / "zones.geojson"),
        agencies=_rows(folder / "agencies.csv", AgencyRow),
        contacts=_rows(folder / "contacts.csv", ContactRow),
        duty=_rows(folder / "duty.csv", DutyRow),
        crews=_rows(folder / "crews.csv", CrewRow),
        vehicles=_rows(folder / "vehicles.csv", VehicleRow),
        depots=_rows(folder / "depots.csv", DepotRow),
        places=_rows(folder / "places.csv", PlaceRow) if (folder / "places.csv").exists() else (),
        weather=_toml(folder / "weather.toml", Weather),
        danger=_toml(folder / "danger.toml", Danger),
        dispatch=_toml(folder / "dispatch.toml", Dispatch),
        messages=_toml(folder / "messages.toml", Messages),
        warnings=_optional(folder / "warnings.toml", Warnings),
        outlook=_optional(folder / "outlook.toml", Outlook),
        bulletins=_optional(folder / "bulletins.toml", Bulletins),
        hotspots=_optional(folder / "hotspots.toml", Hotspots),
        roads=_optional(folder / "roads.toml", Roads),
        resources=_optional(folder / "resources.toml", Resources),
        photos=_optional(folder / "photos.toml", Photos),
        fire_classes=_law(folder / "fire_classes.toml"),
        map=_optional(folder / "map.toml", Map),
    )
    _cross_check(book)
    return book


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path.name}: cannot be read: {error}") from None


def _checked(where: str, table: type[Table], data: object) -> Table:
    try:
        return table.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "(the whole table)"
        raise BadInput(f"{where}: {key}: {first['msg'].removeprefix('Value error, ')}") from None


def _toml(path: Path, table: type[Table]) -> Table:
    try:
        data = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path.name}: not TOML: {error}") from None
    return _checked(path.name, table, data)


def _optional(path: Path, table: type[Table]) -> Table:
    """Read a file that a folder need not have: without it every default stands."""
    return _toml(path, table) if path.exists() else _checked(path.name, table, {})


def _law(path: Path) -> FireClasses:
    """Read the classes of fires; a folder without them has those of the law, which come with the demonstration."""
    return _toml(path if path.exists() else default_folder() / path.name, FireClasses)


def _rows(path: Path, table: type[Table]) -> tuple[Table, ...]:
    reader = csv.DictReader(_text(path).splitlines(), strict=True)
    rows: list[Table] = []
    try:
        for record in reader:
            where = f"{path.name} line {reader.line_num}"
            if None in record or None in record.values():
                raise BadInput(f"{where}: not as many fields as the header has")
            # An empty cell says nothing: the field's default stands.
            rows.append(_checked(where, table, {name: cell for name, cell in record.items() if cell != ""}))
    except csv.Error as error:
        raise BadInput(f"{path.name} line {reader.line_num}: not CSV: {error}") from None
    return tuple(rows)


def _zones(path: Path) -> tuple[Zone, ...]:
    try:
        document = json.loads(_text(path))
        features = list(document["features"])
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{path.name}: not a GeoJSON FeatureCollection: {error}") from None
    return tuple(_zone(f"{path.name} feature {number}", feature) for number, feature in enumerate(features, start=1))


def _zone(where: str, feature: object) -> Zone:
    parts = feature if isinstance(feature, dict) else {}
    geometry, properties = parts.get("geometry"), parts.get("properties")
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise BadInput(f"{where}: geometry.type: needs to be Polygon or MultiPolygon")
    if not isinstance(properties, dict):
        raise BadInput(f"{where}: properties: needs to be an object")
    coordinates = geometry.get("coordinates")
    polygons = [coordinates] if geometry["type"] == "Polygon" else coordinates
    return _checked(where, Zone, {**properties, "polygons": polygons})


def _cross_check(book: Rulebook) -> None:
    agencies = _unique("agencies.csv", (row.id for row in book.agencies))
    contacts = _unique("contacts.csv", (row.id for row in book.contacts))
    zones = _unique("zones.geojson", (zone.id for zone in book.zones))
    points = _unique("zones.geojson points", (point.id for zone in book.zones for point in zone.points))
    # Crews and depots share one name space: both occur among the stops of a trip.
    _unique("crews.csv and depots.csv", [*(row.id for row in book.crews), *(row.id for row in book.depots)])
    _unique("vehicles.csv", (row.id for row in book.vehicles))
    _unique("places.csv", (row.id for row in book.places))
    _known("alliance.toml: duty_agency", [book.alliance.duty_agency], agencies)
    _known("zones.geojson: agency", (zone.agency for zone in book.zones), agencies)
    _known("contacts.csv: agency", (row.agency for row in book.contacts), agencies)
    _known("crews.csv: agency", (row.agency for row in book.crews), agencies)
    _known("vehicles.csv: agency", (row.agency for row in book.vehicles), agencies)
    _known("depots.csv: agency", (row.agency for row in book.depots), agencies)
    _known("duty.csv: contact", (row.contact for row in book.duty), contacts)
    _known("danger.toml: green_pct", book.danger.green_pct, zones)
    _known("danger.toml: green_pct must name every zone", zones, set(book.danger.green_pct))
    _known("danger.toml: fwi_thresholds_by_zone", book.danger.fwi_thresholds_by_zone, zones)
    _season(book, zones)
    _days_ahead(book)
    if book.alliance.demonstration and book.map.boundaries:
        raise BadInput("map.toml: boundaries: the outlines of a demonstration are nobody's (alliance.toml)")
    _unique("weather.toml feed", (feed.id for feed in book.weather.feed))
    for feed in book.weather.feed:
        if feed.kind == "stations":
            _known("weather.toml: feed.stations", feed.stations.values(), points)
    for agency in agencies:
        if not any(row.agency == agency and row.role == "liaison" for row in book.contacts):
            raise BadInput(f"contacts.csv: agency {agency} has no liaison")


def _season(book: Rulebook, zones: set[str]) -> None:
    season = book.danger.season
    for window in season.window:
        _known("danger.toml: season.window.zones", window.zones, zones)
    for zone in zones:
        if season.rule == "calendar" and not season.windows(zone):
            raise BadInput(f"danger.toml: season.window: no window counts in {zone}")


def _days_ahead(book: Rulebook) -> None:
    """Refuse to count days that no outlook reaches: they would always be missing, and no warning be lowered."""
    counted, foreseen = book.warnings.use_forecast_days, book.outlook.days_ahead
    if counted > foreseen:
        raise BadInput(f"warnings.toml: use_forecast_days: {counted} days, but outlook.toml: days_ahead is {foreseen}")


def _unique(where: str, ids: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise BadInput(f"{where}: {name} stands there twice")
        seen.add(name)
    return seen


def _known(where: str, names: Iterable[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            raise BadInput(f"{where}: {name} is not known")
