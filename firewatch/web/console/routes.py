"""All pages of the console in one router; `app` includes it and mounts `page.STATIC_DIR` at /static."""

from fastapi import APIRouter

from firewatch.web.console import incident, messages, report, sign_in, situation, warnings

router = APIRouter(include_in_schema=False)
for _pages in (situation, report, incident, messages, sign_in, warnings):
    router.include_router(_pages.router)
