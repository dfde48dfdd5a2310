"""Release steps: edited, signed by somebody named, corrected, withdrawn. Each is refused when somebody was quicker.

Signing publishes. What was published is frozen as one document from which everything is rendered.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from sqlmodel import Session, select

from firewatch import i18n
from firewatch.access.models import User
from firewatch.bulletins import record
from firewatch.bulletins.content import EDITABLE, Content, Document, Kind, Texts
from firewatch.bulletins.models import Bulletin, BulletinState
from firewatch.clock import Clock
from firewatch.errors import BadInput, Conflict
from firewatch.rulebook.read import Rulebook

LONGEST_TEXT: Final = 1500
"""Of an edited paragraph, in characters: more does not fit its page."""


def edit(session: Session, clock: Clock, bulletin_id: int, by: str, texts: Mapping[str, Mapping[str, str]]) -> Bulletin:
    """Change the free texts of a draft: language -> one of EDITABLE -> text. Raises NotFound, Conflict, BadInput."""
    record.turn(session)
    row = _draft(session, bulletin_id)
    changed = {lang: dict(each) for lang, each in row.texts.items()}
    for lang, parts in texts.items():
        for part, text in parts.items():
            if lang not in changed or part not in EDITABLE:
                raise BadInput(f"{lang}.{part}: not a text that can be edited")
            changed[lang][part] = _paragraph(f"{lang}.{part}", text)
    if changed != row.texts:
        row.texts, row.edited_by, row.edited_at = changed, by, clock.now()
        session.add(row)
        record.enter(session, clock.now(), row, "edited", by)
    return row


def document(session: Session, book: Rulebook, row: Bulletin, issued_at: datetime | None = None) -> Document:
    """Return a version as it is published, or as it would be."""
    number, running = record.next_numbers(session, row.on, book.bulletins.first_number)
    rules, bodies = book.bulletins, book.warnings
    return Document(
        content=Content.model_validate(row.content),
        texts={lang: Texts.model_validate(each) for lang, each in row.texts.items()},
        kind=row.kind,
        year=row.on.year,
        number=number,
        running=running,
        revision=row.revision or record.next_revision(session, row.on),
        note=row.note,
        title={"zh": rules.title_zh, "en": rules.title_en},
        alliance={"zh": book.alliance.name_zh, "en": book.alliance.name_en},
        issuers=_pairs(bodies.signatures_zh, bodies.signatures_en),
        distribution=_pairs(rules.distribution_zh, rules.distribution_en),
        map_approval=rules.map_approval,
        prepared=_person(session, row.edited_by or row.drafted_by),
        checked=row.checked_name,
        signed=row.signed_name or "",
        by_rule=row.by_rule,
        issued_at=issued_at,
        time_zone=book.alliance.time_zone,
    )


def sign(
    session: Session,
    clock: Clock,
    book: Rulebook,
    bulletin_id: int,
    by: str,
    name: str,
    *,
    checked: str = "",
    by_rule: bool = False,
) -> Bulletin:
    """Sign a draft and publish it; the version before it becomes `replaced`. Raises NotFound, Conflict, BadInput."""
    record.turn(session)
    now, row = clock.now(), _draft(session, bulletin_id)
    old = record.issued(session, row.on)
    if (old.id if old else None) != row.replaces_id:
        raise Conflict(f"bulletin {bulletin_id}: another version of {row.on} was issued meanwhile")
    row.signed_by, row.signed_name, row.by_rule = by, record.said("name", name), by_rule
    row.checked_name = record.said("checked", checked) if checked.strip() else ""
    row.number, row.running = record.next_numbers(session, row.on, book.bulletins.first_number)
    row.revision, row.issued_at = record.next_revision(session, row.on), now
    if old is not None:
        record.move(session, now, old, BulletinState.REPLACED)
        record.enter(session, now, old, "replaced", by)
    row.document = document(session, book, row, now).model_dump(mode="json")
    record.move(session, now, row, BulletinState.ISSUED)
    record.enter(session, now, row, "signed_by_rule" if by_rule else "signed", by, name=row.signed_name)
    record.calm(session, now, row.on, by)
    return row


def reject(session: Session, clock: Clock, bulletin_id: int, by: str, reason: str) -> Bulletin:
    """Put a draft aside with a reason. Raises NotFound, Conflict, BadInput."""
    record.turn(session)
    row = _draft(session, bulletin_id)
    row.reason = record.said("reason", reason)
    record.move(session, clock.now(), row, BulletinState.DROPPED)
    record.enter(session, clock.now(), row, "dropped", by, note=row.reason)
    record.calm(session, clock.now(), row.on, by)
    return row


def correct(session: Session, clock: Clock, on: date, by: str, note: Mapping[str, str]) -> Bulletin:
    """Draft a correction of a day's bulletin: the same facts and texts, to be edited; `note` says what is corrected.

    Raises Conflict when nothing is issued or a draft waits already, and BadInput without a note in each language.
    """
    record.turn(session)
    return _follow(session, clock, on, Kind.CORRECTION, by, note)


def withdraw(
    session: Session, clock: Clock, book: Rulebook, on: date, by: str, name: str, note: Mapping[str, str]
) -> Bulletin:
    """Withdraw a day's bulletin at once, under a name and with a note. Raises as `correct`."""
    record.turn(session)
    row = _follow(session, clock, on, Kind.WITHDRAWAL, by, note)
    return sign(session, clock, book, record.number_of(row), by, name)


def _follow(session: Session, clock: Clock, on: date, kind: Kind, by: str, note: Mapping[str, str]) -> Bulletin:
    now, old = clock.now(), record.issued(session, on)
    if old is None or old.kind is Kind.WITHDRAWAL:
        raise Conflict(f"no bulletin of {on} is in force")
    if record.draft(session, on) is not None:
        raise Conflict(f"a draft of {on} waits for a signature: sign it or put it aside first")
    row = Bulletin(
        on=on,
        kind=kind,
        replaces_id=old.id,
        content=old.content,
        drafted=old.texts,
        texts=old.texts,
        note={lang: record.said(f"note.{lang}", note.get(lang, "")) for lang in i18n.LANGUAGES},
        drafted_by=by,
        drafted_at=now,
        alarm_at=max(now, old.alarm_at),
        alarmed=True,
    )
    session.add(row)
    session.flush()
    record.enter(session, now, row, "drafted", by)
    return row


def _draft(session: Session, bulletin_id: int) -> Bulletin:
    row = record.get(session, bulletin_id)
    if row.state is not BulletinState.DRAFT:
        raise Conflict(f"bulletin {bulletin_id} is {row.state}: only a draft can be changed or signed")
    return row


def _paragraph(field: str, text: str) -> str:
    """Return an edited paragraph without needless space. Raises BadInput when it is empty or too long."""
    clean = "\n".join(" ".join(line.split()) for line in text.strip().splitlines())
    if not 1 <= len(clean) <= LONGEST_TEXT:
        raise BadInput(f"{field}: needs 1 to {LONGEST_TEXT} characters")
    return clean


def _person(session: Session, username: str) -> str:
    """Return somebody's name as people know it: how he signs in is nobody's business."""
    found = session.exec(select(User.display_name).where(User.username == username)).first()
    return found or username


def _pairs(zh: list[str], en: list[str]) -> list[dict[str, str]]:
    return [{"zh": a, "en": b} for a, b in zip(zh, en, strict=True)]
