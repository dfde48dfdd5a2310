"""The record and the alarms in words: ids become names, enum values become words, the rest stays as it is."""

from collections.abc import Callable, Mapping
from string import Formatter
from typing import Final

from firewatch import i18n
from firewatch.web.console.speech import Names, Speech

_WORDS: Final[Mapping[tuple[str, str], str]] = {
    ("state_changed", "old"): "incident_state",
    ("state_changed", "new"): "incident_state",
    ("class_set", "old"): "fire_class",
    ("class_set", "new"): "fire_class",
    ("order_advanced", "state"): "order_state",
    ("reported", "channel"): "report_channel",
    ("callbacks_refused", "hook"): "hook",
    ("extent_set", "method"): "extent_method",
}
"""(kind of entry, place in its text) -> family of words."""


def told(speech: Speech, names: Names, family: str, kind: str, data: Mapping[str, str]) -> str:
    """Return the sentence `<family>.<kind>` with its places filled; what an old entry lacks is a dash."""
    template = i18n.catalogue(speech.lang).get(f"{family}.{kind}", "")
    places = {name: "–" for _, name, _, _ in Formatter().parse(template) if name}
    for name, value in data.items():
        places[name] = _one(speech, names, kind, name, value)
    if data.get("also"):  # where zones overlap
        places["zone"] = names.zone_list([data["zone"], *data["also"].split(";")])
    return speech.t(f"{family}.{kind}", **places)


def _one(speech: Speech, names: Names, kind: str, name: str, value: str) -> str:
    if (kind, name) in _WORDS:
        return speech.word(_WORDS[kind, name], value)
    if name == "zone" and not value:
        return speech.t("incident.outside")
    named: Mapping[str, Callable[[str], str]] = {
        "agency": names.agency,
        "zone": names.zone,
        "resource": names.resource,
        "contact": names.contact,
        "contacts": lambda ids: speech.t("sms.comma").join(names.contact(each) for each in ids.split(";")),
        "to": names.actor,
        "holder": names.actor,
        "post": lambda post: speech.word("post", post),
        "job": speech.job,
        "overdue": lambda late: speech.t("sms.comma").join(speech.word("watchdog", each) for each in late.split(";")),
        "reason": speech.reason,
        "because": lambda figures: speech.t("sms.comma").join(
            speech.word("extent", each) for each in figures.split(";")
        ),
        "extent": lambda figures: _figures(speech, figures),
        "changes": lambda changes: _changes(speech, changes),
    }
    return named[name](value) if name in named else value


def _changes(speech: Speech, changes: str) -> str:
    """Return quantities that changed, each as `capability:before:after`, in words."""
    said = [
        f"{speech.word('capability', name)} {before} → {after}"
        for name, before, after in (each.split(":") for each in changes.split(";") if each)
    ]
    return speech.t("sms.comma").join(said) or "–"


def _figures(speech: Speech, figures: str) -> str:
    """Return what is known of a fire in numbers, each as `figure:number`, in words."""
    pairs = (each.split(":") for each in figures.split(";") if each)
    return speech.t("sms.comma").join(f"{speech.word('extent', name)} {number}" for name, number in pairs)
