"""Zones whose reserve is short, in words, and who could move up to them."""

from collections.abc import Sequence
from dataclasses import dataclass

from firewatch.dispatch.move_ups import MoveUp
from firewatch.dispatch.plan import ReserveGap
from firewatch.dispatch.problem import Problem
from firewatch.web.console.speech import Names, Speech


@dataclass(frozen=True)
class GapRow:
    """A zone whose reserve is short: people asked for and missing within minutes; who could move up."""

    zone: str
    people: int
    within: float
    short: int
    moves: Sequence[str]


def gap_rows(
    speech: Speech, names: Names, problem: Problem, gaps: Sequence[ReserveGap], moves: Sequence[MoveUp]
) -> list[GapRow]:
    """Return a row for each gap."""
    zones = {zone.id: zone for zone in problem.reserves}
    return [
        GapRow(
            zone=names.zone(gap.reserve),
            people=zones[gap.reserve].people,
            within=zones[gap.reserve].within,
            short=gap.short,
            moves=[told_move(speech, names, move) for move in moves if move.reserve == gap.reserve],
        )
        for gap in gaps
    ]


def told_move(speech: Speech, names: Names, move: MoveUp) -> str:
    """Return a move-up in words."""
    vehicle, crew = names.resource(move.vehicle), names.resource(move.crew) if move.crew else ""
    key = "plan.move_up_crew" if crew else "plan.move_up"
    return speech.t(key, vehicle=vehicle, crew=crew, people=move.people, minutes=f"{move.minutes:.0f}")
