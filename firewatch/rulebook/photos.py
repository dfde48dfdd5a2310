"""How large pictures of a fire may be, and how many (photos.toml)."""

from pydantic import Field

from firewatch.rulebook.alliance import Rules


class Photos(Rules):
    """How large pictures of a fire may be, and how many (photos.toml)."""

    max_mib: int = Field(12, ge=1, le=50)
    """Of a file as it is sent."""
    longest_px: int = Field(2560, ge=800, le=8000)
    """Longer side of a picture as it is kept."""
    per_incident: int = Field(300, ge=1, le=10_000)
    per_link: int = Field(12, ge=0, le=100)
    """That one person may send to one fire by the link in an order; 0: none."""
