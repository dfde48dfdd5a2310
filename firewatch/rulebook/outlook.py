"""How the days ahead are foreseen (outlook.toml, optional)."""

from typing import Literal

from pydantic import Field

from firewatch.rulebook.alliance import MinuteOfDay, Rules


class Outlook(Rules):
    """How the days ahead are foreseen (outlook.toml)."""

    days_ahead: int = Field(7, ge=1, le=10)
    issue_at: MinuteOfDay = 540
    """Local time of the day's own issue, the one that is scored."""
    again_after_hours: int = Field(6, ge=1, le=24)
    """Newer weather makes a new issue, but not sooner than this after the last."""
    keep_issues_days: int = Field(30, ge=2, le=400)
    """Scores are kept for good."""
    score_days: int = Field(90, ge=1, le=400)
    """Days back over which the scores on the screen are taken."""
    ensemble: Literal["open_meteo", "none"] = "open_meteo"
    """Asked only where Open-Meteo is one of the feeds."""
    ensemble_model: str = Field("icon_seamless", min_length=1, max_length=60, pattern=r"^[a-z0-9_]+$")
    min_members: int = Field(10, ge=2, le=100)
    """With fewer members that say something of a zone and day there is no probability."""
