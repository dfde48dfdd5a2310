"""What a text message says, how long it is on the wire, and the code it is known by. Pure.

Every text ends with its code: a person reads it out or types it in, and the outbox finds a message by it in the
provider's list. Segments: GSM 7-bit 160 or 153 to a part, else UCS-2 70 or 67 (3GPP TS 23.038 and 23.040).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from firewatch import i18n

MAX_SEGMENTS: Final = 2
CUT: Final = ("place", "load", "crews", "organiser", "contact", "vehicle")
"""What is shortened when a text is too long, in this order; numbers, coordinates, times, links and codes never are."""
SHORTEST: Final[Mapping[str, int]] = MappingProxyType({"zh": 4, "en": 12})
"""Letters that each of them keeps."""
ELLIPSIS: Final[Mapping[str, str]] = MappingProxyType({"zh": "…", "en": "..."})  # … is not in the GSM alphabet
CODES: Final = 1_000_000
# Odd and no multiple of five, so coprime with a million: every id of a million in a row has a code of its own.
MULTIPLIER: Final = 567_891
SHIFT: Final = 271_829

GSM_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED: Final = frozenset("\f^{}\\[~]|€")  # an escape and a letter: two septets


@dataclass(frozen=True)
class Template:
    """What a text needs besides its `code`, and for how many seconds it is worth delivering (None: no limit)."""

    params: frozenset[str]
    valid_seconds: int | None = None


VOICE: Final = "voice."
"""How the templates of telephone calls begin."""
LEADS: Final = ("drill.lead", "drill.lead_spoken")
LINKED: Final = "_link"
"""Ending of the template that says the same and carries a link to the page that answers it."""
_PLACE = frozenset({"place", "lat", "lon"})
TEMPLATES: Final[Mapping[str, Template]] = MappingProxyType(
    {
        "sms.report": Template(_PLACE | {"time", "grade", "organiser"}, valid_seconds=600),
        "sms.reminder": Template(_PLACE | {"time"}),
        "sms.deputy": Template(_PLACE | {"time", "organiser"}),
        "sms.head": Template(_PLACE | {"time"}),
        "sms.order": Template(_PLACE | {"vehicle", "crews", "people", "load", "eta"}),
        "sms.order_link": Template(_PLACE | {"vehicle", "crews", "people", "load", "eta", "link"}),
        "sms.false_alarm": Template(_PLACE | {"time"}),
        "sms.stand_down": Template(_PLACE | {"vehicle"}),
        "sms.hotspot": Template(_PLACE | {"time", "count", "until"}),
        "sms.hotspot_again": Template(_PLACE | {"time", "until"}),
        "sms.hotspot_late": Template(_PLACE | {"time", "until"}),
        "sms.reply_foreign": Template(frozenset({"place", "asked"})),
        "sms.reply_which": Template(frozenset({"place"})),
        "sms.reply_late": Template(frozenset({"place", "stands", "may", "asked"})),
        "sms.reply_why": Template(frozenset({"place", "asked"})),
        "sms.opted_out": Template(frozenset({"place", "contact"})),
        "sms.weather_gone": Template(frozenset({"place", "time"})),
        "sms.comms_test": Template(frozenset({"place", "until"}), valid_seconds=3600),
        "sms.comms_test_link": Template(frozenset({"place", "until", "link"}), valid_seconds=3600),
        "sms.roster_gap": Template(frozenset({"place", "count", "time", "until"})),
        "sms.bulletin_late": Template(frozenset({"place"})),
        "voice.report": Template(frozenset({"place", "time"})),
        "voice.order": Template(frozenset({"place", "vehicle", "crews"})),
        "sms.digest": Template(frozenset({"day", "grades", "leave"}), valid_seconds=36_000),
        "sms.digest_corrected": Template(frozenset({"day", "grades", "leave"}), valid_seconds=36_000),
        "sms.digest_withdrawn": Template(frozenset({"day", "leave"}), valid_seconds=36_000),
        "sms.subscribe": Template(frozenset({"place", "pin", "until"})),
        "sms.unsubscribe": Template(frozenset({"place", "pin", "until"})),
        "sms.warning": Template(frozenset({"deed", "place", "time", "until"})),
    }
)
"""Template key -> what it needs."""


def code_of(message_id: int) -> str:
    """Return the six digits of a message: a permutation of its id, so that neighbours do not look alike."""
    return f"{(message_id * MULTIPLIER + SHIFT) % CODES:06d}"


def carries(body: str, code: str) -> bool:
    """Return whether a text ends with a code; digits within coordinates or a place's name are not one."""
    return re.search(rf"(?<!\d){re.escape(code)}\D*$", body) is not None


def drill_lead(template: str, lang: str) -> str:
    """Return the word that every text of a drill begins with; a call says it."""
    return i18n.text(lang, "drill.lead_spoken" if template.startswith(VOICE) else "drill.lead")


def is_of_drill(body: str) -> bool:
    """Return whether a text says by its first word that it belongs to a drill."""
    return body.startswith(tuple(i18n.text(lang, key) for lang in i18n.LANGUAGES for key in LEADS))


def render(template: str, lang: str, params: Mapping[str, str], code: str, lead: str = "") -> str:
    """Return the text of a message in at most two segments, its place cut first, then the rest of CUT if need be.

    Of a fire's place, what is told of the nearest known one is left out whole before a letter of the zones is.
    A text that cannot be made to fit, because a link or a number is too long, is as short as it can be. `lead` stands
    before it and is counted. Raises ValueError for a template nobody wrote, or parameters that are not its own.
    """
    clean = _checked(template, params)
    body = lead + i18n.text(lang, template, code=code, **clean)
    if segments(body) > MAX_SEGMENTS and clean.keys() >= _PLACE:  # of a fire: how far from a known place goes first
        clean["place"] = clean["place"].partition(i18n.text(lang, "place.stop").strip())[0]
        body = lead + i18n.text(lang, template, code=code, **clean)
    for name in CUT:
        if segments(body) <= MAX_SEGMENTS:
            break
        value = clean.get(name, "")
        for length in range(len(value) - 1, SHORTEST[lang] - 1, -1):
            clean[name] = value[: length - len(ELLIPSIS[lang])].rstrip() + ELLIPSIS[lang]
            body = lead + i18n.text(lang, template, code=code, **clean)
            if segments(body) <= MAX_SEGMENTS:
                break
    return body


def whole(template: str, lang: str, params: Mapping[str, str], code: str) -> str:
    """Return the same text with nothing cut, for a page. Raises ValueError like `render`."""
    return i18n.text(lang, template, code=code, **_checked(template, params))


def _checked(template: str, params: Mapping[str, str]) -> dict[str, str]:
    known = TEMPLATES.get(template)
    if known is None or not i18n.has(template):
        raise ValueError(f"no text for {template!r}")
    if set(params) != known.params:
        raise ValueError(f"{template} needs {sorted(known.params)}, was given {sorted(params)}")
    return {name: " ".join(value.split()) for name, value in params.items()}


def is_gsm(body: str) -> bool:
    """Return whether a text is sent in the GSM 7-bit alphabet; one letter outside makes all of it UCS-2."""
    return all(char in GSM_BASIC or char in GSM_EXTENDED for char in body)


def segments(body: str) -> int:
    """Return how many parts a text is sent in; an escape or a surrogate pair is never torn apart."""
    if is_gsm(body):
        return _parts([2 if char in GSM_EXTENDED else 1 for char in body], single=160, part=153)
    return _parts([2 if ord(char) > 0xFFFF else 1 for char in body], single=70, part=67)


def masked(phone: str) -> str:
    """Return a phone number as screens may show it: its beginning and its last three digits."""
    head, tail = phone[:3], phone[-3:]
    return head + "•" * (len(phone) - 6) + tail if len(phone) > 8 else "•" * len(phone)


def _parts(widths: Sequence[int], *, single: int, part: int) -> int:
    if sum(widths) <= single:
        return 1
    count, used = 1, 0
    for width in widths:
        if used + width > part:
            count, used = count + 1, 0
        used += width
    return count
