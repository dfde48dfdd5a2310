"""Pictures that come in: whatever else is in the file stays behind, and what is no picture is refused with a reason."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from firewatch.errors import Unavailable
from firewatch.files.picture_store import PictureStore
from firewatch.files.pictures import MOST_PIXELS, NoPicture, Picture, read
from tests.pictures import PLACE, SECRET, jpeg, opened, saved

LINXIA = ZoneInfo("Asia/Shanghai")


def kept(data: bytes, longest_px: int = 2560, *, upright: bool = False) -> Picture:
    return read(data, LINXIA, longest_px, upright=upright)


def test_place_and_time_are_read_and_left_behind() -> None:
    sent = jpeg() + b"<script>after the end</script>"
    assert sent.count(SECRET) == 2
    picture = kept(sent)
    assert (picture.lat, picture.lon) == PLACE
    assert picture.taken_at == datetime(2026, 4, 1, 3, 32, tzinfo=UTC), "a camera without an offset is in the region"
    assert kept(jpeg(offset="+01:00")).taken_at == datetime(2026, 4, 1, 10, 32, tzinfo=UTC)
    for data in (picture.full, picture.small):
        image = opened(data)
        assert image.format == "JPEG"
        assert not image.getexif()
        assert not set(image.info) & {"exif", "comment", "icc_profile"}
        assert SECRET not in data
        assert b"script" not in data


def test_what_the_camera_did_not_say_is_not_known() -> None:
    for sent in (
        jpeg(place=None, taken=""),
        jpeg(place=(0.0, 0.0), taken="    :  :     :  :  "),
        jpeg(place=(95.0, 10.0), taken="2026:02:31 10:00:00"),
    ):
        picture = kept(sent)
        assert (picture.lat, picture.lon, picture.taken_at) == (None, None, None)


@pytest.mark.parametrize("turned", range(1, 9))
def test_a_picture_held_sideways_stands_upright(turned: int) -> None:
    sent = jpeg((400, 200), turned=turned)
    picture = kept(sent)
    assert (picture.width, picture.height) == ((400, 200) if turned < 5 else (200, 400))
    # The camera's number n asks for what its viewer does; the black half is where that puts it.
    where = {1: "left", 2: "right", 3: "right", 4: "left", 5: "top", 6: "top", 7: "bottom", 8: "bottom"}[turned]
    image = opened(picture.full)
    spots = {
        "left": (10, picture.height // 2),
        "right": (picture.width - 10, picture.height // 2),
        "top": (picture.width // 2, 10),
        "bottom": (picture.width // 2, picture.height - 10),
    }
    dark = {side for side, spot in spots.items() if sum(image.getpixel(spot)) < 60}  # type: ignore[arg-type]  # of RGB
    assert where in dark
    assert {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}[where] not in dark
    as_sent = kept(sent, upright=True)
    assert (as_sent.width, as_sent.height) == (400, 200)


def test_a_large_picture_is_made_smaller_and_a_small_one_stays() -> None:
    picture = kept(jpeg((3000, 1000)), 1200)
    assert (picture.width, picture.height) == (1200, 400)
    assert opened(picture.small).size == (360, 120)
    assert (kept(jpeg((90, 60))).width, kept(jpeg((90, 60))).height) == (90, 60)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "I;16", "1", "CMYK"])
def test_every_kind_of_picture_comes_out_in_colours_on_white(mode: str) -> None:
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    image = clear if mode == "RGBA" else Image.new(mode, (20, 20))
    picture = opened(kept(saved(image, "JPEG" if mode == "CMYK" else "PNG")).full)
    assert picture.mode == "RGB"
    if mode == "RGBA":
        assert picture.getpixel((5, 5)) == (255, 255, 255)


def test_webp_is_a_picture_too() -> None:
    assert kept(saved(Image.new("RGB", (20, 20)), "WEBP")).width == 20


@pytest.mark.parametrize(
    ("sent", "what"),
    [
        (b"", "kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "kind"),
        (b"%PDF-1.7", "kind"),
        (saved(Image.new("RGB", (20, 20)), "GIF"), "kind"),
        (saved(Image.new("RGB", (20, 20)), "TIFF"), "kind"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic"),
        (jpeg()[:900], "broken"),
        (saved(Image.new("RGB", (200, 200), "red"), "PNG")[:200], "broken"),
        (saved(Image.new("1", (10_000, MOST_PIXELS // 10_000 + 1)), "PNG"), "pixels"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_reason(sent: bytes, what: str) -> None:
    with pytest.raises(NoPicture) as refused:
        kept(sent)
    assert refused.value.what == what
    assert str(refused.value).startswith("picture: ")


def test_pictures_lie_under_their_hash_and_for_nobody_else_to_read(tmp_path: Path) -> None:
    store, picture = PictureStore(tmp_path / "pictures"), kept(jpeg())
    digest = store.keep(picture)
    assert store.keep(picture) == digest
    files = sorted(file for file in (tmp_path / "pictures").rglob("*") if file.is_file())
    assert [file.name for file in files] == [f"{digest}-small.jpg", f"{digest}.jpg"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert store.find(digest, small=False) == picture.full
    assert store.find(digest, small=True) == picture.small
    assert store.find("0" * 64, small=False) is None
    for elsewhere in ("../../secret", f"{digest}/../x", digest.upper(), ""):
        assert store.find(elsewhere, small=False) is None


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "pictures").write_text("a file where the folder should be")
    with pytest.raises(Unavailable, match="cannot be kept"):
        PictureStore(tmp_path / "pictures").keep(kept(jpeg()))
