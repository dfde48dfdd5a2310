"""Places by name: what somebody may type for one, and which is nearest to a fire."""

import pytest

from firewatch.incidents.places import MOST, in_words, near_a_zone, nearest, search
from firewatch.rulebook.alliance import PlaceRow
from firewatch.rulebook.read import Rulebook

FUCHENG = (35.3725, 103.7056)


def ids(book: Rulebook, text: str) -> list[str]:
    return [place.id for place in search(book.places, text)]


@pytest.mark.parametrize(
    "text",
    [
        "附城镇",
        "附城",
        "康乐附城",
        "康乐县附城镇",
        "Fucheng",
        "fucheng",
        "FU CHENG",
        "fu-cheng zhen",
        "ｆｃｚ",
        "fcz",
        "fuc",
        "fucheng kangle",
    ],
)
def test_one_place_is_found_by_all_its_names(rulebook: Rulebook, text: str) -> None:
    assert ids(rulebook, text)[0] == "fucheng"


def test_what_is_called_alike_is_told_apart_by_its_county(rulebook: Rulebook) -> None:
    assert set(ids(rulebook, "城关镇")) == {"chengguan-hezheng", "chengguan-lintan", "chengguan-guanghe"}
    assert ids(rulebook, "和政城关")[0] == "chengguan-hezheng"
    assert ids(rulebook, "lintan county chengguan")[0] == "chengguan-lintan"


def test_an_exact_name_comes_before_a_part_of_one(rulebook: Rulebook) -> None:
    assert ids(rulebook, "liuji")[:2] == ["liuji", "liujiaxia"]
    assert ids(rulebook, "康乐") == ["fucheng", "lianlu"]


@pytest.mark.parametrize("text", ["", "  ", "、。", "莫斯科", "f", "xyz"])
def test_nothing_is_found_for_what_means_nothing(rulebook: Rulebook, text: str) -> None:
    found = ids(rulebook, text)
    assert not found or text == "f"
    assert len(found) <= MOST


def test_the_nearest_place_is_told_with_direction_and_distance(rulebook: Rulebook) -> None:
    for lat, lon, zh, en in (
        (FUCHENG[0] + 0.001, FUCHENG[1], "附城镇附近", "near Fucheng"),
        (FUCHENG[0] + 0.036, FUCHENG[1], "附城镇北约4公里", "4 km N of Fucheng"),
        (FUCHENG[0] - 0.04, FUCHENG[1] - 0.06, "附城镇西南约7公里", "7 km SW of Fucheng"),
        (35.25, 103.35, "和政县城关镇南约20公里", "20 km S of Chengguan of Hezheng County"),  # two are called so
    ):
        near = nearest(rulebook.places, lat, lon)
        assert near is not None
        assert (in_words(near, "zh"), in_words(near, "en")) == (zh, en)
    assert nearest(rulebook.places, 30.0, 100.0) is None
    assert nearest([], *FUCHENG) is None


def test_a_place_without_pinyin_is_found_by_its_names(rulebook: Rulebook) -> None:
    place = PlaceRow(
        id="a", name_zh="二道梁", name_en="Erdaoliang", area_zh="县", area_en="County", kind="mountain", lat=35, lon=103
    )
    assert search([place], "二道") == [place]
    assert search([place], "edl") == []
    assert near_a_zone(place.lat, place.lon, rulebook.zones)
    assert not near_a_zone(39.9, 116.4, rulebook.zones)
