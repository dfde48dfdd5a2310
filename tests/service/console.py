"""A person in front of the console: signs in, looks at pages, fills in the forms that stand on them."""

import re
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from html.parser import HTMLParser

from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from firewatch.access.models import Role, User
from firewatch.access.passwords import hash_password
from firewatch.clock import FixedClock
from firewatch.db import Database
from firewatch.dispatch import planning
from firewatch.resources.load import load
from firewatch.rulebook.read import Rulebook
from firewatch.web.main import build
from firewatch.web.services import Services

PASSWORD = "a-long-enough-password"
NOTE = "a replayed file"


@dataclass
class Form:
    """A form as it stands on a page, one that changes something: what only asks for a page is no such form."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    text: str = ""


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open = False
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._open = given.get("method") == "post"
            if self._open:
                self.forms.append(Form(given.get("action") or ""))
        elif self._open and given.get("type") == "radio" and "checked" not in given:
            return
        elif self._open and tag == "input" and given.get("name"):
            self.forms[-1].values[given["name"] or ""] = given.get("value") or ""
        elif self._open and tag == "select":
            self._select = given.get("name") or ""
        elif self._open and tag == "option" and ("selected" in given or self._select not in self.forms[-1].values):
            self.forms[-1].values[self._select] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            self.forms[-1].text += data.strip()


def forms(page: str) -> list[Form]:
    """The forms of a page, with the values they would send."""
    parser = _Forms()
    parser.feed(page)
    return parser.forms


def said(page: str) -> str:
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page)))


@dataclass
class Person:
    """Somebody with a browser."""

    client: TestClient

    def sign_in(self, username: str, password: str = PASSWORD, **more: str) -> Response:
        """Send the sign-in form."""
        answer: Response = self.client.post("/sign-in", data={"username": username, "password": password, **more})
        return answer

    def page(self, address: str, status: int = 200) -> str:
        """The page at an address."""
        answer = self.client.get(address)
        assert answer.status_code == status, answer.text
        return str(answer.text)

    def press(self, address: str, label: str, status: int = 303, **typed: str) -> Response:
        """Send the first form on a page that has a button or text so called, with some fields typed in."""
        form = next((form for form in forms(self.page(address)) if label in form.text), None)
        assert form is not None, f"no {label} on {address}"
        answer: Response = self.client.post(form.action, data=form.values | typed)
        assert answer.status_code == status, answer.text
        return answer


@dataclass
class Desk:
    """A service without its jobs, and people at it."""

    db: Database
    clock: FixedClock
    book: Rulebook
    app: FastAPI

    def person(self, username: str | None = "officer", lang: str = "en") -> Person:
        """Somebody with a browser of his own, signed in unless he is nobody."""
        client = TestClient(self.app, follow_redirects=False, headers={"Accept-Language": lang})
        person = Person(client)
        if username is not None:
            assert person.sign_in(username).status_code == 303
        return person

    def plan(self, incident_id: int) -> None:
        """What the planning job does when a plan is due."""
        with self.db.write() as session:
            planning.make(session, self.clock, self.book, incident_id)


@cache
def _hash() -> str:
    """The hash of the one password here: made once, since it is slow by intent."""
    return hash_password(PASSWORD)


def open_desk(db: Database, clock: FixedClock, book: Rulebook) -> Desk:
    """The demonstration alliance with a duty officer and a viewer."""
    with db.write() as session:
        load(session, book)
        for username, name, role in (
            ("officer", "Officer A", Role.DUTY_OFFICER),
            ("viewer", "Viewer B", Role.VIEWER),
        ):
            user = User(username=username, display_name=name, role=role, created_at=clock.now(), password_hash=_hash())
            session.add(user)
    services = Services(
        db=db, clock=clock, book=book, replay_note=NOTE, demo=True, jobs=("plan", "danger", "weather:stations")
    )
    return Desk(db, clock, book, build(services))


def report(person: Person, **typed: str) -> Response:
    """Fill in the report form and send it."""
    place = {"lat": "35.43", "lon": "103.30", "description": "smoke on the ridge", "channel": "phone", "step": "check"}
    form = next(form for form in forms(person.page("/report")) if form.action == "/report")
    answer: Response = person.client.post("/report", data=form.values | place | typed)
    return answer


def report_and_order(desk: Desk, officer: Person) -> None:
    """Report the first fire, let it be planned, and confirm the plan: its orders are given."""
    report(officer)
    desk.plan(1)
    officer.press("/incidents/1", "Confirm: give")
