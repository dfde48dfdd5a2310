"""What satellites saw, and the tickets that ask somebody to look. A hot spot is never an incident by itself."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from firewatch.db import Json, UtcDateTime, words


class Confidence(StrEnum):
    """How sure the algorithm is of a detection, in VIIRS's words; MODIS's percent are put into them."""

    LOW = "low"
    NOMINAL = "nominal"
    HIGH = "high"


class TicketState(StrEnum):
    """How a question stands."""

    OPEN = "open"
    CONFIRMED = "confirmed"  # 确认火情: a fire report was made of it
    CONTROLLED_BURN = "controlled_burn"  # 计划烧除
    FALSE_ALARM = "false_alarm"  # 误报
    ATTACHED = "attached"  # belongs to a fire that is known: nobody needs to look
    MERGED = "merged"  # turned out to be one with an older ticket


class LeftOut(StrEnum):
    """Why nobody is asked about a detection."""

    MASKED = "masked"  # hot by trade
    WEAK = "weak"  # below the least confidence, and nothing stronger near
    OLD = "old"  # came in too late
    COVERED = "covered"  # on ground that was looked at: the ticket says what it was


class HotspotTicket(SQLModel, table=True):
    """A cluster of detections and the question about it. `next_step_at` is its timer."""

    __tablename__ = "hotspot_ticket"
    __table_args__ = (Index("ix_hotspot_ticket_state_opened_at", "state", "opened_at"),)

    id: int | None = Field(default=None, primary_key=True)
    state: TicketState = Field(default=TicketState.OPEN, sa_type=words(TicketState))
    lat: float  # centre of the detections
    lon: float
    zone_ids: list[str] = Field(default_factory=list, sa_type=Json)  # reserves first; empty: around the zones
    asked: list[str] = Field(default_factory=list, sa_type=Json)  # agencies, the first answers for it
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    detections: int
    confidence: Confidence = Field(sa_type=words(Confidence))  # the highest
    max_frp_mw: float | None = None
    opened_at: datetime = Field(sa_type=UtcDateTime)
    deadline_at: datetime = Field(sa_type=UtcDateTime)
    step: int = 1  # 1 asked, 2 reminded, 3 overdue: the duty officer is alarmed
    next_step_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by: str | None = Field(default=None, max_length=80)
    note: str = Field(default="", max_length=500)
    incident_id: int | None = Field(default=None, foreign_key="incident.id", index=True)
    report_id: int | None = Field(default=None, foreign_key="fire_report.id")
    merged_into_id: int | None = Field(default=None, foreign_key="hotspot_ticket.id")


class HotspotDetection(SQLModel, table=True):
    """One pixel that a satellite found hot, exactly once however often it is polled."""

    __tablename__ = "hotspot_detection"
    __table_args__ = (
        UniqueConstraint("satellite", "acquired_at", "lat", "lon"),
        Index("ix_hotspot_detection_ticket_id_acquired_at", "ticket_id", "acquired_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=40)  # the data set it was first polled from
    satellite: str = Field(max_length=20)
    instrument: str = Field(max_length=20)
    acquired_at: datetime = Field(sa_type=UtcDateTime)  # of the overpass, to the minute
    lat: float
    lon: float
    confidence: Confidence = Field(sa_type=words(Confidence))
    frp_mw: float | None = None  # fire radiative power
    brightness_k: float | None = None  # VIIRS I-4, MODIS channel 21/22
    fetched_at: datetime = Field(sa_type=UtcDateTime)
    ticket_id: int | None = Field(default=None, foreign_key="hotspot_ticket.id")
    left_out: LeftOut | None = Field(default=None, sa_type=words(LeftOut))


class HotspotStep(SQLModel, table=True):
    """One thing that happened to a ticket. Append-only; `kind` and `data` render in any language."""

    __tablename__ = "hotspot_step"
    __table_args__ = (Index("ix_hotspot_step_ticket_id_at", "ticket_id", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="hotspot_ticket.id")
    at: datetime = Field(sa_type=UtcDateTime)
    kind: str = Field(max_length=40)  # catalogue key: hotspot_step.<kind>
    actor: str = Field(max_length=80)
    data: dict[str, str] = Field(default_factory=dict, sa_type=Json)


class HotspotSource(SQLModel, table=True):
    """How a data set is doing: "no data" is not "no fires"."""

    __tablename__ = "hotspot_source"

    source: str = Field(primary_key=True, max_length=40)
    asked_since_at: datetime = Field(sa_type=UtcDateTime)
    last_tried_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_detections: int | None = None  # within the region, in the last answer
    last_refused: int = 0  # rows of the last answer that could not be read
    newest_acquired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str | None = Field(default=None, max_length=500)
