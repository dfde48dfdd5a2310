import json
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from firewatch.errors import BadInput
from firewatch.roads import store
from firewatch.roads.graph import Graph
from firewatch.roads.store import About
from tests.roads import graph_of, north, road

GRAPH = graph_of({0: (0, 0), 1: (north(900), 0), 2: (0, north(900))}, [road(0, 1, limit=30), road(1, 2, oneway=True)])
ABOUT = About("valley.osm.pbf", "")


def arrays(graph: Graph) -> dict[str, list[float]]:
    return {field.name: getattr(graph, field.name).tolist() for field in fields(Graph)}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / store.FILE
    store.save(file, GRAPH, About("older", "2025-01-01"))
    store.save(file, GRAPH, ABOUT)
    graph, about = store.load(file)
    assert arrays(graph) == arrays(GRAPH)
    assert about == ABOUT
    assert list(tmp_path.iterdir()) == [file]


def test_what_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be written"):
        store.save(tmp_path / "none" / store.FILE, GRAPH, ABOUT)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half", b"nothing of the kind"])
def test_a_broken_file_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / store.FILE).write_bytes(content)
    with pytest.raises(BadInput, match=r"cannot be read .* run `firewatch roads build` again"):
        store.load(tmp_path / store.FILE)


def test_half_a_file_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / store.FILE
    store.save(file, GRAPH, ABOUT)
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(BadInput, match="cannot be read"):
        store.load(file)


@pytest.mark.parametrize(
    "wrong",
    [
        {"end": GRAPH.end[:-1]},
        {"end": GRAPH.end + 99},
        {"start": GRAPH.start - 1},
        {"kind": GRAPH.kind + 99},
        {"metres": GRAPH.metres * 0},
        {"lon": GRAPH.lon[:-1]},
        {name: getattr(GRAPH, name)[:0] for name in ("start", "end", "metres", "kind", "limit_kmh")},
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(tmp_path: Path, wrong: dict[str, np.ndarray]) -> None:
    store.save(tmp_path / store.FILE, replace(GRAPH, **wrong), ABOUT)
    with pytest.raises(BadInput, match="does not fit together"):
        store.load(tmp_path / store.FILE)


def test_another_version_is_refused(tmp_path: Path) -> None:
    file = tmp_path / store.FILE
    words = json.dumps({"format": "firewatch-roads/0", "extract": "", "roads_on": ""})
    np.savez(file, about=np.array(words), **{field.name: getattr(GRAPH, field.name) for field in fields(Graph)})
    with pytest.raises(BadInput, match="another version"):
        store.load(file)
