"""Fire reports, the incidents they add up to, who was told, and the record of everything that happened."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from firewatch.db import Json, UtcDateTime, words


class IncidentState(StrEnum):
    """The life of a fire, as the law of 2026 has it."""

    REPORTED = "reported"  # 接报
    VERIFIED = "verified"  # 核实
    RESPONDING = "responding"  # 处置中
    FLAMES_OUT = "flames_out"  # 明火扑灭
    MOP_UP = "mop_up"  # 清理余火
    GUARDING = "guarding"  # 看守火场
    ACCEPTED = "accepted"  # 验收合格
    CLOSED = "closed"  # 销号
    FALSE_ALARM = "false_alarm"


class FireClass(StrEnum):
    """By damaged area and casualties; a new fire is ordinary until somebody says otherwise."""

    ORDINARY = "ordinary"  # 一般
    LARGE = "large"  # 较大
    MAJOR = "major"  # 重大
    EXTRAORDINARY = "extraordinary"  # 特别重大


class ReportChannel(StrEnum):
    """How a report reached us."""

    PHONE = "phone"
    CONSOLE = "console"
    PATROL = "patrol"
    LOOKOUT = "lookout"
    CAMERA = "camera"
    SATELLITE = "satellite"
    OTHER = "other"


class Method(StrEnum):
    """How an area was estimated."""

    EYE = "eye"  # 目测
    WALKED = "walked"  # 绕测
    DRONE = "drone"  # 无人机
    SATELLITE = "satellite"  # 卫星
    SURVEY = "survey"  # 实地勘测
    OTHER = "other"


class Incident(SQLModel, table=True):
    """A fire. `plan_due_at` is a due row: a job plans what is due and clears it."""

    __tablename__ = "incident"
    __table_args__ = (Index("ix_incident_state_opened_at", "state", "opened_at"),)

    id: int | None = Field(default=None, primary_key=True)
    state: IncidentState = Field(default=IncidentState.REPORTED, sa_type=words(IncidentState))
    lat: float
    lon: float
    zone_id: str | None = Field(default=None, max_length=40)
    # Further zones it lies in, where zones overlap.
    also_zone_ids: list[str] = Field(default_factory=list, sa_type=Json, sa_column_kwargs={"server_default": "[]"})
    fire_class: FireClass = Field(default=FireClass.ORDINARY, sa_type=words(FireClass))
    danger_grade: int | None = None  # of the zones, the worse, when the fire was reported; None is no data
    danger_zone_id: str | None = Field(default=None, max_length=40)  # whose grade that is
    # What a person has set it to get, in place of its run card; None: as the card says.
    needs_by_hand: dict[str, int] | None = Field(default=None, sa_type=Json, nullable=True)
    needs_set_by: str | None = Field(default=None, max_length=80)
    needs_set_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stake: str | None = Field(default=None, max_length=40)  # dispatch.toml: what is at stake
    organiser_agency_id: str = Field(foreign_key="agency.id")
    warnings: list[str] = Field(default_factory=list, sa_type=Json)  # catalogue keys: incident.warning.<key>
    opened_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    plan_due_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)

    @property
    def zone_ids(self) -> list[str]:
        """All zones it lies in, reserves first; none: outside the region."""
        return [self.zone_id, *self.also_zone_ids] if self.zone_id else []


class FireReport(SQLModel, table=True):
    """What somebody said, unchanged for ever; only the incident it belongs to may be corrected."""

    __tablename__ = "fire_report"
    __table_args__ = (UniqueConstraint("received_by", "idempotency_key"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    lat: float
    lon: float
    description: str
    channel: ReportChannel = Field(sa_type=words(ReportChannel))
    agency_id: str | None = Field(default=None, foreign_key="agency.id")
    reported_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
    received_by: str = Field(max_length=80)
    idempotency_key: str | None = Field(default=None, max_length=200)
    request_digest: str | None = Field(default=None, max_length=64)


class AgencyNotice(SQLModel, table=True):
    """Whether one agency knows of one fire. The timer of its escalation is this row, not a thread."""

    __tablename__ = "agency_notice"
    __table_args__ = (UniqueConstraint("incident_id", "agency_id"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id")
    agency_id: str = Field(foreign_key="agency.id")
    notified_at: datetime = Field(sa_type=UtcDateTime)
    step: int = 1
    next_step_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_by: str | None = Field(default=None, max_length=80)


class CommandPost(SQLModel, table=True):
    """One command at one fire: its holder (`agency:<id>`, or a person's user name), and to whom it is being offered."""

    __tablename__ = "command_post"
    __table_args__ = (UniqueConstraint("incident_id", "post"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id")
    post: str = Field(max_length=20)
    holder: str = Field(max_length=80)
    since_at: datetime = Field(sa_type=UtcDateTime)
    offered_to: str | None = Field(default=None, max_length=40)
    offered_by: str | None = Field(default=None, max_length=80)
    offer_ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)


class TimelineEntry(SQLModel, table=True):
    """One thing that happened to an incident. Append-only; `kind` and `data` render in any language."""

    __tablename__ = "timeline_entry"
    __table_args__ = (Index("ix_timeline_entry_incident_id_at", "incident_id", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id")
    at: datetime = Field(sa_type=UtcDateTime)
    kind: str = Field(max_length=40)  # catalogue key: timeline.<kind>
    actor: str = Field(max_length=80)
    data: dict[str, str] = Field(default_factory=dict, sa_type=Json)


class IncidentPhoto(SQLModel, table=True):
    """A photo of a fire. Its picture lies in the data folder under `digest`; taken back, it stays on record."""

    __tablename__ = "incident_photo"

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    digest: str = Field(max_length=64)  # of the picture as it is kept
    sent_digest: str = Field(max_length=64)  # of the file as it came: the same one again is the same photo
    caption: str = Field(default="", max_length=200)
    width: int
    height: int
    taken_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # by the camera's clock
    lat: float | None = None
    lon: float | None = None
    added_at: datetime = Field(sa_type=UtcDateTime)
    added_by: str = Field(max_length=80)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_by: str | None = Field(default=None, max_length=80)
    withdrawn_why: str | None = Field(default=None, max_length=200)


class FireExtent(SQLModel, table=True):
    """An estimate of how large a fire is and whom it hurt; the newest counts, whole. Append-only; None: not known."""

    __tablename__ = "fire_extent"

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    burnt_forest_ha: float | None = None  # 过火面积: decides what is reported upward
    burnt_grassland_ha: float | None = None
    damaged_forest_ha: float | None = None  # 受害面积: decides the class
    damaged_grassland_ha: float | None = None
    deaths: int | None = None
    serious_injuries: int | None = None
    method: Method = Field(sa_type=words(Method))
    estimated_by: str = Field(default="", max_length=80)  # as typed; empty: whoever recorded it
    estimated_at: datetime = Field(sa_type=UtcDateTime)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    recorded_by: str = Field(max_length=80)
