"""What a plan assumed of those it could send, in sentences, and from where somebody is taken to set out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from firewatch.dispatch.plan import PlannedTrip
from firewatch.resources.models import Crew, ResourceKind, Vehicle
from firewatch.resources.present import fix_of, whereabouts_of
from firewatch.resources.whereabouts import Basis
from firewatch.rulebook.resources import Resources
from firewatch.web.console.speech import Names, Speech


def sentences(speech: Speech, names: Names, assumed: Mapping[str, Any]) -> list[str]:
    """Return by which turnout a plan was made; nothing for a plan from before that was kept."""
    match assumed.get("turnout"):
        case "day":
            return [speech.t("plan.turnout_day")]
        case "night":
            same = speech.t("sms.comma").join(names.resource(name) for _, name in assumed["no_night"])
            return [speech.t("plan.turnout_night"), *([speech.t("plan.no_night", names=same)] if same else [])]
        case _:
            return []


def origins(speech: Speech, names: Names, assumed: Mapping[str, Any], made_at: datetime) -> list[str]:
    """Return, of all who have told a position, from where they were planned; who stood at home needs no word."""
    return [_origin(speech, names, entry, made_at) for entry in assumed.get("places", ()) if _is_told(entry)]


def trip_origins(
    speech: Speech, names: Names, assumed: Mapping[str, Any], made_at: datetime, trip: PlannedTrip
) -> list[str]:
    """Return the same of those who ride on one trip."""
    riding = {(ResourceKind.VEHICLE, trip.vehicle), *((ResourceKind.CREW, crew) for crew in trip.crews)}
    of_trip = [entry for entry in assumed.get("places", ()) if (entry["kind"], entry["resource"]) in riding]
    return origins(speech, names, {"places": of_trip}, made_at)


def present_place(speech: Speech, row: Crew | Vehicle, rules: Resources) -> str:
    """Say where somebody is taken to be now, and how old the position is that says so."""
    found, fix = whereabouts_of(row, speech.now, rules), fix_of(row)
    age = speech.age(fix.at) if fix else ""
    return speech.t(f"whereabouts.{found.basis}", age=age)


def _is_told(entry: Mapping[str, Any]) -> bool:
    return entry["basis"] in (Basis.FRESH, Basis.OLD)


def _origin(speech: Speech, names: Names, entry: Mapping[str, Any], made_at: datetime) -> str:
    age = speech.span((made_at - datetime.fromisoformat(entry["fix_at"])).total_seconds() / 60)
    key = "plan.from_home" if entry["basis"] == Basis.OLD else "plan.from_position"
    return speech.t(key, name=names.resource(entry["resource"]), age=age)
