"""What an attempt came to, written down: state, timers, counters, and the alarm where somebody has to know."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from firewatch.agencies.models import Contact
from firewatch.messaging import alarms, consent
from firewatch.messaging.breaker import Breaker
from firewatch.messaging.channels import Accepted, ChannelError, NotTaken, Seen
from firewatch.messaging.models import Message, MessageState
from firewatch.messaging.outbox import Claim, finish, found_out
from firewatch.messaging.provider_errors import kind_of
from firewatch.messaging.transitions import FailureKind, after_failure, backoff_seconds, later_status, may, state_of
from firewatch.rulebook.messages import Messages

SYSTEM = "system"
LONGEST_ID: Final = 60
LONGEST_STATUS: Final = 20
LONGEST_ERROR: Final = 200


@dataclass(frozen=True)
class Troubles:
    """The alarms of one breaker: for a provider that is not there, and for one that refuses our account."""

    down: str
    held: str


SENDING: Final = Troubles("channel_down", "channel_held")
ASKING: Final = Troubles("channel_blind", "channel_blind")


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
    """Write down that it was not taken: due again after a pause, held with the queue or by a drill, or dead.

    An outage is the channel's failure, not the message's, however long it lasts. Its pause does not grow: the breaker
    spares the provider, and what waited is to be on its way within a minute of the end.
    """
    failures = message.failures + (error.kind is not FailureKind.OURS and not error.outage)
    new = again_or_dead(error.kind, failures, now, message, rules)
    values: dict[str, object] = {"failures": failures, "error": error.reason}
    if new in (MessageState.DEAD, MessageState.HELD):
        values["finished_at"] = now
    elif error.kind is not FailureKind.OURS:
        step = 1 if error.outage else failures
        values["due_at"] = now + timedelta(seconds=backoff_seconds(step, rules.retry_seconds, chance()))
    done = finish(session, Claim.of(message), new, **values)
    if done and new is MessageState.DEAD:
        alarm_of(session, now, message, "message_dead", error.reason)
        _heed(session, now, message, error.kind, error.reason)
    return done


def unknown(session: Session, now: datetime, message: Message, reason: str, rules: Messages) -> bool:
    """Write down that nobody knows. The first look waits for the provider's list to catch up; the second decides."""
    first_look_at = now + timedelta(seconds=rules.look_seconds / 3)
    values: dict[str, object] = {"looks": 0, "due_at": first_look_at, "error": reason, "lease_until": now}
    return finish(session, Claim.of(message), MessageState.UNKNOWN, **values)


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
    """Return the state and the columns that what the provider says of a message gives it.

    The provider's words are cut to the columns' lengths: a word nobody expected must not undo what else it said.
    """
    status = later_status(message.provider_status, seen.status)[:LONGEST_STATUS]
    new = state_of(status)
    values: dict[str, object] = {
        "provider_id": seen.provider_id[:LONGEST_ID],
        "provider_status": status,
        "handed_over_at": message.handed_over_at or now,
        "error": seen.error[:LONGEST_ERROR] if seen.error else None,
    }
    if new is MessageState.HANDED_OVER:
        # The longer it takes, the more seldom we ask.
        since = now - (message.handed_over_at or now)
        values["due_at"] = now + max(timedelta(seconds=rules.receipt_after_seconds), since / 2)
    else:
        values["finished_at"] = now
    return new, values


def adopt(session: Session, now: datetime, message: Message, seen: Seen, rules: Messages) -> bool:
    """Write down what the provider says of a message that nobody is sending. False when somebody was quicker."""
    new, values = seen_values(now, message, seen, rules)
    old = message.state
    if new != old and not may(old, new):  # it was given up: what is said of it later is kept beside that
        new, values = old, {"provider_status": values["provider_status"], "provider_id": values["provider_id"]}
    done = found_out(session, message, new, **values)
    if done and old is MessageState.UNKNOWN:
        known(session, now, message)
    if done and new is MessageState.UNDELIVERABLE and old is not new:
        alarm_of(session, now, message, "message_undeliverable", seen.error or seen.status)
        _heed(session, now, message, kind_of(seen.error), seen.error or "")
    if done and new is MessageState.DELIVERED:
        alarms.close_key(session, now, f"message:{message.id}", SYSTEM)
    return done


def _heed(session: Session, now: datetime, message: Message, kind: FailureKind | None, reason: str) -> None:
    """Do what a failure asks for beyond this message: mark who has stopped our texts, tell that our account fails."""
    if kind is FailureKind.OPTED_OUT and message.contact_id is not None:
        person = session.get_one(Contact, message.contact_id)
        if person.reachable and person.phone == message.to:
            consent.stop(session, now, person)
    elif kind is FailureKind.OURS:
        held = {"channel": message.channel, "reason": reason}
        alarms.raise_alarm(session, now, SENDING.held, f"{SENDING.held}:{message.channel}", held)


def alarm_of(
    session: Session, now: datetime, message: Message, kind: str, reason: str, subject: str = "message"
) -> None:
    """Raise the alarm that a message did not get through. Nobody is called for a subscriber's: those are counted."""
    if message.contact_id is None:
        return
    alarms.raise_alarm(
        session,
        now,
        kind,
        f"{subject}:{message.id}",
        {"contact": message.contact_id, "code": message.code or "", "reason": reason},
        incident_id=message.incident_id,
        agency_id=message.agency_id,
    )


def still_unknown(session: Session, now: datetime, message: Message) -> None:
    """Raise the alarm that nobody can say whether a message has been sent."""
    alarm_of(session, now, message, "message_unknown", message.error or "unknown", subject="unknown")


def known(session: Session, now: datetime, message: Message) -> None:
    """Close the alarm of `still_unknown`, if it was raised."""
    alarms.close_key(session, now, f"unknown:{message.id}", SYSTEM)


def health(
    session: Session, now: datetime, channel: str, breaker: Breaker, error: ChannelError | None, troubles: Troubles
) -> None:
    """Tell the breaker how a call to a channel ended (None: well), and raise or close its alarms."""
    ours = isinstance(error, NotTaken) and error.kind is FailureKind.OURS
    if error is not None and (ours or error.outage):
        opened = breaker.failed(now, at_once=ours)
        if ours or opened:
            kind = troubles.held if ours else troubles.down
            alarms.raise_alarm(session, now, kind, f"{kind}:{channel}", {"channel": channel, "reason": error.reason})
    elif (error is None or isinstance(error, NotTaken)) and breaker.worked():
        for kind in {troubles.held, troubles.down}:
            alarms.close_key(session, now, f"{kind}:{channel}", SYSTEM)
