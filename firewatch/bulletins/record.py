"""Bulletins as they are on record: looked up, moved from state to state, every step written down."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from sqlmodel import Session, col, func, select

from firewatch.bulletins import lifecycle
from firewatch.bulletins.content import Document
from firewatch.bulletins.models import Bulletin, BulletinState, BulletinStep
from firewatch.db import in_turn
from firewatch.errors import BadInput, NotFound
from firewatch.messaging.alarms import close_key

SYSTEM: Final = "firewatch"
"""The actor of what no person did."""
TURN: Final = "bulletins"
LONGEST_NOTE: Final = 200


def turn(session: Session) -> None:
    """Let nobody else change bulletins until this transaction ends: numbers follow each other without a gap."""
    in_turn(session, TURN)


def get(session: Session, bulletin_id: int) -> Bulletin:
    """Return a version as it is in the database now. Raises NotFound."""
    query = select(Bulletin).where(Bulletin.id == bulletin_id).execution_options(populate_existing=True)
    row = session.exec(query).first()
    if row is None:
        raise NotFound(f"there is no bulletin {bulletin_id}")
    return row


def number_of(row: Bulletin) -> int:
    """Return the number of a version that is in the database."""
    if row.id is None:
        raise ValueError("the bulletin was never flushed")
    return row.id


def issued(session: Session, on: date) -> Bulletin | None:
    """Return what the public reads of a day; None when nothing was issued."""
    return session.exec(select(Bulletin).where(Bulletin.on == on, Bulletin.state == BulletinState.ISSUED)).first()


def draft(session: Session, on: date) -> Bulletin | None:
    """Return the version of a day that waits for a signature."""
    return session.exec(select(Bulletin).where(Bulletin.on == on, Bulletin.state == BulletinState.DRAFT)).first()


def begun(session: Session, before: date) -> bool:
    """Return whether there was a bulletin, or a draft, before a day: a new installation owes none of the past."""
    return session.exec(select(Bulletin.id).where(col(Bulletin.on) < before).limit(1)).first() is not None


def latest(session: Session, until: date | None = None) -> Bulletin | None:
    """Return the newest bulletin that was issued, of the days up to `until` if that is given."""
    query = select(Bulletin).where(Bulletin.state == BulletinState.ISSUED)
    if until is not None:
        query = query.where(col(Bulletin.on) <= until)
    return session.exec(query.order_by(col(Bulletin.on).desc()).limit(1)).first()


def drafts(session: Session) -> list[Bulletin]:
    """Return what waits for a signature, the newest day first."""
    query = select(Bulletin).where(Bulletin.state == BulletinState.DRAFT)
    return list(session.exec(query.order_by(col(Bulletin.on).desc())))


def archive(session: Session, first: date, last: date, limit: int = 400) -> list[Bulletin]:
    """Return the issued versions of some days, the newest first."""
    query = select(Bulletin).where(
        Bulletin.state == BulletinState.ISSUED, col(Bulletin.on) >= first, col(Bulletin.on) <= last
    )
    return list(session.exec(query.order_by(col(Bulletin.on).desc()).limit(limit)))


def versions(session: Session, on: date) -> list[Bulletin]:
    """Return every version of a day, the oldest first."""
    return list(session.exec(select(Bulletin).where(Bulletin.on == on).order_by(col(Bulletin.id))))


def published(row: Bulletin) -> Document:
    """Return what was published of a version. Raises NotFound for one that never was."""
    if row.document is None:
        raise NotFound(f"bulletin {row.id} was never issued")
    return Document.model_validate(row.document)


def steps(session: Session, ids: Sequence[int]) -> dict[int, list[BulletinStep]]:
    """Return what happened to some versions, the oldest step first."""
    query = select(BulletinStep).where(col(BulletinStep.bulletin_id).in_(ids)).order_by(col(BulletinStep.id))
    found: dict[int, list[BulletinStep]] = {number: [] for number in ids}
    for each in session.exec(query):
        found[each.bulletin_id].append(each)
    return found


def next_numbers(session: Session, on: date, first: int) -> tuple[int, int]:
    """Return the number of its year and the running number that the bulletin of a day has or would get."""
    own = session.exec(
        select(Bulletin.number, Bulletin.running).where(Bulletin.on == on, col(Bulletin.number).is_not(None)).limit(1)
    ).first()
    if own is not None and own[0] is not None and own[1] is not None:
        return own[0], own[1]
    in_year = col(Bulletin.on) >= date(on.year, 1, 1), col(Bulletin.on) <= date(on.year, 12, 31)
    number = session.exec(select(func.max(col(Bulletin.number))).where(*in_year)).one()
    running = session.exec(select(func.max(col(Bulletin.running)))).one()
    return (number or 0) + 1, max((running or 0) + 1, first)


def next_revision(session: Session, on: date) -> int:
    """Return the number of the version of a day that is issued next."""
    newest = session.exec(select(func.max(col(Bulletin.revision))).where(Bulletin.on == on)).one()
    return (newest or 0) + 1


def move(session: Session, now: datetime, row: Bulletin, new: BulletinState) -> None:
    """Take a version to another state. Raises Conflict when it may not go there."""
    lifecycle.check(row.state, new)
    row.state = new
    if not lifecycle.NEXT[new]:
        row.ended_at = now
    session.add(row)
    session.flush()


def enter(
    session: Session, now: datetime, row: Bulletin, kind: str, actor: str, *, name: str = "", note: str = ""
) -> None:
    """Put on record what happened to a version; `kind` is the catalogue key bulletin_step.<kind>."""
    session.add(BulletinStep(bulletin_id=number_of(row), at=now, kind=kind, actor=actor, name=name, note=note))
    session.flush()


def alarm_key(on: date) -> str:
    """Return the key of the alarm that a day's bulletin is late or lacking."""
    return f"bulletin:{on.isoformat()}"


def calm(session: Session, now: datetime, on: date, actor: str) -> None:
    """Close the alarm of a day's bulletin, if it was raised."""
    close_key(session, now, alarm_key(on), actor)


def said(field: str, text: str, longest: int = LONGEST_NOTE) -> str:
    """Return what somebody gave as a name or a reason, in one line. Raises BadInput when it is empty or too long."""
    clean = " ".join(text.split())
    if not 1 <= len(clean) <= longest:
        raise BadInput(f"{field}: needs 1 to {longest} characters")
    return clean
