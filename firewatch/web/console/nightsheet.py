"""The page of the night sheet, and its files: for those who may act, since numbers stand whole in them."""

from fastapi import APIRouter, Response

from firewatch.access.permissions import require_to_act
from firewatch.errors import NotFound, Unauthenticated
from firewatch.web.console.page import OwnPage
from firewatch.web.night.folder import FORMS, NAME

router = APIRouter(prefix="/nightsheet")


@router.get("")
def show(page: OwnPage) -> Response:
    """Show when the newest sheet was made, where it lies, and the ways to print it."""
    sheets = page.services.night_sheets
    with page.services.db.read() as session:
        return page.render(
            "nightsheet.html",
            session,
            on=sheets is not None,
            made_at=sheets.made_at() if sheets else None,
            is_old=sheets is None or sheets.is_old(),
            folder=sheets.folder.resolve() if sheets else "",
            minutes=sheets.minutes if sheets else 0,
            forms=[suffix for suffix in FORMS if sheets and sheets.file(suffix) is not None],
        )


@router.get("/{suffix}")
def file(suffix: str, page: OwnPage) -> Response:
    """Hand out the newest sheet: the PDF to be looked at and printed, the page as a file to be kept."""
    if page.visitor is None:
        raise Unauthenticated("sign in first")
    require_to_act(page.visitor.role)
    sheets = page.services.night_sheets
    data = sheets.file(suffix) if sheets and suffix in FORMS else None
    if data is None:
        raise NotFound(f"there is no night sheet as {suffix}")
    how = "inline" if suffix == "pdf" else "attachment"
    return Response(
        data, media_type=FORMS[suffix], headers={"Content-Disposition": f'{how}; filename="{NAME}.{suffix}"'}
    )
