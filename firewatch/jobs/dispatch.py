"""The sweeps on the way from a fire report to people: plans made and confirmed, the silent chased."""

from collections.abc import Callable
from functools import partial

import structlog
from sqlmodel import Session

from firewatch.clock import Clock
from firewatch.dispatch import arrivals, closures, improve, order_chase, orders, planning
from firewatch.dispatch.models import JointPlan
from firewatch.dispatch.problem import RoadsUse
from firewatch.dispatch.worker import NoPlan
from firewatch.errors import Conflict
from firewatch.incidents import command, notices
from firewatch.incidents.timeline import SYSTEM
from firewatch.jobs.desk import Desk, Sweep, each
from firewatch.resources import recovery
from firewatch.rulebook.read import Rulebook

log = structlog.get_logger(__name__)


def sweeps(desk: Desk) -> list[Sweep]:
    """Return the sweeps of plans, escalations and arrivals."""
    return [
        Sweep("plan", lambda: _plan(desk)),
        Sweep("optimise", Optimiser(desk).run),
        Sweep("escalate", lambda: _escalate(desk)),
        Sweep("handover", lambda: _handover(desk)),
        Sweep("arrivals", lambda: _arrivals(desk)),
        Sweep("recover", lambda: _recover(desk)),
    ]


class Optimiser:
    """Has every quick plan looked over by the optimiser, once; a restart of the service asks once more."""

    def __init__(self, desk: Desk) -> None:
        """Nothing has been seen yet."""
        self.desk = desk
        self._seen: set[int] = set()

    def run(self) -> int:
        """Look over the plans that nobody has looked over; return how many there were."""
        if self.desk.book.dispatch.optimise_seconds == 0:
            return 0
        with self.desk.db.read() as session:
            new = improve.due(session, self._seen)
        number = 0
        for plan in new:
            self._seen.add(plan.id or 0)
            if improve.is_unknown(plan):
                self._look_over(plan)
                number += 1
        return number

    def _look_over(self, plan: JointPlan) -> None:
        desk = self.desk
        try:
            found = desk.optimiser.solve(plan.problem, desk.book.dispatch.optimise_seconds)
            with desk.db.write() as session:
                improve.improve(session, desk.clock, plan.id or 0, found)
        except NoPlan as error:
            log.warning("optimiser_failed", joint_plan=plan.id, reason=str(error))


def _plan(desk: Desk) -> int:
    with desk.db.read() as session:
        due = planning.due(session, desk.clock, desk.book.resources)
        to_confirm = orders.confirm_due(session, desk.clock)
    plans = [partial(_make_plan, desk, incident_id) for incident_id in due]
    return len(each([*plans, *(partial(_confirm, desk, plan_id) for plan_id in to_confirm)]))


def _arrivals(desk: Desk) -> int:
    """Correct the speeds by road by the drives of those who have arrived; without roads there are none."""
    travel = desk.travel
    if travel is None or travel.roads is not RoadsUse.USED:
        return 0
    with desk.db.read() as session:
        there = arrivals.due(session)
    for number in there:
        with desk.db.write() as session:
            arrivals.take_in(session, number, travel)
    if there:
        with desk.db.read() as session:
            travel.correct(arrivals.corrected(session))
    return len(there)


def _make_plan(desk: Desk, incident_id: int) -> None:
    with desk.db.read() as session:
        closures.learn(session, desk.travel, desk.clock.now(), desk.book.resources)
    try:
        with desk.db.write() as session:
            planning.make(session, desk.clock, desk.book, incident_id, desk.travel)
    except Exception:
        # It may be the trouble of a fire beside it, and that stops nobody else's plan.
        log.exception("joint_plan_failed", incident=incident_id)
        with desk.db.write() as session:
            planning.make(session, desk.clock, desk.book, incident_id, desk.travel, alone=True)


def _confirm(desk: Desk, plan_id: int) -> None:
    try:
        with desk.db.write() as session:
            orders.confirm(session, desk.clock, desk.book, plan_id, SYSTEM)
    except Conflict as error:
        log.info("plan_overtaken", plan=plan_id, reason=str(error))
        with desk.db.write() as session:
            orders.give_up(session, desk.clock, plan_id)


def _escalate(desk: Desk) -> int:
    # Apart from `chase`: a provider that does not answer must not hold an escalation up.
    with desk.db.read() as session:
        now, rules = desk.clock.now(), desk.book.messages
        silent, unseen = notices.due(session, now, rules), order_chase.due(session, now, rules)
    for number in silent:
        _step(desk, notices.chase, notices.put_off, number)
    for number in unseen:
        _step(desk, order_chase.chase, order_chase.put_off, number)
    return len(silent) + len(unseen)


def _handover(desk: Desk) -> int:
    with desk.db.read() as session:
        if not command.is_due(session, desk.clock):
            return 0
    with desk.db.write() as session:
        return command.run_out(session, desk.clock)


def _recover(desk: Desk) -> int:
    with desk.db.read() as session:
        if not recovery.due(session, desk.clock.now(), desk.book.resources):
            return 0
    with desk.db.write() as session:
        return recovery.recover(session, desk.clock, desk.book.resources)


def _step(
    desk: Desk,
    chase: Callable[[Session, Clock, Rulebook, int], bool],
    put_off: Callable[[Session, Clock, int], None],
    number: int,
) -> None:
    """Take one row's next step in a transaction of its own; one that fails is put off and stops nobody else."""
    try:
        with desk.db.write() as session:
            chase(session, desk.clock, desk.book, number)
    except Exception:
        log.exception("chase_failed", of=chase.__module__, row=number)
        with desk.db.write() as session:
            put_off(session, desk.clock, number)
