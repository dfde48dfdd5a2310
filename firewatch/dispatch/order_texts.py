"""What agencies are told of an order: to whom it goes and what it says."""

from datetime import datetime

from sqlmodel import Session

from firewatch import i18n
from firewatch.agencies.models import Contact
from firewatch.dispatch.models import Order
from firewatch.incidents.models import Incident
from firewatch.incidents.notices import place_params
from firewatch.incidents.withdrawal import REVISION, withdraw
from firewatch.messaging import outbox
from firewatch.messaging.channels import SMS, VOICE
from firewatch.messaging.models import SubjectKind
from firewatch.messaging.texts import TEMPLATES
from firewatch.resources.models import Crew, Depot, Vehicle
from firewatch.rulebook.read import Rulebook

ORDER_PRIORITY = 2


def agencies(session: Session, order: Order) -> list[str]:
    """Return every agency that sends somebody or something with an order."""
    rows = [session.get(Crew, name) or session.get(Depot, name) for name in order.stops]
    return sorted({order.agency_id, *(row.agency_id for row in rows if row is not None)})


def tell(session: Session, now: datetime, book: Rulebook, order: Order, contact: Contact, step: int = 1) -> None:
    """Write an order to a person; `step` is the chase's."""
    _put(session, now, book, order, contact, "sms.order", step=step)


def call(session: Session, now: datetime, book: Rulebook, order: Order, contact: Contact, step: int) -> None:
    """Telephone a person about an order that nobody has acknowledged."""
    _put(session, now, book, order, contact, "voice.order", step=step, channel=VOICE)


def stand_down(session: Session, now: datetime, book: Rulebook, order: Order) -> None:
    """Take an order back from everybody who was told of it."""
    for contact in withdraw(session, now, SubjectKind.ORDER, order.id or 0):
        _put(session, now, book, order, contact, "sms.stand_down", revision=REVISION)


def _put(
    session: Session,
    now: datetime,
    book: Rulebook,
    order: Order,
    contact: Contact,
    template: str,
    *,
    revision: int = 1,
    step: int = 1,
    channel: str = SMS,
) -> None:
    given = _params(session, book, order, contact.lang)
    outbox.put(
        session,
        now,
        outbox.NewMessage(
            subject_kind=SubjectKind.ORDER,
            subject_id=order.id or 0,
            contact=contact,
            channel=channel,
            template=template,
            params={name: given[name] for name in TEMPLATES[template].params},
            incident_id=order.incident_id,
            revision=revision,
            step=step,
            priority=ORDER_PRIORITY,
        ),
    )


def _params(session: Session, book: Rulebook, order: Order, lang: str) -> dict[str, str]:
    name = f"name_{lang}"
    given = place_params(session, book, session.get_one(Incident, order.incident_id), lang)
    crews = [getattr(session.get_one(Crew, crew), name) for crew in order.crews]
    comma = i18n.text(lang, "sms.comma")
    return {
        **given,
        "vehicle": getattr(session.get_one(Vehicle, order.vehicle_id), name),
        "crews": comma.join(crews) or i18n.text(lang, "sms.aboard"),
        "people": str(order.people),
        "load": comma.join(_load(session, order, lang)) or i18n.text(lang, "sms.none"),
        "eta": i18n.local_time(order.eta_at, lang, book.alliance.tz, "HH:mm"),
    }


def _load(session: Session, order: Order, lang: str) -> list[str]:
    """Return what to load, and at which depot."""
    comma = i18n.text(lang, "sms.comma")
    said = []
    for depot, tools in order.load.items():
        units = comma.join(f"{i18n.text(lang, f'capability.{tool}')}{number}" for tool, number in tools.items())
        name = getattr(session.get_one(Depot, depot), f"name_{lang}")
        said.append(i18n.text(lang, "load.from_depot", tools=units, depot=name))
    return said
