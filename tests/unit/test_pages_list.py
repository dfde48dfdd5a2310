"""The list of pages that a browser looks at, tests/browser/pages.toml: none is missing, none is only half looked at."""

import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

from fastapi import APIRouter
from fastapi.routing import APIRoute

from firewatch import web
from tests.browser.pages import CELLS, Row, faults, read

PROGRAMS = "/api/"
FILE = re.compile(r"\.[^/]+$")


def pages() -> Iterator[str]:
    """The paths of all pages that can be got."""
    for module in walk_packages(web.__path__, f"{web.__name__}."):
        router = getattr(import_module(module.name), "router", None)
        for route in router.routes if isinstance(router, APIRouter) else ():
            if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and is_page(route.path):
                yield route.path


def is_page(path: str) -> bool:
    return not path.startswith(PROGRAMS) and not FILE.search(path)


def test_every_page_stands_in_the_list() -> None:
    rows, others = read()
    listed = {each.route for each in rows}
    assert listed.isdisjoint(others)
    assert set(pages()) == listed | set(others), "say in tests/browser/pages.toml what is tried on a page"


def test_an_address_is_one_of_its_route() -> None:
    for each in read()[0]:
        pattern = re.sub(r"\{[^}]*\}", r"[^/?]+", each.route) + r"(\?.*)?"
        assert re.fullmatch(pattern, each.address), each


def test_every_cell_is_tried_or_says_why_not() -> None:
    rows, others = read()
    assert [fault for each in rows for fault in faults(each)] == []
    assert all(reason.strip() for reason in others.values())


def row(*, plain: bool | str = True, export: bool | str = True, **more: str) -> Row:
    """A page that is looked at but for what is said."""
    tried: dict[str, bool | str] = dict.fromkeys(("axe", "narrow", "dark", "zh", "en"), True)
    return Row("a", "/a", "/a", signed_in=False, cells={**tried, "plain": plain, "export": export, **more})


def test_an_empty_cell_is_found() -> None:
    assert faults(row(export="no table")) == []
    for wrong in (row(plain=False), row(export=" "), row(wide="no such cell")):
        assert len(faults(wrong)) == 1
    nothing = Row("a", "/a", "/a", signed_in=False, cells={}, excused={"meta-refresh": " "})
    assert len(faults(nothing)) == len(CELLS) + 1
