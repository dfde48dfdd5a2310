"""Dispatch problems for the tests: the worked example of the design, and random ones."""

import random
from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st

from firewatch.dispatch.objectives import vector
from firewatch.dispatch.plan import PlannedTrip, Values
from firewatch.dispatch.problem import (
    RESERVE_LATER,
    USUAL_ORDER,
    Crew,
    Depot,
    Incident,
    Limits,
    Problem,
    Reserve,
    Vehicle,
    parse_problem,
)

SITES = ("P", "Q", "R", "S")
EXAMPLE_MINUTES = {
    "C": {"A": 10, "B": 12, "F1": 25, "F2": 45},
    "A": {"B": 8, "F1": 20, "F2": 35},
    "B": {"F1": 15, "F2": 40},
    "D": {"F1": 12, "F2": 14, "A": 25, "B": 22, "C": 30, "E": 20},
    "E": {"F1": 30, "F2": 22, "A": 40, "B": 42, "C": 45},
    "F1": {"F2": 24},
    "Z": {"E": 18, "D": 35, "A": 50, "B": 55, "C": 55, "F1": 40, "F2": 30},
}


def example() -> dict[str, Any]:
    """The worked example as its JSON value."""
    minutes: dict[str, dict[str, int]] = {}
    for a, row in EXAMPLE_MINUTES.items():
        for b, cell in row.items():
            minutes.setdefault(a, {})[b] = minutes.setdefault(b, {})[a] = cell
    common = {"load": 40, "turnout": 0}
    return {
        "format": "firewatch-dispatch-problem/1",
        "objectives": ["shortage", "reserve", "complement", "first_attack", "use"],
        "limits": {"crews_per_trip": 2, "depots_per_trip": 1, "seconds": 10},
        "incidents": [
            {"id": "F1", "place": "F1", "weight": 1, "needs": {"people": 10, "saw": 4, "pump": 1}},
            {"id": "F2", "place": "F2", "weight": 1, "needs": {"people": 6, "saw": 2, "pump": 1}},
        ],
        "vehicles": [
            {"id": "C1", "agency": "county C", "place": "C", "seats": 14, "crew": 0, "provides": {}} | common,
            {"id": "D1", "agency": "county D", "place": "D", "seats": 6, "crew": 6, "provides": {"pump": 1, "saw": 2}}
            | common,
            {"id": "E1", "agency": "county E", "place": "E", "seats": 8, "crew": 8, "provides": {"pump": 1}} | common,
        ],
        "crews": [
            {"id": "A1", "agency": "county A", "place": "A", "people": 10, "turnout": 0, "provides": {}}
            | {"may_attack": True}
        ],
        "depots": [{"id": "B", "agency": "county B", "place": "B", "stock": {"saw": 6, "pump": 1}, "loading": 0}],
        "reserves": [{"id": "Z", "place": "Z", "people": 6, "within": 20, "weight": 1}],
        "minutes": minutes,
    }  # fmt: skip


def example_problem() -> Problem:
    return parse_problem(example())


# Trips of the worked example, the minutes added up by hand.
C1_TO_F1 = PlannedTrip("C1", "F1", ("A1", "B"), ("A1",), {"B": {"saw": 4, "pump": 1}}, 10, 33)  # 10 + 8 + 15
C1_TO_F1_AFTER_D1 = replace(C1_TO_F1, load={"B": {"saw": 2}})
D1_TO_F1 = PlannedTrip("D1", "F1", (), (), {}, 6, 12)
D1_TO_F2 = PlannedTrip("D1", "F2", (), (), {}, 6, 14)
E1_TO_F1 = PlannedTrip("E1", "F1", (), (), {}, 8, 30)
E1_TO_F2 = PlannedTrip("E1", "F2", (), (), {}, 8, 22)


def one_fire(
    needs: dict[str, int],
    *,
    vehicles: list[Vehicle] | None = None,
    crews: list[Crew] | None = None,
    depots: list[Depot] | None = None,
    minutes: dict[str, dict[str, float]] | None = None,
) -> Problem:
    """A fire F of weight 1 at place F."""
    incident = Incident("F", "F", 1, needs)
    return Problem([incident], vehicles or [], minutes or {"F": {}}, crews or [], depots or [])


def truck(
    name: str,
    place: str,
    *,
    seats: int = 12,
    crew: int = 0,
    load: int = 20,
    turnout: float = 0,
    provides: Mapping[str, int] = MappingProxyType({}),
) -> Vehicle:
    """An empty truck with 12 seats and room for 20 units, unless told otherwise."""
    return Vehicle(name, "X", place, seats, crew, load, turnout, provides)


def squad(
    name: str,
    place: str,
    *,
    people: int = 10,
    turnout: float = 0,
    provides: Mapping[str, int] = MappingProxyType({}),
    may_attack: bool = True,
) -> Crew:
    """A crew of 10 that may attack, unless told otherwise."""
    return Crew(name, "X", place, people, turnout, provides, may_attack)


def store(name: str, place: str, stock: dict[str, int], loading: float = 0) -> Depot:
    return Depot(name, "X", place, stock, loading)


def closed(minutes: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """The table with every detour that is faster than the direct way put in its place (Floyd and Warshall)."""
    nodes = sorted({*minutes, *(end for row in minutes.values() for end in row)})
    table = {a: dict(minutes.get(a, {})) for a in nodes}
    for via in nodes:
        for a in nodes:
            for b in nodes:
                if a != b and via in table[a] and b in table[via]:
                    way = table[a][via] + table[via][b]
                    table[a][b] = min(table[a].get(b, way), way)
    return table


def distances(rng: random.Random, sites: list[str], *, generic: bool) -> dict[str, dict[str, float]]:
    """Minutes between the sites: whole ones with holes, or, for a generic problem, no two of them equal."""
    minutes: dict[str, dict[str, float]] = {site: {} for site in sites}
    for start, end in permutations(sites, 2):
        if generic or rng.random() < 0.85:
            minutes[start][end] = rng.uniform(50, 100) if generic else rng.randint(1, 40)
    return minutes if generic else closed(minutes)


CAPABILITIES = ("people", "support", "saw", "pump")


@st.composite
def problems(draw: st.DrawFn, fires: int = 2, generic: bool = False) -> Problem:
    """Small problems with few places, so that ties, empty vehicles, stock-outs and islands are common.

    In half of them some vehicles drive by a table of their own. A `generic` one has a place for each resource, no
    turnout and no two equal distances: nothing ties.
    """
    rng = draw(st.randoms(use_true_random=True))
    n_fires = rng.randint(0 if fires > 1 else 1, fires)
    counts = {"V": rng.randint(0, 4), "A": rng.randint(0, 4), "B": rng.randint(0, 3), "Z": rng.randint(0, 2)}
    names = [f"{letter}{i}" for letter, count in counts.items() for i in range(count)]
    fire_names = [f"F{i}" for i in range(n_fires)]
    sites = [*names, *fire_names] if generic else ["P", "Q", "R", "S"]
    where = {name: name if generic else rng.choice(sites) for name in [*names, *fire_names]}

    def some(most: int, names: tuple[str, ...]) -> dict[str, int]:
        return {name: rng.randint(0, most) for name in names if rng.random() < 0.6}

    def wait(most: int) -> int:
        return 0 if generic else rng.randint(0, most)

    tables = {"heavy": distances(rng, sites, generic=generic)} if rng.random() < 0.5 else {}

    def vehicle(name: str) -> Vehicle:
        crew = rng.choice([0, 0, 4, 6])
        seats, load, own = crew + rng.choice([0, 6, 12]), rng.randint(0, 8), some(2, ("saw", "pump"))
        return Vehicle(name, rng.choice("XY"), where[name], seats, crew, load, wait(10), own, rng.choice(["", *tables]))

    return Problem(
        incidents=[Incident(name, where[name], rng.choice([1, 1, 2]), some(14, CAPABILITIES)) for name in fire_names],
        vehicles=[vehicle(name) for name in names[: counts["V"]]],
        minutes=distances(rng, sites, generic=generic),
        crews=[
            Crew(
                name, rng.choice("XY"), where[name], rng.randint(0, 8), wait(30), some(2, ("saw",)), rng.random() < 0.7
            )
            for name in names
            if name.startswith("A")
        ],
        depots=[
            Depot(name, rng.choice("XY"), where[name], some(6, ("saw", "pump")), wait(10))
            for name in names
            if name.startswith("B")
        ],
        reserves=[
            Reserve(name, where[name], rng.randint(0, 9), rng.randint(0, 90), 1)
            for name in names
            if name.startswith("Z")
        ],
        minutes_by_class=tables,
    )


@st.composite
def small_problems(draw: st.DrawFn) -> Problem:
    """Problems of at most three vehicles, three crews, two depots and two fires; in some a detour is the faster way."""
    rng = draw(st.randoms(use_true_random=True))

    def some(most: int, names: tuple[str, ...]) -> dict[str, int]:
        return {name: rng.randint(0, most) for name in names if rng.random() < 0.6}

    minutes = {a: {b: float(rng.randint(0, 20)) for b in SITES if a != b and rng.random() < 0.9} for a in SITES}
    vehicles = []
    for n in range(rng.randint(0, 3)):
        crew = rng.choice([0, 0, 2, 4])
        seats, load, turnout = crew + rng.choice([0, 4, 8]), rng.randint(0, 4), rng.choice([0, 0, 3])
        vehicles.append(Vehicle(f"V{n}", "X", rng.choice(SITES), seats, crew, load, turnout, some(2, ("saw", "pump"))))
    return Problem(
        incidents=[
            Incident(
                f"F{n}", rng.choice(SITES), rng.choice([1, 1, 2, 0]), some(6, ("people", "support", "saw", "pump"))
            )
            for n in range(rng.randint(0, 2))
        ],
        vehicles=vehicles,
        minutes=closed(minutes) if rng.random() < 0.7 else minutes,
        crews=[
            Crew(
                f"A{n}", "X", rng.choice(SITES), rng.randint(0, 5), rng.choice([0, 0, 10]), some(2, ("saw",)),
                rng.random() < 0.7,
            )
            for n in range(rng.randint(0, 3 if len(vehicles) < 3 else 2))
        ],
        depots=[
            Depot(f"B{n}", "X", rng.choice(SITES), some(3, ("saw", "pump")), rng.choice([0, 2]))
            for n in range(rng.randint(0, 2))
        ],
        reserves=[
            Reserve(f"Z{n}", rng.choice(SITES), rng.randint(0, 8), rng.randint(0, 20), rng.choice([1, 2]))
            for n in range(rng.randint(0, 2))
        ],
        objectives=rng.choice([USUAL_ORDER, RESERVE_LATER]),
        limits=Limits(rng.choice([0, 1, 2, 2]), rng.choice([0, 1, 1])),
    )  # fmt: skip


def rounded(problem: Problem, values: Values) -> tuple[object, ...]:
    return tuple(round(part, 6) if isinstance(part, float) else part for part in vector(problem, values))
