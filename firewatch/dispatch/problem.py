"""The dispatch problem: a frozen snapshot of fires, resources and travel minutes (dispatch.md §1, §6).

The names are those of the file format `firewatch-dispatch-problem/1`. Times are minutes, quantities whole units
(people, tools, seats). Agency is carried for the record and never limits a choice. The snapshot needs no
database, no clock and no network, so that a stored one can be solved again years later.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from dataclasses import field as made_by
from enum import StrEnum
from functools import partial
from math import inf
from typing import Any

from firewatch.dispatch.fields import Field, refuse_doubles

FORMAT = "firewatch-dispatch-problem/1"
PEOPLE = "people"
"""Those who may fight the fire itself: crews that may attack, and crews aboard of vehicles."""
SUPPORT = "support"
"""Those who may not: they guard, carry and mop up."""


class Objective(StrEnum):
    """What a plan is judged by (dispatch.md §3)."""

    SHORTAGE = "shortage"
    RESERVE = "reserve"
    COMPLEMENT = "complement"
    FIRST_ATTACK = "first_attack"
    USE = "use"


USUAL_ORDER = tuple(Objective)
RESERVE_LATER = (
    Objective.SHORTAGE,
    Objective.COMPLEMENT,
    Objective.FIRST_ATTACK,
    Objective.RESERVE,
    Objective.USE,
)
"""The other order a duty officer may choose; there is no third."""


@dataclass(frozen=True)
class Limits:
    """How long a trip may get, and how many seconds the optimiser has."""

    crews_per_trip: int = 2
    depots_per_trip: int = 1
    seconds: float = 60


@dataclass(frozen=True)
class Incident:
    """A fire and what its run card asks for; a need of 0 is no need."""

    id: str
    place: str
    weight: float
    needs: Mapping[str, int]


@dataclass(frozen=True)
class Vehicle:
    """A vehicle; `seats` count the `crew` aboard, `load` is in units of tools, `turnout` in minutes."""

    id: str
    agency: str
    place: str
    seats: int
    crew: int
    load: int
    turnout: float
    provides: Mapping[str, int]
    speed_class: str = ""
    """By which table of minutes it drives; empty: the one that all share."""

    @property
    def free_seats(self) -> int:
        """Seats for crews to be picked up."""
        return max(0, self.seats - self.crew)

    @property
    def brings(self) -> dict[str, int]:
        """What arrives with the vehicle itself; those aboard of it may attack."""
        return {**self.provides, PEOPLE: self.crew}


@dataclass(frozen=True)
class Crew:
    """A crew waiting for a vehicle; `turnout` is in minutes. It is never split."""

    id: str
    agency: str
    place: str
    people: int
    turnout: float
    provides: Mapping[str, int]
    may_attack: bool

    @property
    def brings(self) -> dict[str, int]:
        """What arrives with the crew: by law its people count for `people` only when they may attack."""
        if self.may_attack:
            return {**self.provides, PEOPLE: self.people}
        return {**self.provides, SUPPORT: self.provides.get(SUPPORT, 0) + self.people}


@dataclass(frozen=True)
class Depot:
    """A depot and the units of tools in it; `loading` is in minutes."""

    id: str
    agency: str
    place: str
    stock: Mapping[str, int]
    loading: float


@dataclass(frozen=True)
class Reserve:
    """A zone within reach of which `people` must stay; `within` is in minutes."""

    id: str
    place: str
    people: int
    within: float
    weight: float


class RoadsUse(StrEnum):
    """What became of the road network when minutes were made."""

    NONE = "none"
    UNUSABLE = "unusable"
    USED = "used"


@dataclass(frozen=True)
class MinutesFrom:
    """How the minutes were made: told to people and kept with the plan, never planned by."""

    roads: RoadsUse
    roads_on: str | None = None
    """The day as of which the network tells the roads; None is not known."""
    terrain: bool = False
    """Whether those who walk to a fire were timed over the terrain; else over flat land."""
    estimated: tuple[str, ...] = ()
    """Places that no road leads to: minutes to and from them are estimated."""
    closures: tuple[int, ...] = ()
    """Numbers of the closures whose roads were not taken."""
    arrivals: int = 0
    """Reported arrivals by which the speeds were corrected."""
    walk: Mapping[str, Mapping[str, float]] = made_by(default_factory=dict)
    """`walk[from][to]`: how many of the minutes are on foot."""


@dataclass(frozen=True)
class Problem:
    """One question to the dispatcher; `minutes[from][to]`, a missing pair is unreachable."""

    incidents: Sequence[Incident]
    vehicles: Sequence[Vehicle]
    minutes: Mapping[str, Mapping[str, float]]
    crews: Sequence[Crew] = ()
    depots: Sequence[Depot] = ()
    reserves: Sequence[Reserve] = ()
    objectives: tuple[Objective, ...] = USUAL_ORDER
    limits: Limits = Limits()
    minutes_from: MinutesFrom | None = None
    minutes_by_class: Mapping[str, Mapping[str, Mapping[str, float]]] = made_by(default_factory=dict)
    """Tables of minutes of the classes of vehicles that do not drive by `minutes`."""

    def travel(self, start: str, end: str, speed_class: str = "") -> float:
        """Answer the minutes from place to place of a class of vehicles, `inf` where there is no way."""
        table = self.minutes_by_class[speed_class] if speed_class else self.minutes
        return 0 if start == end else table.get(start, {}).get(end, inf)

    def travel_of(self, vehicle: Vehicle) -> Callable[[str, str], float]:
        """Answer what tells a vehicle's minutes from place to place."""
        return partial(self.travel, speed_class=vehicle.speed_class)

    def ranked_incidents(self) -> list[Incident]:
        """Answer the incidents by falling weight, ties by id."""
        return sorted(self.incidents, key=lambda incident: (-incident.weight, incident.id))


def parse_problem(data: object) -> Problem:
    """Read a problem from its JSON value.

    `objectives`, `limits`, `crews`, `depots`, `reserves`, `minutes_from`, `minutes_by_class` and a vehicle's
    `speed_class` may be left out; every other key must be there.
    Raises BadInput with the path of the field for unknown or missing keys, wrong types, negative numbers, two
    things with one id, a place that is no node of `minutes`, and more people aboard than seats.
    """
    top = Field(data).members(
        ("format", "incidents", "vehicles", "minutes"),
        ("objectives", "limits", "crews", "depots", "reserves", "minutes_from", "minutes_by_class"),
    )
    top["format"].choice((FORMAT,), f"the format {FORMAT}")
    minutes = _minutes(top["minutes"])
    tables = top["minutes_by_class"].entries() if "minutes_by_class" in top else {}
    by_class = {name: _minutes(field) for name, field in tables.items()}
    nodes = {*minutes, *(end for row in minutes.values() for end in row)}
    lists = {
        name: top[name].items() if name in top else []
        for name in ("incidents", "vehicles", "crews", "depots", "reserves")
    }
    problem = Problem(
        incidents=[_incident(field, nodes) for field in lists["incidents"]],
        vehicles=[_vehicle(field, nodes, by_class) for field in lists["vehicles"]],
        minutes=minutes,
        crews=[_crew(field, nodes) for field in lists["crews"]],
        depots=[_depot(field, nodes) for field in lists["depots"]],
        reserves=[_reserve(field, nodes) for field in lists["reserves"]],
        objectives=_objectives(top["objectives"]) if "objectives" in top else USUAL_ORDER,
        limits=_limits(top["limits"]) if "limits" in top else Limits(),
        minutes_from=_minutes_from(top["minutes_from"]) if "minutes_from" in top else None,
        minutes_by_class=by_class,
    )
    # Crews and depots share one set of names: both occur in the stops of a trip.
    stops = lists["crews"] + lists["depots"]
    for fields in (lists["incidents"], lists["vehicles"], stops, lists["reserves"]):
        refuse_doubles([field.entries()["id"] for field in fields])
    return problem


def dump_problem(problem: Problem) -> dict[str, Any]:
    """Write a problem as the JSON value that `parse_problem` reads back to an equal problem."""
    document = {
        "format": FORMAT,
        "objectives": [str(objective) for objective in problem.objectives],
        "limits": asdict(problem.limits),
        "incidents": [asdict(incident) for incident in problem.incidents],
        "vehicles": [_dumped(vehicle) for vehicle in problem.vehicles],
        "crews": [asdict(crew) for crew in problem.crews],
        "depots": [asdict(depot) for depot in problem.depots],
        "reserves": [asdict(reserve) for reserve in problem.reserves],
        "minutes": {start: dict(row) for start, row in problem.minutes.items()},
    }
    if problem.minutes_by_class:
        document["minutes_by_class"] = {
            name: {start: dict(row) for start, row in table.items()} for name, table in problem.minutes_by_class.items()
        }
    if problem.minutes_from is not None:
        made = {**asdict(problem.minutes_from), "estimated": list(problem.minutes_from.estimated)}
        made["closures"] = list(problem.minutes_from.closures)
        document["minutes_from"] = {name: value for name, value in made.items() if value is not None}
    return document


def _dumped(vehicle: Vehicle) -> dict[str, Any]:
    """Return a vehicle without its class where it has none: what was written before there were any stays the same."""
    return {name: value for name, value in asdict(vehicle).items() if name != "speed_class" or value}


def _objectives(field: Field) -> tuple[Objective, ...]:
    named = tuple(item.text() for item in field.items())
    if named not in (USUAL_ORDER, RESERVE_LATER):
        field.refuse("must be shortage, reserve, complement, first_attack, use, or with reserve after first_attack")
    return tuple(Objective(name) for name in named)


def _limits(field: Field) -> Limits:
    given = field.members((), ("crews_per_trip", "depots_per_trip", "seconds"))
    usual = Limits()
    return Limits(
        crews_per_trip=given["crews_per_trip"].whole() if "crews_per_trip" in given else usual.crews_per_trip,
        depots_per_trip=given["depots_per_trip"].whole() if "depots_per_trip" in given else usual.depots_per_trip,
        seconds=given["seconds"].number() if "seconds" in given else usual.seconds,
    )


def _minutes(field: Field) -> dict[str, dict[str, float]]:
    rows = {start: row.entries() for start, row in field.entries().items()}
    for start, row in rows.items():
        if start in row and row[start].number() != 0:
            row[start].refuse("from a place to itself it is 0 minutes")
    return {start: {end: cell.number() for end, cell in row.items()} for start, row in rows.items()}


def _minutes_from(field: Field) -> MinutesFrom:
    given = field.members(("roads",), ("roads_on", "terrain", "estimated", "closures", "arrivals", "walk"))
    walk = given["walk"].entries() if "walk" in given else {}
    return MinutesFrom(
        roads=RoadsUse(given["roads"].choice(tuple(RoadsUse), "none, unusable or used")),
        roads_on=given["roads_on"].text() if "roads_on" in given else None,
        terrain=given["terrain"].flag() if "terrain" in given else False,
        estimated=tuple(item.text() for item in given["estimated"].items()) if "estimated" in given else (),
        closures=tuple(item.whole() for item in given["closures"].items()) if "closures" in given else (),
        arrivals=given["arrivals"].whole() if "arrivals" in given else 0,
        walk={start: {end: cell.number() for end, cell in row.entries().items()} for start, row in walk.items()},
    )


def _place(field: Field, nodes: Collection[str]) -> str:
    return field.choice(nodes, "a place of minutes")


def _tools(field: Field) -> dict[str, int]:
    """Read capabilities other than people: people are counted aboard, provided twice they would count twice."""
    amounts = field.amounts()
    if PEOPLE in amounts:
        field.entries()[PEOPLE].refuse("people are counted by the crews, they are not provided or kept in stock")
    return amounts


def _incident(field: Field, nodes: Collection[str]) -> Incident:
    given = field.members(("id", "place", "weight", "needs"))
    return Incident(
        id=given["id"].text(),
        place=_place(given["place"], nodes),
        weight=given["weight"].number(),
        needs=given["needs"].amounts(),
    )


def _vehicle(field: Field, nodes: Collection[str], classes: Collection[str]) -> Vehicle:
    given = field.members(("id", "agency", "place", "seats", "crew", "load", "turnout", "provides"), ("speed_class",))
    seats, crew = given["seats"].whole(), given["crew"].whole()
    if crew > seats:
        given["crew"].refuse(f"{crew} people do not fit on {seats} seats; seats count the crew aboard")
    return Vehicle(
        id=given["id"].text(),
        agency=given["agency"].text(),
        place=_place(given["place"], nodes),
        seats=seats,
        crew=crew,
        load=given["load"].whole(),
        turnout=given["turnout"].number(),
        provides=_tools(given["provides"]),
        speed_class=given["speed_class"].choice(classes, "a class of minutes_by_class")
        if "speed_class" in given
        else "",
    )


def _crew(field: Field, nodes: Collection[str]) -> Crew:
    given = field.members(("id", "agency", "place", "people", "turnout", "provides", "may_attack"))
    return Crew(
        id=given["id"].text(),
        agency=given["agency"].text(),
        place=_place(given["place"], nodes),
        people=given["people"].whole(),
        turnout=given["turnout"].number(),
        provides=_tools(given["provides"]),
        may_attack=given["may_attack"].flag(),
    )


def _depot(field: Field, nodes: Collection[str]) -> Depot:
    given = field.members(("id", "agency", "place", "stock", "loading"))
    return Depot(
        id=given["id"].text(),
        agency=given["agency"].text(),
        place=_place(given["place"], nodes),
        stock=_tools(given["stock"]),
        loading=given["loading"].number(),
    )


def _reserve(field: Field, nodes: Collection[str]) -> Reserve:
    given = field.members(("id", "place", "people", "within", "weight"))
    return Reserve(
        id=given["id"].text(),
        place=_place(given["place"], nodes),
        people=given["people"].whole(),
        within=given["within"].number(),
        weight=given["weight"].number(),
    )
