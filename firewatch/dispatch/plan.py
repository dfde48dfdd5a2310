"""The dispatch plan: who goes where by which trip, what stays short, who was passed over and why.

The names are those of the file format `firewatch-dispatch-plan/1` (dispatch.md §6); times are minutes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from firewatch.dispatch.fields import Field

FORMAT = "firewatch-dispatch-plan/1"


class Status(StrEnum):
    """How much is known about a plan."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"


class Kind(StrEnum):
    """What a resource is."""

    VEHICLE = "vehicle"
    CREW = "crew"
    DEPOT = "depot"


class Reason(StrEnum):
    """Why a resource was passed over; the numbers that go with each stand beside it.

    Together with the numbers a key of the message catalogue renders it in either language.
    """

    BRINGS_NOTHING = "brings_nothing"
    """No fire needs what it has."""
    MAY_NOT_ATTACK = "may_not_attack"
    """Only people who may attack are needed; `people` it has."""
    UNREACHABLE = "unreachable"
    """There is no way from its place to a fire that needs it."""
    NO_SEATS = "no_seats"
    """`people` it has, `seats` free on the roomiest vehicle; crews are not split."""
    NO_CREW = "no_crew"
    """Something is short, but nobody is left to man the empty vehicle; `minutes` away it stands."""
    NO_VEHICLE = "no_vehicle"
    """It has what is short, but no vehicle is left to fetch it; `minutes` away it is."""
    TOO_FAR = "too_far"
    """`minutes` away it is; the last of those sent arrives at `latest` and nothing it has is short."""
    KEPT_FOR_RESERVE = "kept_for_reserve"
    """As NOT_NEEDED, and a zone that must keep people within reach would be short of them without it."""
    NOT_NEEDED = "not_needed"
    """As near as those sent (`minutes`, `latest`), but they bring all that is needed."""


@dataclass(frozen=True)
class Values:
    """The five objectives of a plan; a fire to which no trip goes has None in the two vectors."""

    shortage: float
    reserve: float
    complement: Mapping[str, float | None]
    first_attack: Mapping[str, float | None]
    use: float


@dataclass(frozen=True)
class PlannedTrip:
    """One vehicle's way to one fire.

    `stops` are crew and depot ids in the order of the drive, `crews` those of them that are crews, `load` the
    units taken by depot and capability. `people` counts who may attack: aboard and picked up. `arrives` is in
    minutes from the alarm.
    """

    vehicle: str
    incident: str
    stops: tuple[str, ...]
    crews: tuple[str, ...]
    load: Mapping[str, Mapping[str, int]]
    people: int
    arrives: float

    @property
    def id(self) -> str:
        """The name that settles ties: `vehicle|incident|stop|stop`."""
        return trip_id(self.vehicle, self.incident, self.stops)


@dataclass(frozen=True)
class Shortage:
    """How many units of a capability never arrive at a fire."""

    incident: str
    capability: str
    short: int


@dataclass(frozen=True)
class ReserveGap:
    """How many people are missing within reach of a zone."""

    reserve: str
    short: int


@dataclass(frozen=True)
class PassedOver:
    """A resource that stays, and why; `incident` is the fire the reason speaks of, if it speaks of one."""

    resource: str
    kind: Kind
    reason: Reason
    incident: str | None
    numbers: Mapping[str, float]


@dataclass(frozen=True)
class Plan:
    """An answer to a problem; `seconds` is the time it took, `gap` how far it may be from the optimum.

    A gap of None is not known. A proven plan has no gap.
    """

    status: Status
    objectives: Values
    trips: Sequence[PlannedTrip]
    shortages: Sequence[Shortage]
    reserve_gaps: Sequence[ReserveGap]
    passed_over: Sequence[PassedOver]
    proof: Mapping[str, Any]
    gap: float | None = None
    seconds: float = 0


def trip_id(vehicle: str, incident: str, stops: Sequence[str]) -> str:
    """Answer the name of a trip, `vehicle|incident|stop|stop`."""
    return "|".join((vehicle, incident, *stops))


def dump_plan(plan: Plan) -> dict[str, Any]:
    """Write a plan as the JSON value that `parse_plan` reads back to an equal plan."""
    data: dict[str, Any] = {
        "format": FORMAT,
        "status": str(plan.status),
        "objectives": asdict(plan.objectives),
        "trips": [asdict(trip) | {"stops": list(trip.stops), "crews": list(trip.crews)} for trip in plan.trips],
        "shortages": [asdict(shortage) for shortage in plan.shortages],
        "reserve_gaps": [asdict(gap) for gap in plan.reserve_gaps],
        "passed_over": [
            asdict(entry) | {"kind": str(entry.kind), "reason": str(entry.reason)} for entry in plan.passed_over
        ],
        "proof": dict(plan.proof),
        "seconds": plan.seconds,
    }
    if plan.status is Status.FEASIBLE:
        data["gap"] = plan.gap
    return data


def parse_plan(data: object) -> Plan:
    """Read a plan from its JSON value; whether it fits its problem is for `objectives.violations` to say.

    `sending`, what the command line adds for people, is not read: it follows from the problem and the trips.

    Raises BadInput with the path of the field for unknown or missing keys, wrong types and negative numbers.
    """
    top = Field(data).members(
        (
            "format", "status", "objectives", "trips", "shortages", "reserve_gaps", "passed_over", "proof", "seconds",
        ),
        ("gap", "sending"),
    )  # fmt: skip
    top["format"].choice((FORMAT,), f"the format {FORMAT}")
    status = Status(top["status"].choice(tuple(Status), "optimal or feasible"))
    if (status is Status.FEASIBLE) != ("gap" in top):
        top["status"].refuse("a feasible plan has a gap (null when not known), an optimal one has none")
    return Plan(
        status=status,
        objectives=_values(top["objectives"]),
        trips=[_trip(item) for item in top["trips"].items()],
        shortages=[_shortage(item) for item in top["shortages"].items()],
        reserve_gaps=[_gap(item) for item in top["reserve_gaps"].items()],
        passed_over=[_passed_over(item) for item in top["passed_over"].items()],
        proof={key: item.value for key, item in top["proof"].entries().items()},
        gap=_number_or_none(top["gap"]) if "gap" in top else None,
        seconds=top["seconds"].number(),
    )


def _number_or_none(field: Field) -> float | None:
    return None if field.value is None else field.number()


def _values(field: Field) -> Values:
    given = field.members(("shortage", "reserve", "complement", "first_attack", "use"))
    return Values(
        shortage=given["shortage"].number(),
        reserve=given["reserve"].number(),
        complement={key: _number_or_none(item) for key, item in given["complement"].entries().items()},
        first_attack={key: _number_or_none(item) for key, item in given["first_attack"].entries().items()},
        use=given["use"].number(),
    )


def _trip(field: Field) -> PlannedTrip:
    given = field.members(("vehicle", "incident", "stops", "crews", "load", "people", "arrives"))
    return PlannedTrip(
        vehicle=given["vehicle"].text(),
        incident=given["incident"].text(),
        stops=tuple(item.text() for item in given["stops"].items()),
        crews=tuple(item.text() for item in given["crews"].items()),
        load={depot: item.amounts() for depot, item in given["load"].entries().items()},
        people=given["people"].whole(),
        arrives=given["arrives"].number(),
    )


def _shortage(field: Field) -> Shortage:
    given = field.members(("incident", "capability", "short"))
    return Shortage(given["incident"].text(), given["capability"].text(), given["short"].whole())


def _gap(field: Field) -> ReserveGap:
    given = field.members(("reserve", "short"))
    return ReserveGap(given["reserve"].text(), given["short"].whole())


def _passed_over(field: Field) -> PassedOver:
    given = field.members(("resource", "kind", "reason", "incident", "numbers"))
    return PassedOver(
        resource=given["resource"].text(),
        kind=Kind(given["kind"].choice(tuple(Kind), "a kind of resource")),
        reason=Reason(given["reason"].choice(tuple(Reason), "a reason known here")),
        incident=None if given["incident"].value is None else given["incident"].text(),
        numbers={key: item.number() for key, item in given["numbers"].entries().items()},
    )
