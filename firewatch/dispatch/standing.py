"""Where everybody and everything of the pool stands, free or not."""

from sqlmodel import Session

from firewatch.resources import pool


def standing(session: Session) -> dict[str, tuple[float, float]]:
    """Return the places of all crews, vehicles and depots."""
    rows = (*pool.vehicles(session), *pool.crews(session), *pool.depots(session))
    return {f"{type(row).__name__}:{row.id}": (row.lat, row.lon) for row in rows}
