"""All pages of the console in one router; `app` includes it and mounts `page.STATIC_DIR` at /static."""

from fastapi import APIRouter

from firewatch.web.console import (
    ack,
    bulletins,
    command,
    comms,
    danger,
    handover,
    hotspots,
    incident,
    link,
    lists,
    messages,
    nightsheet,
    reach,
    report,
    resources,
    resources_upload,
    roads,
    roster,
    roster_files,
    sign_in,
    situation,
    sources,
    subscribe,
    subscribers,
    wall,
    warnings,
)

router = APIRouter(include_in_schema=False)
for _pages in (
    ack,
    subscribe,  # before the bulletins: it stands where a day does
    bulletins,
    subscribers,
    link,
    lists,
    comms,
    command,
    situation,
    danger,
    report,
    incident,
    reach,
    messages,
    sources,
    sign_in,
    warnings,
    hotspots,
    roads,
    roster,
    roster_files,
    resources_upload,
    resources,
    handover,
    nightsheet,
    wall,
):
    router.include_router(_pages.router)
