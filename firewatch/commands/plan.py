"""`firewatch plan`: the joint plan of a problem file, with its proof, or of a decision that was stored.

A file needs no database and no network.
"""

import argparse
import json
import os
import sys
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from firewatch.commands.parsing import Commands, add
from firewatch.errors import BadInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from firewatch.dispatch.plan import Plan
    from firewatch.dispatch.problem import Problem

LOOK_SECONDS = 0.5
"""How often one that ends with its parent looks whether that lives."""
GIVES_WAY = 10
"""By how much it is nicer to others than its parent: it uses two cores at times, and a message must not wait for it."""


def register(commands: Commands) -> None:
    """Add plan."""
    command = add(commands, "plan", _run, "the best joint plan of a dispatch problem, with its proof")
    source = command.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "file", nargs="?", metavar="PROBLEM.json", type=Path, help="a firewatch-dispatch-problem/1; - reads it in"
    )
    source.add_argument(
        "--incident",
        type=int,
        metavar="ID",
        help="solve the newest decision for an incident again, as it was stored; exit status 1 when it differs",
    )
    command.add_argument("--json", action="store_true", help="write a firewatch-dispatch-plan/1 instead of text")
    command.add_argument("--seconds", type=float, metavar="S", help="in place of limits.seconds of the problem")
    command.add_argument("--parent", type=int, metavar="PID", help="end with that process, and give way to it")


def _run(given: argparse.Namespace) -> int:
    if given.seconds is not None and not given.seconds >= 0:
        raise BadInput(f"--seconds: must be 0 or above, got {given.seconds}")
    if given.parent is not None:
        os.nice(GIVES_WAY)
        threading.Thread(target=_end_with, args=(given.parent,), daemon=True).start()
    return _solve(given) if given.incident is None else _solve_again(given)


def _end_with(parent: int) -> None:
    # A service that is killed cannot end what it started, and its next life needs the processor.
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os._exit(1)


def _solve(given: argparse.Namespace) -> int:
    from firewatch.dispatch.problem import parse_problem
    from firewatch.dispatch.solve import plan_jointly

    problem = parse_problem(_read(given.file))
    began = time.monotonic()
    plan = plan_jointly(problem, _stopwatch(given, problem))
    _say(given, problem, replace(plan, seconds=round(time.monotonic() - began, 3)))
    return 0


def _solve_again(given: argparse.Namespace) -> int:
    from firewatch.dispatch import proposals
    from firewatch.dispatch.again import solve_again
    from firewatch.dispatch.plan import Status, parse_plan
    from firewatch.dispatch.problem import parse_problem
    from firewatch.run import named_database

    with named_database().read() as session:
        newest = proposals.in_force(session, given.incident)
        if newest is None:
            raise NotFound(f"there is no plan for an incident {given.incident}")
        joint = proposals.joint_of(session, newest)
    problem, stored = parse_problem(joint.problem), parse_plan(joint.solution)
    began = time.monotonic()
    again = solve_again(joint.solver, problem, stored, _stopwatch(given, problem))
    _say(given, problem, replace(again.plan, seconds=round(time.monotonic() - began, 3)))
    whose = f"joint plan {joint.id} of {joint.made_at:%Y-%m-%d %H:%M} UTC by {joint.solver}"
    if again.differences:
        print("\n".join([f"{whose} differs:", *(f"  {each}" for each in again.differences)]), file=sys.stderr)
        return 1
    other = "as good as" if stored.status is Status.OPTIMAL else "not proven, and holds:"
    equal = "equal to" if again.plan.trips == stored.trips else other
    print(f"{equal} {whose}", file=sys.stderr)
    return 0


def _stopwatch(given: argparse.Namespace, problem: "Problem") -> "Callable[[], float]":
    """Return what tells the seconds that are left from now on."""
    until = time.monotonic() + (problem.limits.seconds if given.seconds is None else given.seconds)
    return lambda: until - time.monotonic()


def _say(given: argparse.Namespace, problem: "Problem", plan: "Plan") -> None:
    from firewatch.dispatch.plan import dump_plan

    if given.json:
        told = dump_plan(plan) | {"sending": _sending(problem, plan)}
        json.dump(told, sys.stdout, ensure_ascii=False, allow_nan=False)
        print()
    else:
        print("\n".join(lines(problem, plan)))


def _sending(problem: "Problem", plan: "Plan") -> "list[dict[str, object]]":
    """Return what sending each resource that stays as well would cost, by fire: it follows from problem and plan."""
    from firewatch.dispatch.sending import sendings

    fires = problem.ranked_incidents()
    return [asdict(each) for fire in fires for each in sendings(problem, plan.trips, fire.id).values()]


def _read(path: Path) -> object:
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
        return json.loads(text)
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from None
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise BadInput(f"{path}: is no JSON: {error}") from None


def lines(problem: "Problem", plan: "Plan") -> list[str]:
    """Return a plan in words: per fire its trips, then what is missing, who stays, and how sure it is."""
    said = []
    for fire in problem.ranked_incidents():
        first, last = plan.objectives.first_attack[fire.id], plan.objectives.complement[fire.id]
        when = "nobody goes" if first is None or last is None else f"first there at {first:g}, all at {last:g} min"
        said.append(f"{fire.id} (weight {fire.weight:g}): {when}")
        for trip in sorted(plan.trips, key=lambda each: (each.arrives, each.id)):
            if trip.incident == fire.id:
                way = " > ".join((trip.vehicle, *trip.stops, fire.id))
                load = ", ".join(
                    f"{units} {name} of {depot}" for depot, taken in trip.load.items() for name, units in taken.items()
                )
                said.append(f"  {trip.arrives:6.1f} min  {way}  {trip.people} people" + (f"; {load}" if load else ""))
        said += [f"  short: {each.short} {each.capability}" for each in plan.shortages if each.incident == fire.id]
    said += [f"reserve {each.reserve}: {each.short} people missing" for each in plan.reserve_gaps]
    values = plan.objectives
    said.append(f"shortage {values.shortage:g}, reserve {values.reserve:g}, use {values.use:g} min")
    gap = "" if plan.gap is None else f", the first figure not proven may fall by {plan.gap:.1%} at most"
    said.append(f"{plan.status}{gap}, in {plan.seconds:g} s")
    return said
