"""After each assessment: what ought to be in force is drafted, changed or taken back; nothing is issued unasked.

Doing it twice changes nothing. What nobody releases in time is an alarm; what the next assessment no longer asks for
is superseded; what an officer refused is not proposed to him again on the same day unless it is worse. What stays in
force, for whatever reason, is prolonged in its time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from firewatch.clock import Clock, day_bounds, local_day
from firewatch.danger.models import ZoneGrade
from firewatch.danger.season import in_season
from firewatch.messaging.alarms import raise_alarm
from firewatch.rulebook.read import Rulebook
from firewatch.warnings import lifecycle, record, release, signals
from firewatch.warnings.evidence import Evidence, evidence, first_day, rules_of
from firewatch.warnings.models import Action, WarningState, Why, ZoneWarning
from firewatch.warnings.record import SYSTEM
from firewatch.warnings.signals import Decision, Rules, Standing, rank


@dataclass(frozen=True)
class Proposal:
    """What ought to change in a zone, and why; `action` None: nothing."""

    zone_id: str
    action: Action | None
    decision: Decision
    evidence: Evidence
    standing: ZoneWarning | None


def proposals(session: Session, clock: Clock, book: Rulebook) -> list[Proposal]:
    """Return what the grades ask for in every zone now."""
    now, rules = clock.now(), rules_of(book.warnings)
    today = local_day(now, book.alliance.tz)
    standing, known = record.in_force(session), evidence(session, book, rules, now)
    ended = record.ended_by_hand(session, day_bounds(today, book.alliance.tz)[0])
    zones = [zone.id for zone in book.zones]
    asked = [_proposal(session, book, today, rules, known[zone], zone, standing.get(zone)) for zone in zones]
    return [_unless_refused(_prolonged(_unless_refused(each, ended), now), ended) for each in asked]


def newest_assessment(session: Session, clock: Clock, book: Rulebook) -> datetime | None:
    """Return when grades that matter were last written: whoever has seen these has seen all.

    Only of the days that a decision looks at: this is asked at every tick, and years of grades are on record.
    """
    first = first_day(rules_of(book.warnings), local_day(clock.now(), book.alliance.tz))
    newest = select(func.max(col(ZoneGrade.assessed_at))).where(col(ZoneGrade.on) >= first)
    found: datetime | None = session.exec(newest).one()
    return found


def due(session: Session, clock: Clock, book: Rulebook) -> bool:
    """Return whether `draw_up` would change anything: a look that writes nothing."""
    open_drafts = record.waiting(session)
    return bool(_overdue(session, clock.now())) or any(
        _differs(open_drafts.get(each.zone_id), each) for each in proposals(session, clock, book)
    )


def draw_up(session: Session, clock: Clock, book: Rulebook) -> int:
    """Bring the drafts up to what the grades ask for, release what a standing rule covers, alarm; return how many."""
    record.turn(session)
    now, open_drafts = clock.now(), record.waiting(session)
    changed = 0
    drafted: list[ZoneWarning] = []
    for each in proposals(session, clock, book):
        old = open_drafts.get(each.zone_id)
        if not _differs(old, each):
            continue
        changed += 1
        if old is not None:
            record.move(session, now, old, WarningState.SUPERSEDED, "superseded", SYSTEM)
        row = _draft(session, now, book, each, old) if each.action is not None else None
        if row is not None:
            drafted.append(row)
        if old is not None and not _alike(old, row):
            record.calm(session, now, each.zone_id, SYSTEM)
    _by_standing_rule(session, clock, book, drafted)
    return changed + _alarm(session, now)


def _proposal(
    session: Session,
    book: Rulebook,
    today: date,
    rules: Rules,
    known: Evidence,
    zone_id: str,
    row: ZoneWarning | None,
) -> Proposal:
    if book.warnings.out_of_season == "draft" or in_season(session, book, today, zone_id):
        decision = signals.decide(rules, known.grades, _standing(book, today, row))
    else:
        decision = signals.out_of_season()
    return Proposal(zone_id, signals.action(decision.target, row.signal if row else None), decision, known, row)


def _standing(book: Rulebook, today: date, row: ZoneWarning | None) -> Standing | None:
    if row is None or row.signal is None or row.since_at is None:
        return None
    return Standing(row.signal, (today - local_day(row.since_at, book.alliance.tz)).days)


def _unless_refused(asked: Proposal, over: Sequence[ZoneWarning]) -> Proposal:
    """Return a proposal, or, if an officer said no to it today and it is no worse, that all stays as it is."""
    if not any(_covers(row, asked) for row in over if row.zone_id == asked.zone_id):
        return asked
    stays = asked.standing.signal if asked.standing else None
    return replace(asked, action=None, decision=replace(asked.decision, target=stays, why=Why.BY_HAND))


def _prolonged(asked: Proposal, now: datetime) -> Proposal:
    """Return a proposal, or a prolongation where nothing is to change and what is in force would soon be over.

    An officer who refused a change has said nothing against what is in force: it must not run out unasked.
    """
    row = asked.standing
    if asked.action is not None or row is None or row.valid_from is None or row.valid_to is None:
        return asked
    return replace(asked, action=Action.PROLONG) if signals.ends_soon(now, row.valid_from, row.valid_to) else asked


def _covers(row: ZoneWarning, proposal: Proposal) -> bool:
    refused = row.state in (WarningState.REJECTED, WarningState.WITHDRAWN)
    by_hand = row.state is WarningState.LIFTED and row.action is Action.LIFT and row.drafted_by != SYSTEM
    highest = row.was if by_hand else row.signal
    if proposal.action in signals.WORSENING:
        worsened = by_hand or (refused and row.action in signals.WORSENING)
        return worsened and rank(proposal.decision.target) <= rank(highest)
    return refused and row.action is proposal.action and row.signal == proposal.decision.target


def _differs(old: ZoneWarning | None, new: Proposal) -> bool:
    """Return whether what waits is not what is asked for; what somebody approved is only replaced by another signal.

    A day without data takes back no draft of something worse, as it lowers no warning.
    """
    if old is None:
        return new.action is not None
    same_base = old.replaces_id == (new.standing.id if new.standing else None)
    if same_base and new.decision.no_data and old.action in signals.WORSENING:
        return rank(new.decision.target) > rank(old.signal)
    same = same_base and (old.action, old.signal) == (new.action, new.decision.target)
    if not same or old.state is WarningState.APPROVED:
        return not same
    if old.scheme != new.evidence.scheme:
        return True  # the same grade of another scheme is another grade
    return [day["grade"] for day in old.evidence] != [day["grade"] for day in new.evidence.days]


def _draft(session: Session, now: datetime, book: Rulebook, new: Proposal, old: ZoneWarning | None) -> ZoneWarning:
    row = record.new_version(book, now, new.zone_id, new.standing, new.action or Action.ISSUE, SYSTEM)
    row.signal, row.grade, row.evidence = new.decision.target, new.evidence.today, new.evidence.days
    row.why, row.no_data = new.decision.why, new.decision.no_data
    if old is not None:
        row.remark = old.remark
    if old is not None and _alike(old, row):
        # The same again on newer figures: whoever is to release it has been asked since then.
        row.alarm_at, row.alarmed = old.alarm_at, old.alarmed
    session.add(row)
    session.flush()
    record.step(session, now, row, "drafted", SYSTEM, new=WarningState.DRAFT, evidence=row.evidence)
    return row


def _alike(old: ZoneWarning, new: ZoneWarning | None) -> bool:
    return new is not None and (old.action, old.signal) == (new.action, new.signal)


def _by_standing_rule(session: Session, clock: Clock, book: Rulebook, drafted: Sequence[ZoneWarning]) -> None:
    """Release what the standing rule covers: every colour that comes or goes is one of its own."""
    rules = book.warnings
    ids = [
        record.number_of(row)
        for row in drafted
        if {signal for signal in (row.signal, row.was) if signal} <= set(rules.standing_colours)
    ]
    if ids:
        name = f"{rules.standing_rule_zh} / {rules.standing_rule_en}"
        release.approve(session, clock, ids, SYSTEM, name, by_rule=True)
        release.issue(session, clock, book, ids, SYSTEM)


def _overdue(session: Session, now: datetime) -> list[ZoneWarning]:
    waits = col(ZoneWarning.state).in_(lifecycle.OPEN), col(ZoneWarning.alarmed).is_(False)
    return list(session.exec(select(ZoneWarning).where(*waits, ZoneWarning.alarm_at <= now)))


def _alarm(session: Session, now: datetime) -> int:
    late = _overdue(session, now)
    for row in late:
        params = {"zone": row.zone_id, "warning": str(row.id)}
        raise_alarm(session, now, "warning_waits", record.alarm_key(row.zone_id), params)
        row.alarmed = True
        record.step(session, now, row, "alarmed", SYSTEM)
    return len(late)
