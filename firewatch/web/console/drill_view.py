"""The score of a drill as it is read and kept: on its page, and as the table of its training record."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from firewatch import drill
from firewatch.clock import Clock
from firewatch.db import Database
from firewatch.files import sheets
from firewatch.rulebook.read import Rulebook
from firewatch.training.folder import Drills
from firewatch.training.score import FireScore, scores
from firewatch.web.console.speech import Names, Speech, load_names

COLUMNS: Final = (
    *("drill", "fire", "zone", "reported", "what", "who", "agency"),
    *("told", "acknowledged", "by", "proposed", "confirmed", "en_route", "on_scene", "remark"),
)
"""Of the record; minutes are counted from the report."""


@dataclass(frozen=True)
class RecordKeeper:
    """Writes the training record of a drill, again and again, into its folder."""

    db: Database
    clock: Clock
    book: Rulebook
    lang: str
    drills: Drills

    def write(self) -> None:
        """Write it as it stands now. Raises OSError."""
        speech = Speech(self.lang, self.book.alliance.tz, self.clock.now())
        with self.db.read() as session:
            mark = drill.of(session)
            made = as_csv(session, self.book, speech) if mark else b""
        if mark:
            self.drills.keep_record(mark.name, made)


def as_csv(session: Session, book: Rulebook, speech: Speech) -> bytes:
    """Return the record of a drill as a table: a line for each agency and each order of each fire, one for the plan."""
    names, mark = load_names(session, book, speech), drill.of(session)
    written = io.BytesIO()
    lines = (line for fire in scores(session) for line in _lines(fire, names, speech))
    rows = ([mark.name if mark else "", *(_cell(line.get(name)) for name in COLUMNS[1:])] for line in lines)
    sheets.write_csv(written, [speech.word("drill.column", name) for name in COLUMNS], rows)
    return written.getvalue()


Value = str | float | datetime | None


def _cell(value: Value) -> sheets.Cell:
    if isinstance(value, float):
        return round(value, 1)
    return sheets.safe(value) if isinstance(value, str) else value


def _lines(fire: FireScore, names: Names, speech: Speech) -> Iterator[dict[str, Value]]:
    incident = fire.incident
    same: dict[str, Value] = {
        "fire": str(incident.id),
        "zone": names.zone_list(incident.zone_ids),
        "reported": incident.opened_at.astimezone(speech.zone).isoformat(timespec="seconds"),
    }
    for told in fire.agencies:
        yield same | {
            "what": speech.t("drill.of_agency"),
            "who": names.agency(told.agency_id),
            "agency": names.agency(told.agency_id),
            "told": told.told,
            "acknowledged": told.acknowledged,
            "by": names.actor(told.by) if told.by else None,
            "remark": "; ".join(remarks(speech, told.played, told.acknowledged is None)),
        }
    plan = speech.t("drill.of_plan")
    yield same | {"what": plan, "proposed": fire.planned, "confirmed": fire.confirmed}
    for order in fire.orders:
        yield same | {
            "what": speech.t("drill.of_order"),
            "who": names.resource(order.vehicle_id),
            "agency": names.agency(order.agency_id),
            "told": order.ordered,
            "acknowledged": order.acknowledged,
            "en_route": order.en_route,
            "on_scene": order.on_scene,
            "remark": speech.t("drill.declined") if order.declined is not None else "",
        }


def remarks(speech: Speech, played: bool, silent: bool) -> list[str]:
    """Return what is to be said of an agency beside its minutes."""
    said = {"drill.played": played, "drill.silent": silent}
    return [speech.t(key) for key, so in said.items() if so]
