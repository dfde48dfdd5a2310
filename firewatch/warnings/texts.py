"""What a message says of warnings that are issued together: one text for all their zones. Pure.

Zones stand under their colour, the highest first. When their names do not fit two segments those of the lowest colours
are counted, as few as need be: a name that was cut off would look like a zone without a warning.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from firewatch import i18n
from firewatch.messaging import texts
from firewatch.warnings.signals import Action, Signal, rank

TEMPLATE = "sms.warning"
CODE = "000000"
"""Stands for the code while the length is measured; every code is as long."""


@dataclass(frozen=True)
class Told:
    """A zone's warning as a message tells of it."""

    zone: str
    signal: Signal
    action: Action
    remark: str = ""


def params(lang: str, told: Sequence[Told], times: Mapping[str, str], lead: str = "") -> dict[str, str]:
    """Return what `sms.warning` needs; `times` are its places `time` and `until`, `lead` is what goes before it."""
    given = {**times, "deed": _deed(lang, told)}
    colours = len({each.signal for each in told})
    tried = (_by_signal(told, lang, named) for named in range(colours, 0, -1))
    zones = next((each for each in tried if _fits(lang, {**given, "place": each}, lead)), _by_signal(told, lang, 0))
    remarks = dict.fromkeys(each.remark for each in told if each.remark)
    # The remarks stand last and are cut if need be; the zones never are.
    return {**given, "place": i18n.text(lang, "sms.warning_stop").join([zones, *remarks])}


def _fits(lang: str, given: Mapping[str, str], lead: str) -> bool:
    return " ".join(given["place"].split()) in texts.render(TEMPLATE, lang, given, CODE, lead)


def _by_signal(told: Sequence[Told], lang: str, named: int) -> str:
    """Return the zones under their colours: the names under the highest so many colours, under the others how many."""
    zones = {signal: [each.zone for each in told if each.signal is signal] for signal in sorted(Signal, key=rank)[::-1]}
    groups = [(signal, names) for signal, names in zones.items() if names]
    return i18n.text(lang, "sms.warning_semicolon").join(
        i18n.text(lang, f"signal.{signal}") + i18n.text(lang, "sms.warning_colon") + _listed(lang, names, place < named)
        for place, (signal, names) in enumerate(groups)
    )


def _listed(lang: str, names: Sequence[str], by_name: bool) -> str:
    if by_name:
        return i18n.text(lang, "sms.comma").join(names)
    return i18n.text(lang, "warning.zones", count=len(names))


def _deed(lang: str, told: Sequence[Told]) -> str:
    actions = {each.action for each in told}
    if actions == {Action.RAISE}:
        return i18n.text(lang, "sms.warning_raised")
    return i18n.text(lang, "sms.warning_issued" if Action.RAISE not in actions else "sms.warning_both")
