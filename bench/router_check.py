"""Travel minutes beside those of an independent router, on one OpenStreetMap extract. By hand, not in CI.

    python -m bench.router_check EXTRACT.osm.pbf --valhalla TILES_CONFIG.json
    python -m bench.router_check EXTRACT.osm.pbf --osrm FOLDER/extract.osrm

Needs Python >= 3.12 for the wheels `pyvalhalla` and `osrm-bindings`, and firewatch with its extra `roads`; the other
router's tiles are made of the same extract with its own tools and its own profile of a car. Both are asked for the
minutes between the same seeded places, on roads that cars take too: tracks and drives are each router's own affair.
Prints, for a crew carrier and for a light vehicle, the rank correlation (wanted: at least 0.98) and the ratios ours /
theirs (wanted: nine of ten within 0.75-1.35).
"""

import argparse
import json
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from firewatch.roads import extract
from firewatch.roads.graph import Floats, metres_between
from firewatch.roads.network import Network
from firewatch.roads.ways import CLASSES
from firewatch.rulebook.roads import Roads

LEAST_M = 2000.0
"""Between the two ends as the crow flies: of shorter ways the turns at their ends decide."""
WANTED_RANK, WANTED_RATIOS, WANTED_SHARE = 0.98, (0.75, 1.35), 0.9


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("extract", type=Path)
    parser.add_argument("--valhalla", type=Path, metavar="CONFIG.json")
    parser.add_argument("--osrm", type=Path, metavar="FILE.osrm")
    parser.add_argument("--places", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    graph, rules = extract.build(given.extract, None, lambda _: None).graph, Roads()
    cars = np.unique(graph.start[graph.kind <= CLASSES.index("residential")])
    nodes = np.random.default_rng(given.seed).choice(cars, given.places, replace=False)
    lat, lon = graph.lat[nodes].astype(np.float64), graph.lon[nodes].astype(np.float64)
    far = metres_between(lat[:, None], lon[:, None], lat[None, :], lon[None, :]) >= LEAST_M
    print(f"{len(graph.lat)} nodes, {graph.km:.0f} km, {int(far.sum())} pairs of {given.places} places")
    theirs = {"valhalla": valhalla(given.valhalla, lat, lon)} if given.valhalla is not None else {}
    theirs |= {"osrm": osrm(given.osrm, lat, lon)} if given.osrm is not None else {}
    for name, speeds in (
        ("crew carrier", rules.speed_kmh.model_dump()),
        ("light", rules.light.speeds(rules.speed_kmh)),
    ):
        network = Network(graph, speeds)
        ours = np.array([network.minutes_from(int(node))[nodes] for node in nodes])
        for router, minutes in theirs.items():
            _tell(f"{name} / {router}", ours, minutes, far)


def valhalla(config: Path, lat: Floats, lon: Floats) -> Floats:
    """Return the minutes from every place (rows) to every other, of a car."""
    from valhalla import Actor

    places = [{"lat": float(a), "lon": float(b)} for a, b in zip(lat, lon, strict=True)]
    asked = {"sources": places, "targets": places, "costing": "auto"}
    answer = json.loads(Actor(str(config)).matrix(json.dumps(asked)))
    rows = answer["sources_to_targets"]
    return np.array([[_minutes(cell["time"]) for cell in row] for row in rows])


def osrm(file: Path, lat: Floats, lon: Floats) -> Floats:
    """Return the minutes from every place (rows) to every other, of a car."""
    from osrm import OSRM, TableParameters

    engine = OSRM(storage_config=str(file), algorithm="MLD", use_shared_memory=False)
    places = [(float(b), float(a)) for a, b in zip(lat, lon, strict=True)]
    answer = engine.Table(TableParameters(coordinates=places, annotations=["duration"]))
    return np.array([[_minutes(cell) for cell in row] for row in answer["durations"]])


def _minutes(seconds: float | None) -> float:
    return np.nan if seconds is None else float(seconds) / 60


def _tell(name: str, ours: Floats, theirs: Floats, far: Floats) -> None:
    both = far.astype(bool) & np.isfinite(ours) & np.isfinite(theirs)
    a, b = ours[both], theirs[both]
    rank, ratio = float(spearmanr(a, b).statistic), a / b
    print(f"{name}: {len(a)} pairs; rank correlation {rank:.4f} ({'as' if rank >= WANTED_RANK else 'NOT as'} wanted)")
    low, high = WANTED_RATIOS
    share = float(((ratio >= low) & (ratio <= high)).mean())
    five, middle, last = np.percentile(ratio, [5, 50, 95])
    print(f"  ratios: {share:.1%} within {low}-{high} ({'as' if share >= WANTED_SHARE else 'NOT as'} wanted);", end=" ")
    print(f"5 % below {five:.2f}, median {middle:.2f}, 5 % above {last:.2f}")


if __name__ == "__main__":
    main()
