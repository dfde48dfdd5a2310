"""How long people work and rest (resources.toml)."""

from pydantic import Field

from firewatch.rulebook.alliance import Minutes, Rules


class Resources(Rules):
    """How long people work and rest (resources.toml)."""

    rest_after_hours: float = Field(16, gt=0, le=72)
    """Hours of work after which people must rest before they are planned again."""
    rest_hours: float = Field(8, gt=0, le=72)
    """Hours off in one piece that make up for whatever was worked before."""
    back_after_minutes: Minutes = 90
    """How long after their release people count as being back."""
