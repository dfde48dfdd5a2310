"""`firewatch roads`: travel minutes by road; needs the optional packages of the extra `roads`."""

import argparse
import importlib.util
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from firewatch.commands.parsing import Commands, add, group
from firewatch.errors import BadInput

if TYPE_CHECKING:
    from firewatch.roads.extract import Box, Built
    from firewatch.rulebook.read import Rulebook

WANTED = ("osmium", "scipy")
WHY = {
    "not_for_vehicles": "not for vehicles",
    "forbidden": "closed to vehicles",
    "area": "areas",
    "outside": "far from the zones and resources",
    "no_place": "reaching beyond the extract: only what lies inside is used",
}
"""Why ways were left out, in words."""


def register(commands: Commands) -> None:
    """Add roads."""
    roads = group(commands, "roads", "travel minutes by road", "ACTION")
    build = add(roads, "build", _build, "make the road network out of an OpenStreetMap extract")
    build.add_argument(
        "file", metavar="FILE.osm.pbf", type=Path, nargs="?", help="default: the one that lies in the data folder"
    )
    build.add_argument("--whole", action="store_true", help="keep roads far from the zones and resources too")
    minutes = add(roads, "minutes", _minutes, "tell how long it takes from a place to a fire, and how that was made")
    for name in ("start", "fire"):
        minutes.add_argument(name, metavar=name.upper(), type=_point, help="as latitude,longitude")


def _build(given: argparse.Namespace) -> int:
    _need(WANTED)
    from tqdm import tqdm

    from firewatch.roads import extract, store
    from firewatch.run import named_data_dir, named_rulebook

    folder, book = named_data_dir(), named_rulebook()
    file = given.file or _lying_in(folder)
    began = time.monotonic()
    with tqdm(unit=" ways", desc="reading", dynamic_ncols=True, disable=not sys.stderr.isatty()) as bar:
        built = extract.build(file, None if given.whole else _around(book), lambda number: bar.update(number - bar.n))
    folder.mkdir(parents=True, exist_ok=True)
    store.save(folder / store.FILE, built.graph, built.about)
    print("\n".join(lines(built)))
    print(f"{folder / store.FILE} written in {time.monotonic() - began:.1f} s; restart the service to use it")
    return 0


def lines(built: "Built") -> list[str]:
    """Return what a network holds and what was left out, in words."""
    graph, about = built.graph, built.about
    day = f"as of {about.roads_on}" if about.roads_on else "which does not say as of when"
    said = [
        f"{about.extract}, {day}: {built.ways} ways; © OpenStreetMap contributors, ODbL",
        f"{len(graph.lat)} nodes, {graph.km:.0f} km of road on which one gets from everywhere to everywhere",
        f"left out: {built.cut_off_km:.0f} km in {built.parts - 1} parts from which one does not get there and back",
    ]
    return said + [f"left out: {number} ways {WHY[reason]}" for reason, number in sorted(built.left_out.items())]


def _minutes(given: argparse.Namespace) -> int:
    _need(("scipy",))
    from firewatch.dispatch.road_travel import open_roads
    from firewatch.dispatch.travel import estimate
    from firewatch.run import named_data_dir, named_rulebook

    book = named_rulebook()
    guess = estimate(book.dispatch, by_road=book.roads)
    roads = open_roads(named_data_dir(), book.roads, guess)
    places = {"start": given.start, "fire": given.fire}
    table, guessed = roads.table(places, ["fire"]), guess.table(places, ["fire"]).minutes["start"]["fire"]
    made, minutes = table.made, table.minutes["start"]["fire"]
    land = "over the terrain" if made.terrain else "over flat land: there are no heights of that place"
    print(f"{minutes:g} min, {made.walk.get('start', {}).get('fire', 0):g} of them on foot, {land}")
    for name in made.estimated:
        print(f"estimated: no road within {book.roads.off_road_at_most_km:g} km of the {name}")
    print(f"{guessed:g} min by the estimate from straight distance")
    return 0


def _need(names: tuple[str, ...]) -> None:
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        raise BadInput(f"roads needs {', '.join(missing)}: pip install --require-hashes -r requirements/roads.txt")


def _lying_in(folder: Path) -> Path:
    found = sorted(folder.glob("*.osm.pbf"))
    if len(found) != 1:
        names = ", ".join(file.name for file in found) or "none"
        raise BadInput(f"{folder}: one .osm.pbf is wanted there, found {names}: name the file")
    return found[0]


def _point(text: str) -> tuple[float, float]:
    found = re.fullmatch(r"(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text} is not latitude,longitude such as 35.43,103.30")
    return float(found[1]), float(found[2])


def _around(book: "Rulebook") -> "Box":
    """Return the box around zones and resources, with the margin of the config."""
    from firewatch.roads.extract import box_around

    points = [(lat, lon) for zone in book.zones for polygon in zone.polygons for ring in polygon for lon, lat in ring]
    points += [(row.lat, row.lon) for rows in (book.crews, book.vehicles, book.depots) for row in rows]
    return box_around(points, book.roads.margin_km)
