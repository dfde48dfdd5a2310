import pytest

from firewatch.agencies import paging
from firewatch.agencies.models import Contact, ContactRole


def person(name: str, role: ContactRole) -> Contact:
    return Contact(id=name, agency_id="a", name_zh=name, name_en=name, role=role, phone="+447700900101")


PEOPLE = [
    person("l2", ContactRole.LIAISON),
    person("l1", ContactRole.LIAISON),
    person("d1", ContactRole.DEPUTY),
    person("h1", ContactRole.HEAD),
]


@pytest.mark.parametrize(
    ("on_duty", "expected"),
    [
        ({"l1", "d1"}, ("l1", True)),
        ({"l2", "d1"}, ("l2", True)),
        ({"d1", "h1"}, ("d1", True)),
        ({"h1"}, ("l1", False)),
        (set(), ("l1", False)),
        ({"stranger"}, ("l1", False)),
    ],
)
def test_the_liaison_on_duty_else_the_deputy_on_duty_else_the_liaison(
    on_duty: set[str], expected: tuple[str, bool]
) -> None:
    chosen = paging.choose(PEOPLE, on_duty)
    assert chosen is not None
    assert (chosen.contact.id, chosen.on_duty) == expected


def test_an_agency_with_neither_liaison_nor_deputy_has_nobody_to_tell() -> None:
    assert paging.choose([person("h1", ContactRole.HEAD)], {"h1"}) is None


@pytest.mark.parametrize(
    ("stopped", "on_duty", "expected"),
    [
        ({"l1"}, {"l1", "d1"}, ("d1", True)),
        ({"l1"}, {"l1"}, ("l2", False)),
        ({"l1", "l2"}, set(), ("d1", False)),  # off duty, but the only one who gets texts
        ({"l1", "l2", "d1"}, {"l2"}, ("l2", True)),  # better than nobody: the refusal becomes an alarm
    ],
)
def test_who_stopped_our_texts_is_the_last_choice(
    stopped: set[str], on_duty: set[str], expected: tuple[str, bool]
) -> None:
    people = [person(each.id, each.role) for each in PEOPLE]
    for each in people:
        each.stopped_phone = each.phone if each.id in stopped else None
    chosen = paging.choose(people, on_duty)
    assert chosen is not None
    assert (chosen.contact.id, chosen.on_duty) == expected
