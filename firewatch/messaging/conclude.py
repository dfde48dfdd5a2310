"""What an attempt came to, written down: state, timers, counters, and the alarm where somebody has to know."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session

from firewatch.messaging import alarms
from firewatch.messaging.breaker import Breaker
from firewatch.messaging.channels import Accepted, ChannelError, NotTaken, Seen
from firewatch.messaging.models import Message, MessageState
from firewatch.messaging.outbox import Claim, finish
from firewatch.messaging.transitions import FailureKind, after_failure, backoff_seconds, later_status, state_of
from firewatch.rulebook.tables import Messages

SYSTEM = "system"


def attempt(
    session: Session,
    now: datetime,
    message: Message,
    outcome: Accepted | ChannelError,
    rules: Messages,
    chance: Callable[[], float],
) -> bool:
    """Write down how one claimed attempt ended. Returns False, and changes nothing, when the claim is over."""
    if isinstance(outcome, Accepted):
        return accepted(session, now, message, outcome, rules)
    if isinstance(outcome, NotTaken):
        return not_taken(session, now, message, outcome, rules, chance)
    return unknown(session, now, message, outcome.reason, rules)


def accepted(session: Session, now: datetime, message: Message, answer: Accepted, rules: Messages) -> bool:
    """Write down that the provider took it; `due_at` is from now on when its receipt is asked for."""
    seen = Seen(answer.provider_id, answer.status)
    new, values = seen_values(now, message, seen, rules)
    done = finish(session, Claim.of(message), new, **values)
    if done and new is MessageState.UNDELIVERABLE:
        alarm_of(session, now, message, "message_undeliverable", answer.status)
    return done


def not_taken(
    session: Session, now: datetime, message: Message, error: NotTaken, rules: Messages, chance: Callable[[], float]
) -> bool:
    """Write down that it was not taken: due again after a pause, held with the queue, or dead."""
    failures = message.failures + (error.kind is not FailureKind.OURS)
    new = again_or_dead(error.kind, failures, now, message, rules)
    values: dict[str, object] = {"failures": failures, "error": error.reason}
    if new is MessageState.DEAD:
        values["finished_at"] = now
    elif error.kind is not FailureKind.OURS:
        values["due_at"] = now + timedelta(seconds=backoff_seconds(failures, rules.retry_seconds, chance()))
    done = finish(session, Claim.of(message), new, **values)
    if done and new is MessageState.DEAD:
        alarm_of(session, now, message, "message_dead", error.reason)
    return done


def unknown(session: Session, now: datetime, message: Message, reason: str, rules: Messages) -> bool:
    """Write down that nobody knows. The first look waits for the provider's list to catch up; the second decides."""
    first_look_at = now + timedelta(seconds=rules.look_seconds / 3)
    return finish(session, Claim.of(message), MessageState.UNKNOWN, looks=0, due_at=first_look_at, error=reason)


def again_or_dead(kind: FailureKind, failures: int, now: datetime, message: Message, rules: Messages) -> MessageState:
    """Return whether a message is worth another try under the rules: DUE or DEAD."""
    return after_failure(
        kind,
        failures,
        now - message.created_at,
        max_failures=rules.max_failures,
        max_age=timedelta(minutes=rules.max_age_minutes),
    )


def seen_values(now: datetime, message: Message, seen: Seen, rules: Messages) -> tuple[MessageState, dict[str, object]]:
    """Return the state and the columns that what the provider says of a message gives it."""
    status = later_status(message.provider_status, seen.status)
    new = state_of(status)
    values: dict[str, object] = {
        "provider_id": seen.provider_id,
        "provider_status": status,
        "handed_over_at": message.handed_over_at or now,
        "error": seen.error,
    }
    if new is MessageState.HANDED_OVER:
        # The longer it takes, the more seldom we ask.
        since = now - (message.handed_over_at or now)
        values["due_at"] = now + max(timedelta(seconds=rules.receipt_after_seconds), since / 2)
    else:
        values["finished_at"] = now
    return new, values


def alarm_of(session: Session, now: datetime, message: Message, kind: str, reason: str) -> None:
    """Raise the alarm that a message did not get through."""
    alarms.raise_alarm(
        session,
        now,
        kind,
        f"message:{message.id}",
        {"contact": message.contact_id, "code": message.code or "", "reason": reason},
        incident_id=message.incident_id,
        agency_id=message.agency_id,
    )


def health(session: Session, now: datetime, channel: str, breaker: Breaker, error: ChannelError | None) -> None:
    """Tell the breaker how a call to a channel ended (None: well), and raise or close its alarms."""
    ours = isinstance(error, NotTaken) and error.kind is FailureKind.OURS
    if error is not None and (ours or error.outage):
        opened = breaker.failed(now, at_once=ours)
        if ours or opened:
            kind = "channel_held" if ours else "channel_down"
            alarms.raise_alarm(session, now, kind, f"{kind}:{channel}", {"channel": channel, "reason": error.reason})
    elif (error is None or isinstance(error, NotTaken)) and breaker.worked():
        for kind in ("channel_held", "channel_down"):
            alarms.close_key(session, now, f"{kind}:{channel}", SYSTEM)
