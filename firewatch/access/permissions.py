"""What a role may do. A duty officer may do everything there is; a viewer only looks."""

from firewatch.access.models import Role
from firewatch.errors import Refused


def may_act(role: Role) -> bool:
    """Return whether a role may change anything."""
    return role is Role.DUTY_OFFICER


def require_to_act(role: Role) -> None:
    """Raise Refused for a role that only looks."""
    if not may_act(role):
        raise Refused(f"a {role} may look but not change anything: ask a duty officer")
