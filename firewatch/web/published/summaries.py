"""The public addresses of what becomes of weeks and seasons: their pages, their files, and the list of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final

from fastapi import APIRouter, Response

from firewatch.bulletins import review
from firewatch.bulletins.periods import Period, PeriodKind, season_of, week_of
from firewatch.bulletins.summary import Summary
from firewatch.bulletins.summary_wording import title
from firewatch.bulletins.wording import counted, day_name
from firewatch.clock import local_day
from firewatch.web.console.page import OpenPage, Page
from firewatch.web.published import readers
from firewatch.web.published.summary_forms import SUMMARY_FORMS
from firewatch.web.published.summary_view import COLUMNS, view

router = APIRouter(include_in_schema=False)

FRESH_SECONDS: Final = 60
"""So long a summary is not looked up anew, however many ask for it."""
DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Link:
    """A period by its name in the reader's language; `told` says how much there is of it."""

    title: str
    address: str
    told: str = ""


@router.get("/bulletins/summaries")
def listed(page: OpenPage) -> Response:
    """List the weeks and seasons that have bulletins."""
    with page.services.db.read() as session:
        weeks, seasons = review.weeks(session), review.seasons(session, page.services.book)
        lang = page.speech.lang
        answer = page.render(
            "summaries.html",
            page.barred(session),
            seasons=[_link(each, lang) for each in seasons],
            weeks=[_link(each, lang, _told(each, number, lang)) for each, number in weeks],
        )
    return readers.shown(page, answer)


def _add(kind: PeriodKind, named: Callable[[Page, str], Period]) -> None:
    for suffix in SUMMARY_FORMS:
        _add_file(kind, named, suffix)

    @router.get(f"/bulletins/{kind}s/{{name}}", name=f"summary.{kind}")
    def show(name: str, page: OpenPage) -> Response:
        return _page(page, named(page, name))


def _add_file(kind: PeriodKind, named: Callable[[Page, str], Period], suffix: str) -> None:
    form = SUMMARY_FORMS[suffix]

    @router.get(f"/bulletins/{kind}s/{{name}}.{suffix}", name=f"summary.{kind}.{suffix}", response_class=Response)
    def file(name: str, page: OpenPage) -> Response:
        facts, lang = _facts(page, named(page, name)), page.speech.lang if form.by_language else ""
        shelved = ("summary", sha256(facts).hexdigest(), suffix, lang)
        made = page.services.shelf.get(shelved, lambda: form.make(Summary.model_validate_json(facts), lang))
        return readers.kept(page, form.media_type, made)


_add(PeriodKind.WEEK, lambda _page, name: review.week_named(name))
_add(PeriodKind.SEASON, lambda page, name: review.season_named(page.services.book, name))


def _facts(page: Page, period: Period) -> bytes:
    """Return a summary as JSON: looked up once for all who ask within a minute."""
    services, now = page.services, page.services.clock.now()

    def make() -> bytes:
        with services.db.read() as session:
            return review.review(session, now, services.book, period).model_dump_json().encode()

    return services.shelf.get(("facts", period.kind, period.name, str(now.timestamp() // FRESH_SECONDS)), make)


def _page(page: Page, period: Period) -> Response:
    found = view(Summary.model_validate_json(_facts(page, period)), page.speech.lang)
    with page.services.db.read() as session:
        answer = page.render(
            "summary.html",
            page.barred(session),
            view=found,
            columns=COLUMNS,
            forms=[(suffix, f"{period.address}.{suffix}?lang={page.speech.lang}") for suffix in SUMMARY_FORMS],
            near=_near(page, period),
        )
    return readers.shown(page, answer)


def _near(page: Page, period: Period) -> Sequence[Link]:
    """Return what lies beside a week: the weeks before and after that have begun, and its season."""
    if period.kind is PeriodKind.SEASON:
        return []
    speech = page.speech
    today = local_day(speech.now, page.services.book.alliance.tz)
    links = [Link(speech.t("summary.earlier"), week_of(period.first - DAY).address)]
    if (later := week_of(period.last + DAY)).first <= today:
        links.append(Link(speech.t("summary.later"), later.address))
    season = season_of(period.first, review.windows(page.services.book))
    return [*links, _link(season, speech.lang)] if season else links


def _told(week: Period, number: int, lang: str) -> str:
    return f"{day_name(week.first, lang)} – {day_name(week.last, lang)} · {counted(lang, 'summary.in_week', number)}"


def _link(period: Period, lang: str, told: str = "") -> Link:
    return Link(title(period.kind, period.name, period.first, period.last, lang), period.address, told)
