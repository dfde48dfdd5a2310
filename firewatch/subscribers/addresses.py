"""Addresses as people type them: made uniform, or refused with the reason; and as screens may show them. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from email.errors import HeaderParseError
from email.headerregistry import Address
from typing import Final

from firewatch.messaging import texts

LONGEST: Final = 254
"""Of an e-mail address on its way through SMTP (RFC 5321, erratum 1690)."""
LONGEST_LOCAL: Final = 64
DOMAIN: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
LOCAL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+")


def is_email(typed: str) -> bool:
    """Return whether somebody meant an e-mail address."""
    return "@" in unicodedata.normalize("NFKC", typed)


def email(typed: str) -> str | None:
    """Return an e-mail address with its domain in small letters; None for what is none.

    Letters outside ASCII need a mail server that knows SMTPUTF8 at every hop: a domain is spelt as the wire has it.
    """
    plain = unicodedata.normalize("NFKC", typed).strip()
    local, _, domain = plain.rpartition("@")
    try:
        domain = domain.encode("idna").decode().lower()
        Address(username=local, domain=domain)
    except (UnicodeError, HeaderParseError, ValueError):
        return None
    if not LOCAL.fullmatch(local) or len(local) > LONGEST_LOCAL or not DOMAIN.fullmatch(domain):
        return None
    whole = f"{local}@{domain}"
    return whole if len(whole) <= LONGEST and ".." not in local and local.strip(".") == local else None


def phone(typed: str, prefixes: Sequence[str]) -> str | None:
    """Return a number with its country code, if it begins as one of the prefixes does; None for what does not.

    A number without a country code has that of the first prefix.
    """
    plain = re.sub(r"[\s().-]", "", unicodedata.normalize("NFKC", typed))
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    elif not plain.startswith("+"):
        plain = prefixes[0] + plain.removeprefix("0")
    known = any(plain.startswith(prefix) for prefix in prefixes)
    return plain if known and re.fullmatch(r"\+[1-9][0-9]{6,14}", plain) else None


def masked(address: str) -> str:
    """Return an address as screens may show it: of a name its first letter, of a number as texts have it."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}•••{at}{domain}" if at else texts.masked(address)
