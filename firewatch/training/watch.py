"""What a drill looks at in the real service: which fires wait to be acknowledged. It writes nothing."""

from sqlmodel import col, select

from firewatch.db import Database
from firewatch.incidents.models import AgencyNotice
from firewatch.incidents.progress import open_incidents


def waiting_fires(real: Database) -> list[int]:
    """Return the numbers of the real fires that an agency has not acknowledged. Raises what the driver raises."""
    with real.read() as session:
        fires = [fire.id for fire in open_incidents(session)]
        unanswered = select(AgencyNotice.incident_id).where(
            col(AgencyNotice.incident_id).in_(fires), col(AgencyNotice.acknowledged_at).is_(None)
        )
        return sorted(set(session.exec(unanswered)))
