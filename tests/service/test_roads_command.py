"""`firewatch roads`: from an extract to a network in the data folder, and minutes out of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from firewatch.__main__ import main
from firewatch.roads import extract, store
from firewatch.roads.network import Network
from firewatch.roads.terrain import Terrain
from firewatch.rulebook.roads import Roads
from tests.roads import north, write_extract

LINXIA = (35.43, 103.30)
KM = north(1000)
NODES = {number: (LINXIA[0] + number * KM, LINXIA[1]) for number in range(5)} | {9: (0.0, 0.0), 10: (0.0, KM)}
WAYS = [
    ([0, 1, 2], {"highway": "primary", "maxspeed": "30"}),
    ([2, 3], {"highway": "track"}),
    ([3, 4], {"highway": "primary", "oneway": "yes"}),
    ([0, 3], {"highway": "footway"}),
    ([0, 3], {"highway": "track", "access": "no"}),
    ([0, 1], {"waterway": "stream"}),
    ([9, 10], {"highway": "primary"}),
    ([2, 77, 3], {"highway": "service"}),
    ([78, 79], {"highway": "service"}),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder that the commands find."""
    monkeypatch.setenv("FIREWATCH_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def test_an_extract_becomes_a_network(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_extract(folder / "gansu.osm.pbf", NODES, WAYS, day="2026-11-01")
    assert main(["roads", "build"]) == 0
    said = capsys.readouterr().out
    assert "gansu.osm.pbf, as of 2026-11-01: 8 ways; © OpenStreetMap contributors, ODbL" in said
    assert "13 nodes, 3 km of road on which" in said
    assert "left out: 1 km in 4 parts" in said
    for line in ("1 ways closed", "1 ways not for", "1 ways far from", "2 ways reaching beyond"):
        assert f"left out: {line}" in said
    assert "written in" in said
    graph, about = store.load(folder / store.FILE)
    assert about == store.About("gansu.osm.pbf", "2026-11-01")
    network = Network(graph, Roads().speed_kmh.model_dump())
    assert network.minutes_to(0).max() == pytest.approx(2 * 2 + 4, abs=0.01)


def test_minutes_are_told_with_how_they_were_made(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_extract(folder.parent / "elsewhere.osm.pbf", NODES, WAYS)
    assert main(["roads", "build", str(file)]) == 0
    assert "which does not say as of when" in capsys.readouterr().out
    assert main(["roads", "minutes", "35.43,103.30", f"{LINXIA[0] + 3 * KM},{LINXIA[1] + KM}"]) == 0
    said = capsys.readouterr().out
    assert "min, 17 of them on foot, over flat land" in said
    assert "by the estimate" in said
    assert main(["roads", "minutes", "35.43,103.30", "34.0,103.3"]) == 0
    assert "estimated: no road within 10 km of the fire" in capsys.readouterr().out


def test_an_extract_of_another_place_is_refused_unless_all_is_wanted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_extract(folder / "atlantic.osm.pbf", NODES, WAYS[6:7])
    assert main(["roads", "build", str(file)]) == 2
    assert "is it the extract of another place?" in capsys.readouterr().err
    assert not (folder / store.FILE).exists()
    assert main(["roads", "build", str(file), "--whole"]) == 0


@pytest.mark.parametrize(
    ("names", "said"), [((), "found none"), (("a.osm.pbf", "b.osm.pbf"), "found a.osm.pbf, b.osm.pbf")]
)
def test_it_is_told_which_file_when_that_is_not_clear(
    folder: Path, names: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in names:
        write_extract(folder / name, NODES, WAYS)
    assert main(["roads", "build"]) == 2
    assert said in capsys.readouterr().err


def test_a_file_that_is_no_extract_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = folder / "broken.osm.pbf"
    broken.write_bytes(b"not an extract at all")
    assert main(["roads", "build"]) == 2
    assert "broken.osm.pbf: cannot be read as an OpenStreetMap extract" in capsys.readouterr().err
    assert main(["roads", "build", str(folder / "none.osm.pbf")]) == 2
    assert "there is no such file" in capsys.readouterr().err
    write_extract(broken, NODES, WAYS[3:4])
    assert main(["roads", "build"]) == 2
    assert "there is no road in it that is driven on" in capsys.readouterr().err


def test_a_cut_off_extract_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_extract(folder / "half.osm.pbf", NODES, WAYS)
    file.write_bytes(file.read_bytes()[:-30])
    assert main(["roads", "build"]) == 2
    assert "half.osm.pbf: cannot be read" in capsys.readouterr().err


def test_minutes_without_a_network_say_what_to_do(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.is_dir()
    assert main(["roads", "minutes", "35.43,103.30", "35.5,103.3"]) == 2
    assert "run `firewatch roads build`" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["roads", "minutes", "here", "35.5,103.3"])
    assert "here is not latitude,longitude" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("package", "words"), [("osmium", ["build", "x.osm.pbf"]), ("scipy", ["minutes", "1,2", "3,4"])]
)
def test_without_the_optional_packages_it_says_what_to_install(package: str, words: list[str]) -> None:
    run = "from firewatch.__main__ import main; sys.exit(main(sys.argv[1:]))"
    code = f"import sys; sys.modules['{package}'] = None; {run}"
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    command = [sys.executable, "-c", code, "roads", *words]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert answer.returncode == 2, answer.stderr
    assert f"roads needs {package}: pip install --require-hashes -r requirements/roads.txt" in answer.stderr


@pytest.mark.reference
def test_a_real_mountain_valley(reference: Path, tmp_path: Path) -> None:
    """Andorra: its known towns are as far apart as they are, and the road of the pass is no shorter than it is."""
    built = extract.build(reference / "roads" / "andorra.osm.pbf", None)
    assert (len(built.graph.lat), round(built.graph.km), built.about.roads_on) == (20354, 494, "2013-05-28")
    from firewatch.roads.minutes import RoadMinutes

    roads = RoadMinutes(Network(built.graph, Roads().speed_kmh.model_dump()), Terrain(reference / "roads"), Roads())
    la_vella, pas_de_la_casa, beyond = (42.5075, 1.5218), (42.5440, 1.7330), (43.0, 1.5)
    fire = (42.5800, 1.6000)  # on a slope high above the road
    table = roads.table([la_vella, pas_de_la_casa, beyond], [fire])
    assert 30 < table.minutes[0, 1] < 60  # 30 km over the pass at 2,408 m
    assert table.access[2] is None
    assert table.terrain
    flat = RoadMinutes(Network(built.graph, Roads().speed_kmh.model_dump()), Terrain(tmp_path), Roads())
    assert table.walk[0, 3] > 2 * flat.table([la_vella], [fire]).walk[0, 1]
