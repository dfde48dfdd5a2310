"""What a role may do. A duty officer may do everything there is; a viewer only looks.

Whose resources he may change depends on the agency he acts for: his own, or everybody's when he acts for the whole
alliance or for its coordinating office.
"""

from firewatch.access.models import Role
from firewatch.errors import Refused


def may_act(role: Role) -> bool:
    """Return whether a role may change anything."""
    return role is Role.DUTY_OFFICER


def require_to_act(role: Role) -> None:
    """Raise Refused for a role that only looks."""
    if not may_act(role):
        raise Refused(f"a {role} may look but not change anything: ask a duty officer")


def may_change(acts_for: str | None, owner: str, office: str) -> bool:
    """Return whether somebody who acts for an agency (None: for all) may change what `owner` has."""
    return acts_for in (None, owner, office)


def require_to_change(acts_for: str | None, owner: str, office: str) -> None:
    """Raise Refused for what another agency has."""
    if not may_change(acts_for, owner, office):
        raise Refused(f"this belongs to {owner}: only {owner} and {office} change it, and you act for {acts_for}")
