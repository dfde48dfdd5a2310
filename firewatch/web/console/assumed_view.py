"""What a plan assumed of those it could send, in sentences."""

from collections.abc import Mapping
from typing import Any

from firewatch.web.console.speech import Names, Speech


def sentences(speech: Speech, names: Names, assumed: Mapping[str, Any]) -> list[str]:
    """Return them; none for a plan from before they were kept."""
    return [*_turnout(speech, names, assumed)]


def _turnout(speech: Speech, names: Names, assumed: Mapping[str, Any]) -> list[str]:
    match assumed.get("turnout"):
        case "day":
            return [speech.t("plan.turnout_day")]
        case "night":
            same = speech.t("sms.comma").join(names.resource(name) for _, name in assumed["no_night"])
            return [speech.t("plan.turnout_night"), *([speech.t("plan.no_night", names=same)] if same else [])]
        case _:
            return []
