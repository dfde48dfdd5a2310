"""The config folder: the demonstration alliance is whole; whatever is broken is refused with file, key and reason."""

import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from firewatch.errors import BadInput
from firewatch.rulebook import alliance
from firewatch.rulebook.read import Rulebook, default_folder, read_rulebook
from tests.rulebook_tables import TABLES

TOML_FILES = ("alliance.toml", "danger.toml", "dispatch.toml", "messages.toml", "weather.toml")
CSV_FILES = ("agencies.csv", "contacts.csv", "crews.csv", "depots.csv", "duty.csv", "vehicles.csv")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the demonstration alliance, to be broken."""
    return Path(shutil.copytree(default_folder(), tmp_path / "config"))


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert len(re.findall(old, text, flags=re.MULTILINE)) >= 1, f"{old!r} does not stand in {file.name}"
    file.write_text(re.sub(old, new, text, count=1, flags=re.MULTILINE), encoding="utf-8")


def test_the_demonstration_alliance_is_whole(rulebook: Rulebook) -> None:
    assert {zone.id for zone in rulebook.zones} == {
        "kangle", "hezheng", "linxia-county", "jishishan", "taizishan", "lianhuashan",
    }  # fmt: skip
    assert {agency.id for agency in rulebook.agencies} == {zone.id for zone in rulebook.zones} | {"prefecture"}
    for agency in rulebook.agencies:
        roles = {contact.role for contact in rulebook.contacts if contact.agency == agency.id}
        assert roles >= {"liaison", "deputy"}
    assert rulebook.alliance.demonstration
    assert rulebook.crews
    assert rulebook.vehicles
    assert rulebook.depots
    assert set(rulebook.points) == {point.id for zone in rulebook.zones for point in zone.points}


def test_its_phones_ring_nowhere(rulebook: Rulebook) -> None:
    # +44 7700 900000 to 900999 are kept free for drama by the British regulator.
    assert not [contact.id for contact in rulebook.contacts if not re.fullmatch(r"\+447700900\d{3}", contact.phone)]


def test_untrained_teams_are_never_sent_to_attack(rulebook: Rulebook) -> None:
    assert not [crew.id for crew in rulebook.crews if crew.kind == "mass" and crew.may_attack]


def test_every_need_of_a_run_card_exists_somewhere(rulebook: Rulebook) -> None:
    needed = {capability for card in rulebook.dispatch.run_card for capability in card.needs} - {"people"}
    by_crews = {capability for crew in rulebook.crews for capability in crew.provides}
    by_vehicles = {capability for vehicle in rulebook.vehicles for capability in vehicle.provides}
    in_depots = {capability for depot in rulebook.depots for capability in depot.stock}
    assert needed <= by_crews | by_vehicles | in_depots


def test_the_rulebook_is_frozen(rulebook: Rulebook) -> None:
    with pytest.raises(ValidationError):
        rulebook.danger.max_gap_days = 9  # type: ignore[misc]  # that is what is tried


BROKEN = [
    # file, what stands there (a regular expression), what is put in its place, what the refusal says
    ("alliance.toml", r"^name_zh = .*$", "", r"alliance\.toml: name_zh: Field required"),
    ("alliance.toml", r"Asia/Shanghai", "Asia/Linxia", r"alliance\.toml: time_zone: not an IANA time zone"),
    ("alliance.toml", r"Asia/Shanghai", "Asia", r"alliance\.toml: time_zone: not an IANA time zone"),
    ("alliance.toml", r"Asia/Shanghai", "/etc/localtime", r"alliance\.toml: time_zone: not an IANA time zone"),
    ("alliance.toml", r'duty_agency = "\w+"', 'duty_agency = "nobody"', r"alliance\.toml: duty_agency: nobody is not"),
    ("alliance.toml", r'^name_en = "', "name_en = ", r"alliance\.toml: not TOML: .*line 3"),
    ("agencies.csv", r"^kangle,.*$", "", r"zones\.geojson: agency: kangle is not known"),
    ("agencies.csv", r"^hezheng,", "kangle,", r"agencies\.csv: kangle stands there twice"),
    ("agencies.csv", r"^hezheng,", "He Zheng,", r"agencies\.csv line 4: id: String should match"),
    ("agencies.csv", r"35\.373", "95.373", r"agencies\.csv line 3: lat: Input should be less than or equal to 90"),
    ("agencies.csv", r"35\.373", "north", r"agencies\.csv line 3: lat: Input should be a valid number"),
    ("agencies.csv", r",35\.373", "", r"agencies\.csv line 3: not as many fields as the header has"),
    ("agencies.csv", r"35\.373,", "35.373,7,", r"agencies\.csv line 3: not as many fields as the header has"),
    ("agencies.csv", r"康乐县林长制办公室", '"康乐县林长制办公室', r"agencies\.csv line \d+: not CSV"),
    ("contacts.csv", r"\+447700900104", "07700900104", r"contacts\.csv line 5: phone: "),
    ("contacts.csv", r"联络员乙,Liaison B,liaison", "联络员乙,Liaison B,deputy", r"agency kangle has no liaison"),
    ("contacts.csv", r"^kangle-deputy,kangle", "kangle-deputy,nobody", r"contacts\.csv: agency: nobody is not known"),
    ("contacts.csv", r",zh$", ",fr", r"contacts\.csv line 2: lang: "),
    ("crews.csv", r"^(kangle-pro,.*),32,", r"\1,0,", r"crews\.csv line 3: people: Input should be greater than 0"),
    ("crews.csv", r"squad=4", "squad=many", r"crews\.csv line 3: provides\.squad: "),
    ("crews.csv", r"squad=4", "squad", r"crews\.csv line 3: provides\.squad: "),
    ("crews.csv", r"^kangle-pro,kangle", "kangle-pro,nobody", r"crews\.csv: agency: nobody is not known"),
    ("crews.csv", r",true,", ",perhaps,", r"crews\.csv line 2: may_attack: "),
    ("depots.csv", r"^kangle-depot", "kangle-pro", r"crews\.csv and depots\.csv: kangle-pro stands there twice"),
    ("depots.csv", r"^kangle-depot,kangle", "kangle-depot,nobody", r"depots\.csv: agency: nobody is not known"),
    ("vehicles.csv", r"^kangle-carrier-1,kangle", "kangle-carrier-1,x", r"vehicles\.csv: agency: x is not known"),
    ("vehicles.csv", r"^kangle-carrier-2", "kangle-carrier-1", r"vehicles\.csv: kangle-carrier-1 stands there twice"),
    ("vehicles.csv", r"crew_carrier,standard", "submarine,standard", r"vehicles\.csv line 2: kind: "),
    ("duty.csv", r"^kangle-liaison", "nobody", r"duty\.csv: contact: nobody is not known"),
    ("duty.csv", r"1234567", "12345678", r"duty\.csv line 2: weekdays: weekdays are digits"),
    ("duty.csv", r"1234567", "1123", r"duty\.csv line 2: weekdays: weekdays are digits"),
    ("duty.csv", r"08:00", "25:00", r"duty\.csv line 2: start: a time of day looks like 08:00"),
    ("duty.csv", r",20:00", ",24:01", r"duty\.csv line 2: end: a time of day looks like 08:00"),
    ("danger.toml", r'"lyt1172"', '"nesterov"', r"danger\.toml: scheme: "),
    ("danger.toml", r'assess_at = "14:00"', 'assess_at = "2 pm"', r"danger\.toml: assess_at: a time of day"),
    ("danger.toml", r"\[5\.2, 11\.2", "[11.2, 5.2", r"danger\.toml: .*fwi_thresholds must rise"),
    ("danger.toml", r"^kangle = .*$", "", r"danger\.toml: green_pct must name every zone: kangle is not known"),
    ("danger.toml", r"^kangle = ", "nowhere = ", r"danger\.toml: green_pct: nowhere is not known"),
    ("danger.toml", r"^kangle = \[0, ", "kangle = [", r"danger\.toml: green_pct\.kangle: .*at least 12"),
    ("danger.toml", r"^kangle = \[0, ", "kangle = [101, ", r"danger\.toml: green_pct\.kangle\.0: "),
    ("dispatch.toml", r"silent_minutes = \[30, 60\]", "silent_minutes = [60, 30]", "silent_minutes need to rise"),
    ("dispatch.toml", r"grades = \[1, 2\]", "grades = [1]", r"one run_card for ordinary fires at grade 2"),
    ("dispatch.toml", r"grades = \[1, 2\]", "grades = [1, 2, 3]", r"one run_card for ordinary fires at grade 3"),
    ("dispatch.toml", r"people = 20, blower", "people = 0, blower", r"dispatch\.toml: run_card\.0\.needs\.people: "),
    ("dispatch.toml", r"speed_kmh = 40", "speed_kmh = 0", r"dispatch\.toml: speed_kmh: "),
    ("dispatch.toml", r'confirm = "\w+"', 'confirm = "never"', r"dispatch\.toml: confirm: "),
    ("dispatch.toml", r"grade_weight = \[1\.0, ", "grade_weight = [", r"dispatch\.toml: grade_weight: "),
    ("messages.toml", r"remind_after_minutes = 5", "remind_after_minutes = 0", r"remind_after_minutes: "),
    ("messages.toml", r"max_failures = 8", 'max_failures = "many"', r"messages\.toml: max_failures: "),
    ("weather.toml", r'kind = "open_meteo"', 'kind = "crystal_ball"', r"weather\.toml: feed\.0: .*crystal_ball"),
    ("weather.toml", r"past_days = 3", "past_days = 93", r"weather\.toml: feed\.0\.open_meteo\.past_days: "),
    ("weather.toml", r'time_column = "time"', "", r"weather\.toml: mapping: give either time_column, or year_column"),
    ("weather.toml", r'time_zone = "Asia/Shanghai"', 'time_zone = "CST-8"', r"mapping\.time_zone: not an IANA"),
    ("weather.toml", r"rain_hour", 'encoding = "morse"\nrain_hour', r"mapping\.encoding: not an encoding"),
    ("weather.toml", r"^rh_pct = .*$", "", r"weather\.toml: mapping: give rh_pct or dew_point_c"),
    ("weather.toml", r"^temp_c = .*$", "", r"weather\.toml: mapping\.temp_c: Field required"),
    ("zones.geojson", r'"Polygon"', '"Point"', r"zones\.geojson feature 1: geometry\.type: needs to be Polygon"),
    ("zones.geojson", r'"id": "hezheng"', '"id": "kangle"', r"zones\.geojson: kangle stands there twice"),
    ("zones.geojson", r'"elevation_m": \d+', '"elevation_m": 9001', r"feature 1: points\.0\.elevation_m: "),
    ("zones.geojson", r'"features"', '"things"', r"zones\.geojson: not a GeoJSON FeatureCollection"),
    ("zones.geojson", r'"features": \[', '"features": [1, ', r"zones\.geojson feature 1: "),
    ("zones.geojson", r'"geometry": \{', '"geometry": 7, "x": {', r"zones\.geojson feature 1: geometry"),
    ("zones.geojson", r'"properties": \{', '"properties": 7, "x": {', r"zones\.geojson feature 1: "),
    ("zones.geojson", r'"coordinates": \[', '"coordinates": 7, "x": [', r"zones\.geojson feature 1: polygons"),
    ("zones.geojson", r"^\{", "", r"zones\.geojson: not a GeoJSON FeatureCollection"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "said"), BROKEN)
def test_a_broken_file_is_refused_with_its_key_and_the_reason(
    folder: Path, file: str, old: str, new: str, said: str
) -> None:
    edit(folder / file, old, new)
    with pytest.raises(BadInput, match=said):
        read_rulebook(folder)


def test_warnings_count_no_days_that_the_outlook_never_reaches(folder: Path) -> None:
    """A day that is always missing would lower no warning for good."""
    edit(folder / "outlook.toml", r"days_ahead = 7", "days_ahead = 3")
    edit(folder / "warnings.toml", r"use_forecast_days = 0", "use_forecast_days = 3")
    assert read_rulebook(folder).warnings.use_forecast_days == 3
    edit(folder / "warnings.toml", r"use_forecast_days = 3", "use_forecast_days = 4")
    with pytest.raises(BadInput, match=r"warnings\.toml: use_forecast_days: 4 days, but outlook\.toml"):
        read_rulebook(folder)


@pytest.mark.parametrize("file", [*TOML_FILES, *CSV_FILES, "zones.geojson"])
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(BadInput, match=rf"{re.escape(file)}: cannot be read"):
        read_rulebook(folder)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere: no such config folder \(FIREWATCH_CONFIG_DIR\)"):
        read_rulebook(tmp_path / "nowhere")


def test_a_file_that_is_not_utf8_is_named(folder: Path) -> None:
    (folder / "agencies.csv").write_bytes("id,name_zh\nkangle,康乐".encode("gb18030"))
    with pytest.raises(BadInput, match=r"agencies\.csv: cannot be read: .*utf-8"):
        read_rulebook(folder)


def test_a_byte_order_mark_is_no_part_of_the_first_column(folder: Path) -> None:
    file = folder / "agencies.csv"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert read_rulebook(folder).agencies[0].id == "prefecture"


def test_spaces_in_a_phone_number_do_not_matter(folder: Path) -> None:
    edit(folder / "contacts.csv", r"\+447700900101", "+44 7700 900101")
    assert read_rulebook(folder).contacts[0].phone == "+447700900101"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
features = st.fixed_dictionaries(
    {
        "properties": anything,
        "geometry": st.fixed_dictionaries(
            {"type": st.sampled_from(["Polygon", "MultiPolygon"]), "coordinates": anything}
        ),
    }
)


@given(document=anything | st.fixed_dictionaries({"features": st.lists(features | anything, min_size=1, max_size=2)}))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_geojson_however_odd_breaks_the_reader(folder: Path, document: object) -> None:
    (folder / "zones.geojson").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(BadInput, match=r"\.toml|zones\.geojson"):
        read_rulebook(folder)


# A key with a slip of the pen in it must not be taken for one that is missing: the default would stand, in silence.
keys = st.from_regex(r"[a-z][a-z_]{0,20}", fullmatch=True)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
@given(key=keys, value=st.none() | st.integers() | st.text(max_size=5))
@settings(max_examples=25)
def test_no_table_takes_a_key_it_does_not_know(table: type[alliance.Rules], key: str, value: object) -> None:
    key = f"{key}_" if key in table.model_fields else key
    with pytest.raises(ValidationError) as refused:
        table.model_validate({key: value})
    assert {"type": "extra_forbidden", "loc": (key,)}.items() <= _error_at(refused.value, key).items()


def _error_at(error: ValidationError, key: str) -> dict[str, Any]:
    return next(dict(item) for item in error.errors() if item["loc"] == (key,))


def _in_toml(file: Path) -> None:
    file.write_text("typpo = 1\n" + file.read_text(encoding="utf-8"), encoding="utf-8")


def _in_csv(file: Path) -> None:
    rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8"))))
    text = io.StringIO()
    csv.writer(text).writerows([[*rows[0], "typpo"], *([*row, "1"] for row in rows[1:])])
    file.write_text(text.getvalue(), encoding="utf-8")


def _in_geojson(file: Path) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))
    document["features"][0]["properties"]["typpo"] = 1
    file.write_text(json.dumps(document), encoding="utf-8")


WRITERS: list[tuple[str, Callable[[Path], None]]] = [
    *((file, _in_toml) for file in TOML_FILES),
    *((file, _in_csv) for file in CSV_FILES),
    ("zones.geojson", _in_geojson),
]


@pytest.mark.parametrize(("file", "write"), WRITERS)
def test_an_unknown_key_is_named_with_its_file(folder: Path, file: str, write: Callable[[Path], None]) -> None:
    write(folder / file)
    with pytest.raises(BadInput, match=rf"{re.escape(file)}.*: typpo: Extra inputs are not permitted"):
        read_rulebook(folder)


def test_the_outlines_of_a_demonstration_are_nobodys(folder: Path) -> None:
    (folder / "map.toml").write_text('boundaries = "ours"\n', encoding="utf-8")
    with pytest.raises(BadInput, match=r"map\.toml: boundaries"):
        read_rulebook(folder)
    edit(folder / "alliance.toml", "demonstration = true", "demonstration = false")
    assert read_rulebook(folder).map.boundaries == "ours"
