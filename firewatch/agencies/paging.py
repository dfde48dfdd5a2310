"""Whom to page at an agency: the liaison on duty, else the deputy on duty, else the liaison by name. Pure.

Nobody else off duty is paged before the last step of an escalation.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from firewatch.agencies.models import Contact, ContactRole


@dataclass(frozen=True)
class Recipient:
    """The person to tell, and whether the roster really had somebody on duty."""

    contact: Contact
    on_duty: bool


def choose(contacts: Sequence[Contact], on_duty: Collection[str]) -> Recipient | None:
    """Return whom to tell out of one agency's active contacts; None when it has neither liaison nor deputy.

    Who has stopped our texts is the last choice, but better than nobody: the refusal becomes an alarm.
    """
    reached = [person for person in contacts if person.reachable]
    return _by_duty(reached, on_duty) or _any_deputy(reached) or _by_duty(contacts, on_duty)


def _by_duty(contacts: Sequence[Contact], on_duty: Collection[str]) -> Recipient | None:
    for role in (ContactRole.LIAISON, ContactRole.DEPUTY):
        for person in of_role(contacts, role):
            if person.id in on_duty:
                return Recipient(person, on_duty=True)
    liaisons = of_role(contacts, ContactRole.LIAISON)
    return Recipient(liaisons[0], on_duty=False) if liaisons else None


def _any_deputy(contacts: Sequence[Contact]) -> Recipient | None:
    deputies = of_role(contacts, ContactRole.DEPUTY)
    return Recipient(deputies[0], on_duty=False) if deputies else None


def of_role(contacts: Sequence[Contact], *roles: ContactRole) -> list[Contact]:
    """Return those of some roles, by id."""
    return sorted((person for person in contacts if person.role in roles), key=lambda person: person.id)
