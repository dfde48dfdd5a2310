"""The pages of lists, lists as files, and the search over them."""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated, Any, Final

from fastapi import APIRouter, Path, Response
from fastapi.responses import StreamingResponse
from sqlmodel import Session

from firewatch.clock import local_day
from firewatch.errors import Unauthenticated
from firewatch.web.console.page import OpenPage, OwnPage, Page, go_to
from firewatch.web.lists import files, search, shelf, view
from firewatch.web.lists.listing import Asked, Listing
from firewatch.web.lists.reader import Reader

router = APIRouter()

Name = Annotated[str, Path(pattern=r"^[a-z-]{1,40}$")]
IN_MEMORY: Final = 1_000_000
"""Bytes of a file; what is beyond waits on the disk."""
PIECE: Final = 64 * 1024


@router.get("/lists")
def show_all(page: OwnPage) -> Response:
    """Show which lists there are."""
    with page.services.db.read() as session:
        reader = Reader.of(session, page)
        return page.render("lists.html", session, lists=[shelf.find(name, reader) for name in shelf.LISTS])


@router.get("/lists/{name}.{ending}")
def take_out(name: Name, ending: str, page: OpenPage) -> Response:
    """Return a list as a file: all that is filtered, in the order of the page."""
    form = files.find(ending)
    made: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed when it is sent
    try:
        with page.services.db.read() as session:
            listing = _find(session, page, name)
            files.write(made, form, listing, Asked.of(page.request.query_params), page.speech)
    except BaseException:
        made.close()
        raise
    today = local_day(page.speech.now, page.speech.zone)
    headers = {"Content-Disposition": f'attachment; filename="{name}-{today}.{ending}"'}
    return StreamingResponse(_pieces(made), media_type=form.media_type, headers=headers)


@router.get("/lists/{name}")
def show(name: Name, page: OpenPage) -> Response:
    """Show one page of a list, or lead on to the page it has of its own."""
    asked = Asked.of(page.request.query_params)
    with page.services.db.read() as session:
        listing = _find(session, page, name)
        if listing.address:
            return go_to(listing.address + asked.address())
        seen = view.look(listing, asked, page.speech)
        return page.render("list.html", page.barred(session), view=seen, lines=view.lines(seen, page.speech))


@router.get("/search")
def find(page: OwnPage) -> Response:
    """Search everything for what was typed."""
    asked = Asked.of({"q": page.request.query_params.get("q", "")})
    with page.services.db.read() as session:
        reader = Reader.of(session, page)
        groups, lists = search.search(reader, asked), search.searched(reader)
        return page.render("search.html", session, asked=asked, groups=groups, lists=lists)


def _find(session: Session, page: Page, name: str) -> Listing[Any]:
    """Return a list that the reader may see. Raises NotFound, and Unauthenticated where it is not for everybody."""
    if page.visitor is None and name not in shelf.PUBLIC:
        raise Unauthenticated("sign in first")
    return shelf.find(name, Reader.of(session, page))


def _pieces(made: IO[bytes]) -> Iterator[bytes]:
    with made:
        made.seek(0)
        while piece := made.read(PIECE):
            yield piece
