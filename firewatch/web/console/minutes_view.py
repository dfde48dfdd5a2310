"""How the minutes of a plan were made, in words, and how many of a trip's are on foot."""

from collections.abc import Sequence
from dataclasses import dataclass

from firewatch.dispatch.plan import PlannedTrip
from firewatch.dispatch.problem import MinutesFrom, Problem, RoadsUse
from firewatch.web import attribution
from firewatch.web.console.speech import Names, Speech


@dataclass(frozen=True)
class MinutesNote:
    """What stands below a plan: sentences, and whom to thank for the roads; None when no roads were used."""

    sentences: Sequence[str]
    credit: attribution.Thanks | None = None


def minutes_note(speech: Speech, names: Names, problem: Problem) -> MinutesNote:
    """Return the note of a problem. One that does not say how its minutes were made is older than road networks."""
    made = problem.minutes_from or MinutesFrom(RoadsUse.NONE)
    by_class = [speech.t("plan.by_class")] if problem.minutes_by_class else []
    if made.roads is RoadsUse.NONE:
        return MinutesNote([speech.t("plan.estimated"), *by_class])
    if made.roads is RoadsUse.UNUSABLE:
        return MinutesNote([speech.t("plan.roads_unusable"), *by_class])
    day = made.roads_on
    said = [*by_class, speech.t("plan.by_road", day=day) if day else speech.t("plan.by_road_undated")]
    if made.arrivals:
        said.append(speech.t("plan.arrivals", count=made.arrivals))
    if made.walk:
        said.append(speech.t("plan.walk_terrain") if made.terrain else speech.t("plan.walk_flat"))
    if made.closures:
        said.append(speech.t("plan.closures", numbers=speech.t("sms.comma").join(map(str, made.closures))))
    if made.estimated:
        places = speech.t("sms.comma").join(_place(speech, names, place) for place in made.estimated)
        said.append(speech.t("plan.no_road_near", places=places))
    return MinutesNote(said, attribution.ROADS)


def on_foot(problem: Problem, trip: PlannedTrip) -> float:
    """Return how many of a trip's minutes are walked: from its last stop to the fire."""
    made = problem.minutes_from
    places = {crew.id: crew.place for crew in problem.crews} | {depot.id: depot.place for depot in problem.depots}
    vehicle = next(each for each in problem.vehicles if each.id == trip.vehicle)
    fire = next(each for each in problem.incidents if each.id == trip.incident)
    last = places[trip.stops[-1]] if trip.stops else vehicle.place
    return made.walk.get(last, {}).get(fire.place, 0) if made else 0


def _place(speech: Speech, names: Names, place: str) -> str:
    kind, _, name = place.partition(":")
    if kind == "zone":
        return names.zone(name)
    return names.resource(name) if name else speech.t("incident.number", number=kind.rpartition("-")[2])
