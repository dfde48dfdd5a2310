"""How large a fire is and whom it hurt: every estimate a row of its own, with who made it, when and how."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from firewatch.clock import Clock, local_day
from firewatch.errors import BadInput, Conflict, NotFound
from firewatch.incidents import classes, progress
from firewatch.incidents.classes import NUMBERS, Due, Known, Suggestion
from firewatch.incidents.intake import rfc_3339
from firewatch.incidents.models import FireExtent, Incident, Method, TimelineEntry
from firewatch.incidents.timeline import entries, record
from firewatch.rulebook.fire_classes import ClassRule
from firewatch.rulebook.read import Rulebook

AHEAD = timedelta(minutes=5)
PRESSED_TWICE = timedelta(minutes=1)
"""The same figures of the same person within this time are one row."""
UPWARD = "reported_upward"

Hectares = Annotated[float, Field(strict=True, ge=0, le=10_000_000, allow_inf_nan=False)]
People = Annotated[int, Field(strict=True, ge=0, le=100_000)]


class NewExtent(BaseModel):
    """An estimate. It counts as a whole: a figure that is left out is not known, whatever was before."""

    model_config = ConfigDict(extra="forbid")

    burnt_forest_ha: Hectares | None = None
    burnt_grassland_ha: Hectares | None = None
    damaged_forest_ha: Hectares | None = None
    damaged_grassland_ha: Hectares | None = None
    deaths: People | None = None
    serious_injuries: People | None = None
    method: Method
    estimated_by: Annotated[str, Field(max_length=80, pattern=r"^[^\x00]*$")] = ""
    estimated_at: Annotated[AwareDatetime | None, BeforeValidator(rfc_3339)] = Field(
        None, description="RFC 3339; default: now"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if all(getattr(self, figure) is None for figure in NUMBERS):
            raise ValueError("nothing: give at least one figure; what is not known stays empty")
        for ground in ("forest", "grassland"):
            burnt, damaged = getattr(self, f"burnt_{ground}_ha"), getattr(self, f"damaged_{ground}_ha")
            if burnt is not None and damaged is not None and damaged > burnt:
                raise ValueError(f"damaged_{ground}_ha: the damaged area is a part of the burnt area, not more")
        return self


@dataclass(frozen=True)
class Standing:
    """What a fire's figures come to: its class by the rule of its day, and what is reported upward."""

    rule: ClassRule | None
    suggestion: Suggestion | None
    due: list[Due]
    reported: Mapping[str, TimelineEntry]
    """By a rule's id, the entry that says that what is due by it was reported."""


def add(
    session: Session, clock: Clock, incident_id: int, new: NewExtent, by: str, seen: int | None = None
) -> FireExtent:
    """Put an estimate on record, also of a fire that is over.

    `seen` is the newest row that its author knew of, 0 for none: Conflict when there is a newer one. None: he did not
    say. Raises NotFound, and BadInput for a time that lies ahead.
    """
    progress.hold(session, incident_id)
    now, newest = clock.now(), latest(session, incident_id)
    if new.estimated_at is not None and new.estimated_at > now + AHEAD:
        raise BadInput("estimated_at: lies in the future")
    values = new.model_dump() | {"estimated_at": new.estimated_at or now, "estimated_by": new.estimated_by.strip()}
    if newest is not None and newest.recorded_by == by and now - newest.recorded_at < PRESSED_TWICE:
        told = {name: value for name, value in values.items() if name != "estimated_at" or new.estimated_at}
        if all(getattr(newest, name) == value for name, value in told.items()):
            return newest
    if seen is not None and seen != (newest.id if newest else 0):
        raise Conflict("somebody else has put newer figures on record: look at them, then send yours again")
    row = FireExtent(incident_id=incident_id, recorded_at=now, recorded_by=by, **values)
    session.add(row)
    figures = ";".join(f"{name}:{value:g}" for name in NUMBERS if (value := getattr(new, name)) is not None)
    record(session, incident_id, now, "extent_set", by, extent=figures, method=new.method)
    session.flush()
    return row


def history(session: Session, incident_id: int) -> list[FireExtent]:
    """Return a fire's estimates, the newest first."""
    return list(session.exec(_newest_first(incident_id)))


def latest(session: Session, incident_id: int) -> FireExtent | None:
    """Return the estimate that counts: the newest, whole."""
    return session.exec(_newest_first(incident_id).limit(1)).first()


def _newest_first(incident_id: int) -> SelectOfScalar[FireExtent]:
    return select(FireExtent).where(FireExtent.incident_id == incident_id).order_by(col(FireExtent.id).desc())


def known(incident: Incident, row: FireExtent | None) -> Known:
    """Return what is known of a fire by an estimate, and what is at stake."""
    figures = {figure.value: getattr(row, figure) for figure in NUMBERS} if row else {}
    return Known(stake=incident.stake, **figures)


def standing(session: Session, book: Rulebook, incident: Incident) -> Standing:
    """Return what the figures that count come to."""
    on = local_day(incident.opened_at, book.alliance.tz)
    figures = known(incident, latest(session, progress.number_of(incident)))
    rule = book.fire_classes.rule_on(on)
    due = classes.due_upward(book.fire_classes.upward_on(on), figures)
    told = _reported(entries(session, progress.number_of(incident)), due)
    return Standing(rule, classes.suggest(rule, figures) if rule else None, due, told)


def report_upward(session: Session, clock: Clock, book: Rulebook, incident_id: int, rule_id: str, by: str) -> None:
    """Put on record that a fire was reported upward, for all the reasons there are now; a repeat changes nothing.

    Raises NotFound when nothing is due by that rule.
    """
    incident = progress.hold(session, incident_id)
    now = standing(session, book, incident)
    due = next((each for each in now.due if each.rule.id == rule_id), None)
    if due is None:
        raise NotFound(f"incident {incident_id} has nothing to report upward by {rule_id}")
    if rule_id not in now.reported:
        because = ";".join(due.because)
        record(session, incident_id, clock.now(), "reported_upward", by, rule=rule_id, because=because)
        session.flush()


def _reported(everything: Iterable[TimelineEntry], due: Iterable[Due]) -> dict[str, TimelineEntry]:
    """Return what was reported already; a reason that has come since has to be reported too."""
    told = [entry for entry in everything if entry.kind == UPWARD]
    found: dict[str, TimelineEntry] = {}
    for each in due:
        mine = [entry for entry in told if entry.data["rule"] == each.rule.id]
        covered: set[str] = {reason for entry in mine for reason in entry.data["because"].split(";")}
        if mine and covered.issuperset(each.because):
            found[each.rule.id] = mine[-1]
    return found
