"""What the lists know of whoever reads them: the session, the words and names of the language, the names in both."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlmodel import Session, select

from firewatch.agencies.models import Agency, Contact
from firewatch.danger.models import ZoneGrade
from firewatch.web.console.page import Page
from firewatch.web.console.speech import Names, Speech, load_names
from firewatch.web.services import Services


@dataclass(frozen=True)
class Reader:
    """One reader, while his page or file is made."""

    session: Session
    services: Services
    speech: Speech
    names: Names

    @classmethod
    def of(cls, session: Session, page: Page) -> "Reader":
        """Return the reader of a page."""
        return cls(session, page.services, page.speech, load_names(session, page.services.book, page.speech))

    def words(self, family: str, members: Iterable[str]) -> dict[str, str]:
        """Return the members of a family with their words, in their order."""
        return {str(member): self.speech.word(family, member) for member in members}

    def grade(self, scheme: str, grade: int | None) -> str:
        """Return a grade as numeral and word; without one: no data."""
        return " ".join(filter(None, (str(grade) if grade else "", self.speech.grade(scheme, grade))))

    def zone_grade(self, scheme: str, row: ZoneGrade | None) -> str:
        """Return the grade of a zone's day as numeral and word; out of season is not no data."""
        numeral = str(row.grade) if row and row.grade else ""
        return f"{numeral} {self.speech.zone_grade(scheme, row)}".lstrip()

    def zones_of(self, zone_ids: Sequence[str]) -> str:
        """Return the names of the zones of a place; outside of them all, that it is."""
        return self.names.zone_list(zone_ids) if zone_ids else self.speech.t("incident.outside")

    def signal(self, signal: str | None) -> str | None:
        """Return the word of a signal; None where none is or was in force."""
        return self.speech.word("signal", signal) if signal else None

    def yes_no(self, *, yes: bool) -> str:
        """Return whether something holds, in words."""
        return self.speech.t("resources.yes" if yes else "resources.no")

    # Whatever language somebody reads, he may type a name in the other.

    @cached_property
    def zones(self) -> Mapping[str, str]:
        """Zones by id, with their names in both languages."""
        return {zone.id: f"{zone.name_zh} {zone.name_en}" for zone in self.services.book.zones}

    @cached_property
    def agencies(self) -> Mapping[str, str]:
        """Agencies by id, with their names in both languages."""
        return _both(self.session.exec(select(Agency)))

    @cached_property
    def contacts(self) -> Mapping[str, str]:
        """People by id, with their names in both languages."""
        return _both(self.session.exec(select(Contact)))


def _both(rows: Iterable[Agency | Contact]) -> dict[str, str]:
    return {row.id: f"{row.name_zh} {row.name_en}" for row in rows}
