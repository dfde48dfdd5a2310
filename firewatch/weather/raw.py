"""What sources really said: every answer, packed, for some days, so that a doubtful value can be traced.

A body is kept whole unless it is absurdly long. Whoever hands a payload over has redacted the keys in its address.
"""

import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from firewatch.errors import NotFound
from firewatch.weather.feeds import Payload
from firewatch.weather.models import RawPayload

MOST_BYTES = 16 * 1024 * 1024
"""A longer answer is cut: no feed of ours says that much."""
PIECE = 50


def keep(session: Session, source: str, payloads: Iterable[Payload], now: datetime, keep_days: int) -> None:
    """Put answers of a source on record; with no days to keep them, nothing is."""
    if keep_days == 0:
        return
    for payload in payloads:
        session.add(
            RawPayload(
                source=source,
                request=payload.request[:1000],
                status=payload.status,
                content_type=payload.content_type[:100],
                fetched_at=now,
                size=len(payload.body),
                body=zlib.compress(payload.body[:MOST_BYTES], 6),
            )
        )
    session.flush()


def newest(session: Session, source: str | None = None, limit: int = 50) -> list[RawPayload]:
    """Return the newest answers, of one source if that is asked for."""
    query = select(RawPayload).order_by(col(RawPayload.id).desc()).limit(limit)
    return list(session.exec(query if source is None else query.where(RawPayload.source == source)))


def body_of(session: Session, payload_id: int) -> bytes:
    """Return an answer as it came. Raises NotFound."""
    row = session.get(RawPayload, payload_id)
    if row is None:
        raise NotFound(f"there is no raw answer {payload_id}: it was never kept, or its days are over")
    return zlib.decompress(row.body)


def forget(session: Session, now: datetime, keep_days: int, limit: int = PIECE) -> int:
    """Delete at most `limit` answers whose days are over; return how many."""
    over = select(RawPayload.id).where(col(RawPayload.fetched_at) < now - timedelta(days=keep_days))
    picked = session.exec(over.order_by(col(RawPayload.fetched_at)).limit(limit)).all()
    if picked:
        session.exec(delete(RawPayload).where(col(RawPayload.id).in_(picked)))
    return len(picked)
