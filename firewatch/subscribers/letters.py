"""A letter out of paragraphs, a table and links: as plain text, and as HTML that says the same. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from firewatch import i18n
from firewatch.messaging.channels import Letter

HTML_LANG: Final = {"zh": "zh-CN", "en": "en"}


@dataclass(frozen=True)
class Paragraph:
    """Some sentences."""

    text: str


@dataclass(frozen=True)
class Link:
    """An address with what it is for."""

    label: str
    address: str


@dataclass(frozen=True)
class Table:
    """Rows of two cells: what, and how it is."""

    rows: Sequence[tuple[str, str]]


Block = Paragraph | Link | Table


def plain(lang: str, blocks: Sequence[Block]) -> str:
    """Return blocks as plain text, an empty line between them."""
    return "\n\n".join(_plain(lang, block) for block in blocks) + "\n"


def letter(lang: str, subject: str, blocks: Sequence[Block], leave: str | None = None) -> Letter:
    """Return what goes with the plain text; `leave` is the address that ends the subscription."""
    return Letter(subject=" ".join(subject.split()), html=_html(lang, subject, blocks), lang=lang, leave=leave)


def _plain(lang: str, block: Block) -> str:
    match block:
        case Paragraph(text):
            return text
        case Link(label, address):
            return f"{i18n.text(lang, 'mail.pair', what=label, how='').rstrip()}\n{address}"
        case _:
            return "\n".join(i18n.text(lang, "mail.pair", what=what, how=how) for what, how in block.rows)


def _html(lang: str, subject: str, blocks: Sequence[Block]) -> str:
    html = ET.Element("html", lang=HTML_LANG[lang])
    head = ET.SubElement(html, "head")
    ET.SubElement(head, "meta", charset="utf-8")
    ET.SubElement(head, "title").text = subject
    body = ET.SubElement(html, "body")
    for block in blocks:
        _add(body, block)
    return "<!doctype html>\n" + ET.tostring(html, encoding="unicode", method="html") + "\n"


def _add(body: ET.Element, block: Block) -> None:
    match block:
        case Paragraph(text):
            for line in text.splitlines():
                ET.SubElement(body, "p").text = line
        case Link(label, address):
            ET.SubElement(ET.SubElement(body, "p"), "a", href=address).text = label
        case _:
            table = ET.SubElement(body, "table", border="1", cellpadding="6", cellspacing="0")
            for what, how in block.rows:
                row = ET.SubElement(table, "tr")
                ET.SubElement(row, "th", align="left").text = what
                ET.SubElement(row, "td").text = how
