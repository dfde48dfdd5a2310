"""Every table of the product. Whoever needs them all (migrations, tests, the service) imports this one module."""

from firewatch import drill
from firewatch.access import models as access
from firewatch.agencies import models as agencies
from firewatch.bulletins import models as bulletins
from firewatch.danger import models as danger
from firewatch.db import metadata
from firewatch.dispatch import models as dispatch
from firewatch.files import models as files
from firewatch.handover import models as handover
from firewatch.hotspots import models as hotspots
from firewatch.incidents import models as incidents
from firewatch.jobs import models as jobs
from firewatch.messaging import comms_models
from firewatch.messaging import models as messaging
from firewatch.outlook import models as outlook
from firewatch.resources import models as resources
from firewatch.subscribers import models as subscribers
from firewatch.warnings import models as warnings
from firewatch.weather import models as weather

__all__ = [
    "access",
    "agencies",
    "bulletins",
    "comms_models",
    "danger",
    "dispatch",
    "drill",
    "files",
    "handover",
    "hotspots",
    "incidents",
    "jobs",
    "messaging",
    "metadata",
    "outlook",
    "resources",
    "subscribers",
    "warnings",
    "weather",
]
