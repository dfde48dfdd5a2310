"""Counts and medians of a test of the ways to people."""

from datetime import UTC, datetime, timedelta

from firewatch.messaging.comms_stats import Asked, Group, carrier_of, grouped

NOON = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)


def asked(agency: str, *seconds: float | None) -> Asked:
    """Somebody with the seconds until handed over, delivered and answered."""
    at = [None if each is None else NOON + timedelta(seconds=each) for each in seconds]
    return Asked(agency, "", "sms", NOON, *at)


def test_people_are_counted_by_group_and_medians_are_over_those_who_did() -> None:
    people = [asked("b", 1, 10, 60), asked("a", 1, 4, None), asked("b", 2, 20, 120), asked("b", 3, None, None)]
    assert grouped(people, lambda one: one.agency) == [
        Group("a", asked=1, sent=1, delivered=1, acknowledged=0, delivery_seconds=4, answer_seconds=None),
        Group("b", asked=3, sent=3, delivered=2, acknowledged=2, delivery_seconds=15, answer_seconds=90),
    ]


def test_who_was_sent_nothing_is_asked_all_the_same() -> None:
    [group] = grouped([Asked("a", "", "none", None, acknowledged_at=NOON)], lambda one: one.agency)
    assert (group.asked, group.sent, group.acknowledged, group.answer_seconds) == (1, 0, 1, None)


def test_the_longest_prefix_tells_the_carrier() -> None:
    prefixes = {"+44": "One", "+447700": "Other"}
    assert [carrier_of(number, prefixes) for number in ("+447700900101", "+441632960000", "+1202555")] == [
        "Other",
        "One",
        "",
    ]
