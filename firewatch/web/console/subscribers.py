"""Who has bulletins sent: how many, of which zones, how sending goes, and the end of one at an officer's hand."""

from dataclasses import dataclass

from fastapi import APIRouter, Response
from sqlmodel import Session

from firewatch.errors import NotFound
from firewatch.subscribers import addresses, consent, figures
from firewatch.subscribers.consent import LIVE
from firewatch.subscribers.models import Subscription, Via
from firewatch.web.console.fields import RowId
from firewatch.web.console.page import ActingPage, OwnPage, Page, go_to
from firewatch.web.deps import FormFields

router = APIRouter(prefix="/subscribers")
LIMIT = 200


@dataclass(frozen=True)
class Row:
    """A subscription as it may be shown."""

    subscription: Subscription
    address: str
    zones: str


@router.get("")
def show(page: OwnPage) -> Response:
    """Show the figures and the newest subscriptions."""
    return _list(page)


@router.get("/{subscription_id}")
def show_one(subscription_id: RowId, page: OwnPage) -> Response:
    """Show one subscription, and ask whether it is to end."""
    with page.services.db.read() as session:
        return page.render("subscriber.html", session, row=_row(page, _get(session, subscription_id)))


@router.post("/find")
def find(page: ActingPage, fields: FormFields) -> Response:
    """Lead to the subscription of an address that somebody gives over the telephone."""
    typed = fields.get("address", "")
    prefixes = page.services.book.bulletins.subscribers.texts_to
    by_mail = addresses.is_email(typed)
    address = addresses.email(typed) if by_mail else addresses.phone(typed, prefixes)
    with page.services.db.read() as session:
        found = figures.of_address(session, Via.EMAIL if by_mail else Via.SMS, address) if address else None
        number = found.id if found else None
    return go_to(f"/subscribers/{number}") if number else _list(page, "subscribers.not_found", 404)


@router.post("/{subscription_id}/remove")
def remove(subscription_id: RowId, page: ActingPage) -> Response:
    """End a subscription."""
    with page.services.db.write() as session:
        consent.remove(session, page.services.clock.now(), subscription_id, page.by)
    return page.done("/subscribers")


def _list(page: Page, problem: str = "", status: int = 200) -> Response:
    with page.services.db.read() as session:
        rows = [_row(page, row) for row in figures.newest(session, LIMIT)]
        return page.render(
            "subscribers.html",
            session,
            status,
            rows=rows,
            limit=LIMIT,
            figures=figures.count(session),
            sending=figures.sending(session, page.services.clock.now()),
            ways=tuple(Via),
            all_zones=figures.ALL,
            problem=problem,
        )


def _get(session: Session, subscription_id: int) -> Subscription:
    row = session.get(Subscription, subscription_id)
    if row is None or row.state not in LIVE:
        raise NotFound(f"there is no subscription {subscription_id}")
    return row


def _row(page: Page, row: Subscription) -> Row:
    named = [page.speech.named(zone) for zone in page.services.book.zones if zone.id in row.zones]
    return Row(row, addresses.masked(row.address), " · ".join(named) or page.speech.t("subscribe.all"))
