"""Seeded dispatch problems for the bench: made-up alliances like the demonstration's, larger, and their fires.

Distribution. The land is a rectangle of about 120 × 100 km; a sixth as many stations as resources lie in it at random,
each of one of seven agencies, and resources stand at stations. Of the resources 40 % are crews, 45 % vehicles, 15 %
depots.

* Crews: 20 % professional (30–40 people), 45 % part-time (18–30, with blowers, flappers and radios), 20 % rangers
  (5–8), 15 % mass teams (20–40, support only).
* Vehicles: 50 % crew carriers (20–40 seats, one or two aboard), 25 % water tenders (full, tender and pump), 15 %
  pickups (5 seats, one aboard), 10 % command vehicles.
* Depots hold blowers, flappers, pumps, saws and radios.
* Fires lie anywhere; needs and weight are those of the demonstration's run cards. On an ordinary day three of four
  fires are of the ordinary class and one is large; every fourth instance is an **over-subscribed** day, on which fires
  are large, major or extraordinary and ask for nearly all there is or more.
* Six zones keep 10 people a danger grade within 40 minutes.

Minutes are the estimate of the product (great circle, detour factor, one speed).
"""

import random

from firewatch.dispatch.problem import Crew, Depot, Incident, Limits, Problem, Reserve, Vehicle
from firewatch.dispatch.travel import estimate_matrix
from firewatch.rulebook.read import default_folder, read_rulebook

SOUTH, WEST, NORTH, EAST = 35.0, 102.7, 35.9, 104.0
AGENCIES = tuple("abcdefg")
OVERSUBSCRIBED_EVERY = 4
WITHIN_MINUTES = 40
RULES = read_rulebook(default_folder()).dispatch


def instance(seed: int, fires: int, resources: int, seconds: float) -> Problem:
    """Make the problem of a seed; with the same arguments always the same."""
    draw = random.Random(f"{seed}/{fires}/{resources}")  # noqa: S311 - made-up data
    stations = {f"S{n:03}": _somewhere(draw) for n in range(max(1, resources // 6))}
    agency = {name: draw.choice(AGENCIES) for name in stations}
    names = sorted(stations)
    n_crews, n_vehicles = round(0.4 * resources), round(0.45 * resources)
    grade = draw.randint(2, 5)
    places = dict(stations)
    incidents = []
    for n in range(fires):
        places[f"F{n:02}"] = _somewhere(draw)
        incidents.append(_fire(draw, f"F{n:02}", grade, over=seed % OVERSUBSCRIBED_EVERY == 0))
    reserves = []
    for n in range(6):
        places[f"Z{n}"] = _somewhere(draw)
        reserves.append(Reserve(f"Z{n}", f"Z{n}", 10 * grade, WITHIN_MINUTES, RULES.grade_weight[grade]))
    return Problem(
        incidents=incidents,
        vehicles=[_vehicle(draw, f"V{n:03}", place := draw.choice(names), agency[place]) for n in range(n_vehicles)],
        crews=[_crew(draw, f"C{n:03}", place := draw.choice(names), agency[place]) for n in range(n_crews)],
        depots=[
            _depot(draw, f"D{n:03}", place := draw.choice(names), agency[place])
            for n in range(resources - n_crews - n_vehicles)
        ],
        reserves=reserves,
        minutes=estimate_matrix(places, detour_factor=RULES.detour_factor, speed_kmh=RULES.speed_kmh),
        limits=Limits(RULES.crews_per_trip, RULES.depots_per_trip, seconds),
    )


def _somewhere(draw: random.Random) -> tuple[float, float]:
    return round(draw.uniform(SOUTH, NORTH), 3), round(draw.uniform(WEST, EAST), 3)


def _fire(draw: random.Random, name: str, grade: int, *, over: bool) -> Incident:
    classes = ["large", "major", "extraordinary"] if over else ["ordinary", "ordinary", "ordinary", "large"]
    kind, its_grade = draw.choice(classes), max(1, min(5, grade + draw.randint(-1, 1)))
    card = next(card for card in RULES.run_card if card.fire_class == kind and its_grade in card.grades)
    return Incident(name, name, RULES.grade_weight[its_grade], dict(card.needs))


def _crew(draw: random.Random, name: str, place: str, agency: str) -> Crew:
    kind = draw.choices(["professional", "part_time", "ranger", "mass"], [20, 45, 20, 15])[0]
    people = {"professional": (30, 40), "part_time": (18, 30), "ranger": (5, 8), "mass": (20, 40)}[kind]
    turnout = {"professional": (8, 12), "part_time": (15, 25), "ranger": (5, 15), "mass": (25, 40)}[kind]
    tools = {"blower": draw.randint(5, 10), "flapper": draw.randint(20, 30), "radio": 2} if kind == "part_time" else {}
    return Crew(name, agency, place, draw.randint(*people), draw.randint(*turnout), tools, kind != "mass")


def _vehicle(draw: random.Random, name: str, place: str, agency: str) -> Vehicle:
    kind = draw.choices(["carrier", "tender", "pickup", "command"], [50, 25, 15, 10])[0]
    if kind == "carrier":
        return Vehicle(
            name, agency, place, draw.choice([20, 28, 36, 40]), draw.randint(1, 2), 60, draw.randint(5, 10), {}
        )
    if kind == "tender":
        seats = draw.randint(5, 6)
        return Vehicle(name, agency, place, seats, seats, 20, draw.randint(4, 8), {"tender": 1, "pump": 1})
    if kind == "pickup":
        return Vehicle(name, agency, place, 5, 1, 30, draw.randint(3, 8), {})
    return Vehicle(name, agency, place, 7, 2, 10, draw.randint(3, 6), {"command": 1, "radio": 4})


def _depot(draw: random.Random, name: str, place: str, agency: str) -> Depot:
    stock = {
        "blower": draw.randint(10, 60),
        "flapper": draw.randint(50, 200),
        "pump": draw.randint(2, 10),
        "chainsaw": draw.randint(5, 30),
        "radio": draw.randint(5, 40),
    }
    return Depot(name, agency, place, stock, draw.randint(5, 12))
