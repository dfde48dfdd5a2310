"""What a telephone call says, as Twilio reads it (TwiML: Gather, Say, Hangup). Pure.

The text is said, then the keys are; twice, if no key comes. https://www.twilio.com/docs/voice/twiml
"""

import re
from collections.abc import Mapping
from typing import Final
from xml.etree import ElementTree as ET

from firewatch import i18n

RECEIVED: Final = "1"
AGAIN: Final = "2"
TIMES: Final = 2
KEY_SECONDS: Final = 8
"""How long a key is waited for after the words."""
LANGUAGE: Final[Mapping[str, str]] = {"zh": "zh-CN", "en": "en-GB"}
CODE: Final = re.compile(r"\d{6}(?=\D*$)")


def asking(body: str, lang: str, key_url: str) -> str:
    """Return a call that reads out a text and asks for a key, which goes to an address."""
    call = ET.Element("Response")
    for _ in range(TIMES):
        said = {"numDigits": "1", "action": key_url, "method": "POST", "timeout": str(KEY_SECONDS)}
        gather = ET.SubElement(call, "Gather", said)
        _say(gather, CODE.sub(lambda code: " ".join(code[0]), body), lang)
        _say(gather, i18n.text(lang, "voice.keys"), lang)
    _say(call, i18n.text(lang, "voice.no_key"), lang)
    return ET.tostring(call, encoding="unicode")


def ending(key: str, lang: str) -> str:
    """Return a call that says a catalogue text and is over."""
    call = ET.Element("Response")
    _say(call, i18n.text(lang, key), lang)
    ET.SubElement(call, "Hangup")
    return ET.tostring(call, encoding="unicode")


def _say(parent: ET.Element, words: str, lang: str) -> None:
    ET.SubElement(parent, "Say", language=LANGUAGE[lang]).text = words
