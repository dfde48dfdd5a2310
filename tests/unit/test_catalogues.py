"""The console's texts: every key that code or a template asks for is written, and none is written for nobody."""

import ast
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path

import pytest

from firewatch import i18n
from firewatch.access.models import Role
from firewatch.agencies.models import AgencyKind, ContactRole, RosterDeed
from firewatch.bulletins.content import EDITABLE
from firewatch.bulletins.models import BulletinState
from firewatch.bulletins.models import Kind as BulletinKind
from firewatch.bulletins.summary import INDICES
from firewatch.bulletins.wording import RAIN_MM
from firewatch.check import LOOKS
from firewatch.danger.rows import NOT_CALIBRATED, POINT_MISSING, SCHEMES, SNOW_UNKNOWN
from firewatch.danger.season import FWI_RESTS, OFF_SEASON, OVERWINTERED, WINTER_RAIN_GAP
from firewatch.dispatch.answers import Answer
from firewatch.dispatch.models import OrderState, PlanState
from firewatch.dispatch.plan import Reason
from firewatch.dispatch.problem import PEOPLE, SUPPORT, Objective
from firewatch.geo import WINDS
from firewatch.hotspots.lifecycle import VERDICTS
from firewatch.hotspots.models import Confidence, LeftOut, TicketState
from firewatch.incidents.classes import NUMBERS, Figure
from firewatch.incidents.command import Post
from firewatch.incidents.models import FireClass, IncidentState, Method, ReportChannel
from firewatch.indices.checks import Flag
from firewatch.jobs.models import RunState
from firewatch.messaging import provider_errors, smtp_replies
from firewatch.messaging.channels import EMAIL, SMS, VOICE
from firewatch.messaging.models import MessageState, Taken
from firewatch.messaging.replies import Kind
from firewatch.messaging.transitions import FailureKind
from firewatch.outlook.issue import BEHIND, BEYOND, NO_ANALYSIS, NO_WEATHER
from firewatch.resources.edit import editable
from firewatch.resources.models import ChangeKind, CrewKind, ResourceKind, ResourceStatus, SpeedClass, VehicleKind
from firewatch.resources.whereabouts import Basis
from firewatch.roads.ways import CLASSES
from firewatch.rulebook.messages import DAYS
from firewatch.rulebook.read import Rulebook
from firewatch.settings import Settings
from firewatch.subscribers.models import SubscriptionState, Via
from firewatch.warnings.models import Action, Signal, WarningState, Why
from firewatch.weather.freshness import SourceState
from firewatch.web.console import settings_view
from firewatch.web.console.cartography import KINDS
from firewatch.web.console.closure_form import FIELDS as CLOSURE_FIELDS
from firewatch.web.console.drill_view import COLUMNS as DRILL_COLUMNS
from firewatch.web.console.errors import STATUSES
from firewatch.web.console.extent_form import ERRORS as EXTENT_ERRORS
from firewatch.web.console.ground_view import Under
from firewatch.web.console.layers_view import Layer
from firewatch.web.console.position_form import FIELDS as POSITION_FIELDS
from firewatch.web.console.report_form import FIELDS
from firewatch.web.console.sights_form import ERRORS as SIGHTS_ERRORS
from firewatch.web.deps import SCHEMES as COLOURS
from firewatch.web.lists.files import FORMS as LIST_FORMS
from firewatch.web.night.facts import STEPS
from firewatch.web.published.forms import FORMS
from firewatch.web.published.sheet import SECTIONS
from firewatch.web.published.summary_forms import SUMMARY_FORMS
from firewatch.web.published.summary_view import COLUMNS
from firewatch.web.published.summary_view import SECTIONS as SUMMARY_SECTIONS

PACKAGE = Path(__file__).parents[2] / "firewatch"
CODE = sorted(PACKAGE.rglob("*.py"))
TEMPLATES = sorted((PACKAGE / "web" / "templates").glob("*.html"))
KEYS = {key for lang in i18n.LANGUAGES for key in i18n.catalogue(lang)}

TREES = [ast.parse(file.read_text(encoding="utf-8")) for file in CODE]


def calls(name: str) -> Iterator[ast.Call]:
    for tree in TREES:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == name:
                yield node


def texts_at(name: str, place: int) -> set[str]:
    """The plain texts that calls of a function are given at a place."""
    found = set()
    for call in calls(name):
        if len(call.args) > place:
            argument = call.args[place]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                found.add(argument.value)
    return found


def job_names() -> set[str]:
    """Names in the table of jobs; a job of one feed is `weather:<feed>`."""
    formatted = {
        str(part.value).rstrip(":")
        for call in calls("Job")
        if isinstance(call.args[0], ast.JoinedStr)
        for part in call.args[0].values[:1]
        if isinstance(part, ast.Constant)
    }
    return texts_at("Job", 0) | texts_at("Sweep", 0) | formatted


def flags() -> set[str]:
    of_season = {OFF_SEASON, FWI_RESTS, OVERWINTERED, WINTER_RAIN_GAP}
    return {str(flag.name).lower() for flag in Flag} | {NOT_CALIBRATED, SNOW_UNKNOWN, POINT_MISSING, BEYOND} | of_season


COUNTED = (
    "lead",
    "high_days",
    "bulletins",
    "corrected",
    "withdrawn",
    "lacking",
    "fires",
    "false_fires",
    "hotspots",
    "unheard",
    "score_few",
    "in_week",
)
"""What summaries count, in the singular and the plural."""
RESOURCE_FIELDS = {name for kind in ResourceKind for name in editable(kind)}
ENUMS: dict[str, type[StrEnum]] = {
    "incident_state": IncidentState,
    "fire_class": FireClass,
    "report_channel": ReportChannel,
    "order_state": OrderState,
    "plan_state": PlanState,
    "passed_over": Reason,
    "resource_status": ResourceStatus,
    "resource_kind": ResourceKind,
    "change_kind": ChangeKind,
    "crew_kind": CrewKind,
    "vehicle_kind": VehicleKind,
    "speed_class": SpeedClass,
    "agency_kind": AgencyKind,
    "contact_role": ContactRole,
    "roster_deed": RosterDeed,
    "message_state": MessageState,
    "taken": Taken,
    "run_state": RunState,
    "role": Role,
    "source_state": SourceState,
    "signal": Signal,
    "warning_action": Action,
    "warning_state": WarningState,
    "warning_why": Why,
    "hotspot_state": TicketState,
    "confidence": Confidence,
    "left_out": LeftOut,
    "bulletin_state": BulletinState,
    "bulletin_kind": BulletinKind,
    "subscription_state": SubscriptionState,
    "via": Via,
}
TABLE_PROBLEMS = {"committed", "lent", "id_twice"} | {f"id_of_{kind}" for kind in ResourceKind}  # named by variables
NIGHT_HEADS = [
    *("person", "phone", "duty", "vehicle", "stops", "people", "state", "eta", "code"),
    *("agency", "who", "zone", "grade", "warning"),
]
COMMS = ["inbox", "comms_test", "comms_test_missed", "comms_test_fire", "comms_test_running"]
CHANNEL_ALARMS = {"channel_held", "channel_down", "channel_blind"}  # named by a variable in conclude.health
FAMILIES: dict[str, Iterable[object]] = {
    **ENUMS,
    "danger.grade.lyt1172": range(1, 6),
    "danger.grade.fwi": range(1, 6),
    "objective": Objective,
    "answer": Answer,
    "provider_error": provider_errors.table(),
    "failure_kind": FailureKind,
    "mail_kind": {FailureKind.TRANSIENT, *smtp_replies.table().values()},
    "reply.words": [*Answer, Kind.STOP, Kind.START],
    "extent": Figure,
    "extent.field": NUMBERS,
    "extent.error": EXTENT_ERRORS,
    "extent_method": Method,
    "post": Post,
    "photo.problem": texts_at("NoPicture", 0) | texts_at("NotTaken", 0) | {"caption"},
    "scheme": SCHEMES,
    "scheme.short": SCHEMES,
    "scheme.value": SCHEMES,
    "scheme.note": SCHEMES,
    "flag": flags(),
    "job": job_names(),
    "wind": WINDS,
    "place.wind": WINDS,
    "report.sights_error": SIGHTS_ERRORS,
    "issue_flag": [NO_ANALYSIS, BEHIND, NO_WEATHER],
    "job_result": [
        "weather",
        "standing_by",
        "outlook",
        "scored",
        "assessed",
        "on_record",
        "tidied",
        "hotspots",
        *COMMS,
        "bulletin",
        "no_bulletin",
        "roster_gaps",
        "subscribers",
    ],
    "watchdog": ["messages", "answers", "escalations", "sweeps"],
    "hook": ["inbound", "status", "call", "key"],
    "bulletins.file": FORMS,
    "summary": SUMMARY_SECTIONS,
    "summary.column": COLUMNS,
    "summary.file": SUMMARY_FORMS,
    "summary.index": INDICES,
    **{f"summary.{each}": ["one", "many"] for each in COUNTED},
    "cap.warning": ["alert", "update", "cancel"],
    "keys": ["help", "search", "situation", "report", "danger", "messages", "move", "answer", "heard"],
    "weekday": DAYS,
    "channel": [SMS, VOICE, EMAIL],
    "digest": ["correction", "withdrawal"],
    "digest.subject": BulletinKind,
    "subscribe.address": ["both", "email", "sms"],
    "mail": [f"{deed}{part}" for deed in ("subscribe", "unsubscribe") for part in ("", "_subject", "_link")],
    "timeline": texts_at("record", 3),
    "alarm": texts_at("raise_alarm", 2) | texts_at("alarm_of", 3) | CHANNEL_ALARMS,
    "warning.step": texts_at("step", 3) | texts_at("move", 4) | {"approved", "approved_by_rule"},
    "bulletin_step": texts_at("enter", 3) | {"dropped", "redrawn", "signed", "signed_by_rule"},
    "bulletin.advice": range(6),
    "bulletins": [*EDITABLE, *SECTIONS],
    "bulletin.changes": ["raised", "lowered", "lost"],
    "bulletin.dry": ["dry", "very"],
    "bulletin.hotspots": ["one", "many"],
    "bulletin.outlook": ["plain", "up", "same", "down"],
    "bulletin.rain_class": range(len(RAIN_MM) + 1),
    "hotspot_step": texts_at("write_down", 3) | set(VERDICTS),
    "incident.warning": ["outside_region", "no_danger_data"],
    "action": ["unacknowledged", "confirm_plan", "no_plan", "short", "orders_unseen"],
    "report.error": FIELDS,
    "roads.error": CLOSURE_FIELDS,
    "road_class": CLASSES,
    "roster.field": ["contact", "from", "to"],
    "roster.problem": texts_at("Wrong", 0),
    "resources.field": RESOURCE_FIELDS | {"agency", "status"},
    "resources.error": RESOURCE_FIELDS | {"id", "agency"},
    "exchange.problem": texts_at("Problem", 3) | TABLE_PROBLEMS | {"hour_twice", "no_such_hour"},
    "exchange.file": texts_at("Unreadable", 0),
    "position.field": POSITION_FIELDS,
    "position.error": POSITION_FIELDS,
    "whereabouts": Basis,
    "error.title": STATUSES,
    "error.help": STATUSES,
    "map.kind": KINDS,
    "layer": Layer,
    "lists.file": LIST_FORMS,
    "lang": i18n.LANGUAGES,
    "point_group": ["fire", "unanswered", "order", "alarm", "hotspot", "warning", "bulletin", "roster", "job"],
    "drill.column": DRILL_COLUMNS,
    "night": NIGHT_HEADS,
    "night.step": STEPS,
    "wall.count": ["fires", "unanswered", "alarms", "warnings", "hotspots"],
    "since_group": ["incident", "message", "alarm", "warning", "bulletin", "grade", "roster", "job"],
    "bar.sms": ["console", "twilio"],
    "source_kind": ["open_meteo", "met_norway", "stations", "replay", "made_up"],
    "feed.note": ["made-up season"],
    "ground.under": Under,
    "setting": Settings.model_fields,
    "settings.scheme": ["system", *COLOURS],
    "settings.for": ["weather", "hotspots", "messages"],
    "settings.from": ["environment", "file", "default"],
    "settings.rows": settings_view.TABLES,
    "settings.file": settings_view.RULES,
    "finding": [name.replace(" ", "_") for name in LOOKS],
}
TOOLS = {"brush-cutter"}  # a tool of the trade that the demonstration's depots happen not to hold


def asked_in_templates() -> set[str]:
    asked = set()
    for file in TEMPLATES:
        asked |= set(re.findall(r"""\bt\(\s*["']([\w.-]+)["']""", file.read_text(encoding="utf-8")))
    return asked


def asked_in_code() -> set[str]:
    """Every plain text in the code that is a key, or is given to `t`."""
    constants = {
        node.value
        for tree in TREES
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return (constants & KEYS) | texts_at("t", 0) | texts_at("text", 1)


def families_asked() -> set[str]:
    """The families that `word` is asked for, in templates and in code."""
    asked = texts_at("word", 0)
    for file in TEMPLATES:
        asked |= set(re.findall(r"""\bword\(\s*["']([\w.-]+)["']""", file.read_text(encoding="utf-8")))
    return asked


def members(rulebook: Rulebook) -> set[str]:
    capabilities = {PEOPLE, SUPPORT, *TOOLS}
    for quantities in (
        *(crew.provides for crew in rulebook.crews),
        *(vehicle.provides for vehicle in rulebook.vehicles),
        *(depot.stock for depot in rulebook.depots),
        *(card.needs for card in rulebook.dispatch.run_card),
    ):
        capabilities |= set(quantities)
    named = {f"{family}.{member}" for family, all_of_it in FAMILIES.items() for member in all_of_it}
    return named | {f"capability.{each}" for each in capabilities}


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_member_has_its_word(family: str) -> None:
    found = list(FAMILIES[family])
    assert found
    assert not [f"{family}.{member}" for member in found if not i18n.has(f"{family}.{member}")]


def test_every_capability_of_the_rulebook_has_its_word(rulebook: Rulebook) -> None:
    assert not [key for key in members(rulebook) if key.startswith("capability.") and not i18n.has(key)]


def test_every_key_that_is_asked_for_is_written() -> None:
    asked = asked_in_templates() | asked_in_code()
    assert len(asked) > 100
    assert not sorted(key for key in asked if not i18n.has(key))


def test_every_family_that_is_asked_for_is_known_here() -> None:
    # `danger.grade.<scheme>` is put together from the scheme's name.
    assert not families_asked() - set(FAMILIES) - {"capability"}


def test_no_text_is_written_for_nobody(rulebook: Rulebook) -> None:
    assert not sorted(KEYS - asked_in_templates() - asked_in_code() - members(rulebook))


def test_chinese_is_chinese() -> None:
    """A text left in English would be a text nobody translated; names and standards are written alike in both."""
    alike = {key for key in KEYS if i18n.catalogue("zh")[key] == i18n.catalogue("en")[key]}
    assert alike == {"lang.zh", "lang.en", "scheme.short.lyt1172", "scheme.short.fwi"}
