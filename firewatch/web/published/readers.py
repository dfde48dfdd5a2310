"""What anybody may read is kept by readers and by the caches between: for minutes, and asked for again by its tag.

Only what is the same for everybody is kept by others: the page of somebody who signed in is for him alone, and so is
an answer that sets a cookie. Text is packed for whoever can unpack it; no secret of a reader's stands in it.
"""

import gzip
from hashlib import sha256
from typing import Final

from fastapi import Response

from firewatch.web.console.page import Page

SECONDS: Final = 300
"""A correction shows within five minutes."""
CACHED: Final = f"public, max-age={SECONDS}"
OWN: Final = f"private, max-age={SECONDS}"
VARY: Final = "Accept-Language, Cookie"
"""By what the language is chosen; who signed in comes with a cookie as well."""
PACKED: Final = ("text/", "application/json", "application/atom+xml", "application/cap+xml")


def kept(page: Page, media_type: str, data: bytes, vary: str = VARY, seconds: int = SECONDS) -> Response:
    """Return a file that everybody may keep so long, or that the reader's own is still the newest."""
    tag = f'W/"{sha256(data).hexdigest()[:32]}"'  # weak: packed and plain are the same
    headers = {
        "Cache-Control": f"public, max-age={seconds}",
        "ETag": tag,
        "Vary": ", ".join(filter(None, (vary, "Accept-Encoding"))),
    }
    if has(page, tag):
        return Response(status_code=304, headers=headers)
    if media_type.startswith(PACKED) and "gzip" in page.request.headers.get("accept-encoding", ""):
        data, headers["Content-Encoding"] = gzip.compress(data, mtime=0), "gzip"
    return Response(data, media_type=media_type, headers=headers)


def has(page: Page, tag: str) -> bool:
    """Return whether the reader has what bears a tag; a cache that packs an answer weakens its tag."""
    told = page.request.headers.get("if-none-match", "").split(",")
    return tag.removeprefix("W/") in {each.strip().removeprefix("W/") for each in told}


def shown(page: Page, answer: Response) -> Response:
    """Return a page as its reader may keep it: somebody who signed in keeps none."""
    if page.visitor is not None:
        return answer
    made = kept(page, answer.headers["content-type"], bytes(answer.body))
    for cookie in answer.headers.getlist("set-cookie"):
        made.headers.append("set-cookie", cookie)
        made.headers["Cache-Control"] = OWN
    return made
