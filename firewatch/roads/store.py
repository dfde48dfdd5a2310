"""The road graph's file: arrays in numpy's own format, written aside and renamed, checked when read."""

import json
import os
import zipfile
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firewatch.errors import BadInput
from firewatch.roads.graph import Graph
from firewatch.roads.ways import CLASSES

FILE = "roads.npz"
"""In the data folder."""
FORMAT = "firewatch-roads/1"
AGAIN = "run `firewatch roads build` again"


@dataclass(frozen=True)
class About:
    """Where a graph comes from: the extract's name, and the day as of which it tells the roads; "" is not known."""

    extract: str
    roads_on: str


def save(path: Path, graph: Graph, about: About) -> None:
    """Write a graph; it is there whole or not at all. Raises BadInput when it cannot be written."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.aside")
    words = json.dumps({"format": FORMAT, "classes": CLASSES, **asdict(about)})
    try:
        with aside.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, about=np.array(words), **_arrays(graph))
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        raise BadInput(f"{path}: cannot be written ({error.strerror})") from None
    finally:
        aside.unlink(missing_ok=True)


def load(path: Path) -> tuple[Graph, About]:
    """Read a graph. Raises BadInput when the file is missing, broken, or of another version."""
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            words = json.loads(str(file["about"]))
            found = {field.name: file[field.name] for field in fields(Graph)}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise BadInput(f"{path}: cannot be read ({error}): {AGAIN}") from None
    if words.get("format") != FORMAT or tuple(words.get("classes", ())) != CLASSES:
        raise BadInput(f"{path}: is of another version: {AGAIN}")
    graph = Graph(**found)
    if not _is_whole(graph):
        raise BadInput(f"{path}: does not fit together: {AGAIN}")
    return graph, About(str(words["extract"]), str(words["roads_on"]))


def _arrays(graph: Graph) -> dict[str, NDArray[Any]]:
    return {field.name: getattr(graph, field.name) for field in fields(Graph)}


def _is_whole(graph: Graph) -> bool:
    nodes, pieces = len(graph.lat), len(graph.start)
    lengths = {len(array) for array in (graph.end, graph.metres, graph.kind, graph.limit_kmh)}
    if lengths != {pieces} or len(graph.lon) != nodes or not pieces:
        return False
    ends = np.concatenate([graph.start, graph.end])
    return bool(ends.min() >= 0 and ends.max() < nodes and graph.kind.max() < len(CLASSES) and graph.metres.min() > 0)
