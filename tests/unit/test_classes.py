"""Classes of fires and what is reported upward, against the numbers of the law; what is not known is no zero."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from firewatch.incidents.classes import Due, Figure, Known, Suggestion, due_upward, suggest
from firewatch.incidents.models import FireClass
from firewatch.rulebook.fire_classes import ClassRule, FireClasses
from firewatch.rulebook.read import Rulebook

TODAY, BEFORE = date(2026, 4, 1), date(2025, 12, 31)
NONE_HURT: dict[str, Any] = {"deaths": 0, "serious_injuries": 0}
NO_GRASS: dict[str, Any] = {"damaged_grassland_ha": 0.0}


def law(book: Rulebook, on: date = TODAY) -> ClassRule:
    rule = book.fire_classes.rule_on(on)
    assert rule is not None
    return rule


@pytest.mark.parametrize(
    ("known", "fire_class"),
    [
        ({"damaged_forest_ha": 0.066}, None),
        ({"damaged_forest_ha": 0.067}, FireClass.ORDINARY),
        ({"damaged_forest_ha": 9.99}, FireClass.ORDINARY),
        ({"damaged_forest_ha": 10.0}, FireClass.LARGE),
        ({"damaged_forest_ha": 100.0}, FireClass.MAJOR),
        ({"damaged_forest_ha": 1000.0}, FireClass.EXTRAORDINARY),
        ({"damaged_grassland_ha": 9.9}, None),
        ({"damaged_grassland_ha": 10.0}, FireClass.ORDINARY),
        ({"damaged_grassland_ha": 1000.0}, FireClass.LARGE),
        ({"damaged_grassland_ha": 5000.0}, FireClass.MAJOR),
        ({"damaged_grassland_ha": 8000.0}, FireClass.EXTRAORDINARY),
        ({"deaths": 1}, FireClass.ORDINARY),
        ({"deaths": 3}, FireClass.LARGE),
        ({"deaths": 10}, FireClass.MAJOR),
        ({"deaths": 30}, FireClass.EXTRAORDINARY),
        ({"serious_injuries": 1}, FireClass.ORDINARY),
        ({"serious_injuries": 10}, FireClass.LARGE),
        ({"serious_injuries": 50}, FireClass.MAJOR),
        ({"serious_injuries": 100}, FireClass.EXTRAORDINARY),
    ],
)
def test_each_class_begins_at_its_number(rulebook: Rulebook, known: dict[str, Any], fire_class: FireClass) -> None:
    whole = {"damaged_forest_ha": 0.0, **NO_GRASS, **NONE_HURT} | known
    found = suggest(law(rulebook), Known(**whole))
    assert found == Suggestion(fire_class, [Figure(next(iter(known)))] if fire_class else (), [])


def test_the_highest_class_wins_and_all_its_figures_are_named(rulebook: Rulebook) -> None:
    found = suggest(law(rulebook), Known(damaged_forest_ha=5, damaged_grassland_ha=2000, deaths=3, serious_injuries=1))
    assert found == Suggestion(FireClass.LARGE, [Figure.DAMAGED_GRASSLAND, Figure.DEATHS], [])


def test_what_is_not_known_may_still_raise_the_class(rulebook: Rulebook) -> None:
    assert suggest(law(rulebook), Known()) is None
    assert suggest(law(rulebook), Known(burnt_forest_ha=500)) is None, "the burnt area decides no class"
    found = suggest(law(rulebook), Known(damaged_forest_ha=12, deaths=0))
    assert found == Suggestion(
        FireClass.LARGE, [Figure.DAMAGED_FOREST], [Figure.DAMAGED_GRASSLAND, Figure.SERIOUS_INJURIES]
    )


def test_a_fire_keeps_the_rule_of_its_day(rulebook: Rulebook) -> None:
    five = Known(damaged_forest_ha=5.0, **NO_GRASS, **NONE_HURT)
    assert suggest(law(rulebook), five) == Suggestion(FireClass.ORDINARY, [Figure.DAMAGED_FOREST], [])
    old = suggest(law(rulebook, BEFORE), five)
    assert old == Suggestion(FireClass.LARGE, [Figure.DAMAGED_FOREST], []), "it says nothing of grassland"
    assert rulebook.fire_classes.rule_on(date(2008, 1, 1)) is None


def due(book: Rulebook, known: dict[str, Any], on: date = TODAY) -> list[Due]:
    return due_upward(book.fire_classes.upward_on(on), Known(**known))


@pytest.mark.parametrize(
    ("known", "because"),
    [
        ({"burnt_forest_ha": 100.0}, None),  # it has to be exceeded
        ({"burnt_forest_ha": 100.1}, Figure.BURNT_FOREST),
        ({"burnt_grassland_ha": 5000.0}, None),
        ({"burnt_grassland_ha": 5000.1}, Figure.BURNT_GRASSLAND),
        ({"deaths": 2}, None),
        ({"deaths": 3}, Figure.DEATHS),
        ({"serious_injuries": 9}, None),
        ({"serious_injuries": 10}, Figure.SERIOUS_INJURIES),
        ({"stake": "settlement"}, Figure.STAKE),
        ({"stake": "core-reserve"}, None),
        ({"damaged_forest_ha": 500.0}, None),  # the damaged area has nothing reported
        ({}, None),
    ],
)
def test_what_is_reported_upward(rulebook: Rulebook, known: dict[str, Any], because: Figure | None) -> None:
    found = due(rulebook, known)
    assert [each.because for each in found] == ([[because]] if because else [])
    assert all(each.rule.within_minutes == 0 for each in found)
    assert not due(rulebook, known, BEFORE), "the article is in force since 2026"


def test_a_newer_table_of_the_same_id_takes_the_place_of_the_older() -> None:
    names = {"name_zh": "省", "name_en": "province"}
    rule = {"since": "2020-01-01", "deaths": [1, 3, 10, 30], **names}
    upward = [{"id": "province", "since": f"202{n}-01-01", "deaths": n, **names} for n in (7, 5, 6)]
    rules = FireClasses.model_validate({"rule": [rule], "upward": upward})
    assert [each.deaths for each in rules.upward_on(date(2026, 5, 1))] == [6]
    for wrong in (
        {"rule": [rule, rule]},
        {"rule": [rule], "upward": [upward[0], upward[0]]},
        {"rule": [{**rule, "deaths": [1, 10, 3, 30]}]},
        {"rule": [{"since": "2020-01-01", **names}]},
    ):
        with pytest.raises(ValidationError):
            FireClasses.model_validate(wrong)
