"""The alerts of a played season, as programs fetch them: held against the schema, references against what they name."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import xmlschema
from starlette.testclient import TestClient

from firewatch.rulebook.bulletins import Cap
from firewatch.rulebook.read import Rulebook
from firewatch.web.main import build
from firewatch.web.published.cap import NAMESPACE
from firewatch.web.services import Services
from tests.service.season import Season

CAP = f"{{{NAMESPACE}}}"
NATIONAL = Cap(
    sender="cap.example.cn",
    codes=["profile:CAP-CN:1.0"],
    code_name="eventType",
    bulletin_code="11A00",
    warning_code="11A01",
    zone_code_name="adminCode",
    zone_codes={"kangle": "622922", "hezheng": "622925"},
)
"""What a national profile may ask for; the codes are made up."""


def with_profile(book: Rulebook, profile: Cap) -> Rulebook:
    return replace(book, bulletins=book.bulletins.model_copy(update={"cap": profile}))


@dataclass
class Watcher:
    """A program that fetches every alert from two services over one database, of the plain profile and of another."""

    season: Season
    schema: xmlschema.XMLSchema
    clients: dict[str, TestClient] = field(init=False)
    valid: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """How many were valid, by profile, subject and type of message."""
    days: set[date] = field(default_factory=set)
    sent: dict[tuple[str, str], str] = field(default_factory=dict)
    """Profile, identifier: when it was sent."""

    def __post_init__(self) -> None:
        books = {"plain": self.season.book, "national": with_profile(self.season.book, NATIONAL)}
        self.clients = {
            name: TestClient(build(Services(db=self.season.db, clock=self.season.clock, book=book)))
            for name, book in books.items()
        }

    def look(self, on: date, warnings: Sequence[int]) -> None:
        """Fetch the newest alert of a day, and those of some warnings. Raises what the schema raises."""
        for profile, client in self.clients.items():
            self._take(profile, "bulletin", client.get(f"/bulletins/{on}.cap.xml").raise_for_status().text)
        self.warnings(warnings)
        self.days.add(on)

    def warnings(self, numbers: Sequence[int]) -> None:
        """Fetch the alerts of some warnings."""
        for profile, client in self.clients.items():
            for number in numbers:
                self._take(profile, "warning", client.get(f"/warnings/{number}.cap.xml").raise_for_status().text)

    def _take(self, profile: str, subject: str, text: str) -> None:
        self.schema.validate(text)
        alert = ET.fromstring(text)  # noqa: S314 - ours
        name, at, kind = (alert.findtext(f"{CAP}{tag}") or "" for tag in ("identifier", "sent", "msgType"))
        assert (profile, name) not in self.sent, f"{name} was sent already"
        self.sent[profile, name] = at
        told = (alert.findtext(f"{CAP}references") or "").split()
        assert bool(told) == (kind != "Alert"), name
        for sender, older, when in (each.split(",") for each in told):
            assert sender == alert.findtext(f"{CAP}sender")
            assert self.sent[profile, older] == when, f"{name} names {older} of {when}"
        check_times(alert)
        check_profile(profile, subject, text)
        self.valid[profile, subject, kind] += 1


def check_times(alert: ET.Element) -> None:
    """Every block ends no earlier than it begins."""
    for info in alert.iter(f"{CAP}info"):
        begins, ends = (datetime.fromisoformat(info.findtext(f"{CAP}{tag}") or "") for tag in ("effective", "expires"))
        assert begins <= ends


def check_profile(profile: str, subject: str, text: str) -> None:
    code = NATIONAL.bulletin_code if subject == "bulletin" else NATIONAL.warning_code
    assert (f"<value>{code}</value>" in text) == (profile == "national")
    assert (f"<sender>{NATIONAL.sender}</sender>" in text) == (profile == "national")


def schema(reference: Path) -> xmlschema.XMLSchema:
    """The schema of OASIS."""
    return xmlschema.XMLSchema(reference / "schemas" / "CAP-v1.2.xsd")
