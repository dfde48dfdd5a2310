"""Pictures that people send in: decoded and written anew, so that nothing but a picture is ever kept or handed out.

What the camera wrote into the file (EXIF) is read for its place and its time, and left behind with all the rest.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from math import isfinite
from typing import Any, Final

from PIL import ExifTags, Image, UnidentifiedImageError

from firewatch.errors import BadInput

FORMATS: Final = ("JPEG", "PNG", "WEBP")
MOST_PIXELS: Final = 64_000_000
"""A small file may unpack to any size: what is larger is not unpacked."""
SMALL_PX: Final = 360
"""Longer side of the small picture that stands on pages."""
QUALITY: Final = 85
TURNED: Final[Mapping[int, Image.Transpose]] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""By the number with which a camera says how it was held, what makes the picture upright."""
GPS: Final = ExifTags.GPS

Image.MAX_IMAGE_PIXELS = None  # judged here, before anything is unpacked: a warning would let it pass


class NoPicture(BadInput):
    """What was sent is no picture that can be kept."""

    def __init__(self, what: str) -> None:
        """Say what is wrong: the catalogue key photo.problem.<what>."""
        super().__init__(f"picture: {SAID[what]}")
        self.what = what


SAID: Final[Mapping[str, str]] = {
    "kind": "needs to be JPEG, PNG or WebP",
    "heic": "is HEIC, which is not read here: send it as JPEG",
    "broken": "cannot be read: it did not come in whole, or is broken",
    "pixels": f"has more than {MOST_PIXELS // 1_000_000} million pixels",
}


@dataclass(frozen=True)
class Picture:
    """A picture written anew (JPEG), a small one of it, and what the camera said of its place and time."""

    full: bytes
    small: bytes
    width: int
    height: int
    taken_at: datetime | None
    lat: float | None
    lon: float | None


def read(data: bytes, zone: tzinfo, longest_px: int, *, upright: bool = False) -> Picture:
    """Read a picture, its longer side at most `longest_px`; a camera's time without an offset is of `zone`.

    `upright` says that it was turned already, whatever the camera says. Raises NoPicture.
    """
    if data[4:8] == b"ftyp":
        raise NoPicture("heic")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _judge(image)
            exif = image.getexif()
            image.draft("RGB", (longest_px, longest_px))  # of a JPEG no more is unpacked than is wanted
            full = _plain(image, 1 if upright else exif.get(ExifTags.Base.Orientation, 1))
    except UnidentifiedImageError:
        raise NoPicture("kind") from None
    except NoPicture:
        raise
    except Exception:  # noqa: BLE001 - a broken file makes its decoders fail in any way there is
        raise NoPicture("broken") from None
    full.thumbnail((longest_px, longest_px))
    small = full.copy()
    small.thumbnail((SMALL_PX, SMALL_PX))
    lat, lon = _place(exif)
    return Picture(_jpeg(full), _jpeg(small), full.width, full.height, _taken_at(exif, zone), lat, lon)


def _judge(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise NoPicture("pixels")


def _plain(image: Image.Image, orientation: Any) -> Image.Image:  # noqa: ANN401 - whatever stands in the file
    """Return the picture upright, in colours, on white, and without anything that hung on the file."""
    image.load()
    if image.has_transparency_data:
        image = image.convert("RGBA")
    turn = TURNED.get(orientation) if isinstance(orientation, int) else None
    upright = image.transpose(turn) if turn is not None else image
    clean = Image.new("RGB", upright.size, "white")
    clean.paste(upright.convert("RGB"), mask=upright if upright.mode == "RGBA" else None)
    return clean


def _jpeg(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return written.getvalue()


def _taken_at(exif: Image.Exif, zone: tzinfo) -> datetime | None:
    try:
        inner = exif.get_ifd(ExifTags.IFD.Exif)
        said = str(inner[ExifTags.Base.DateTimeOriginal])
        offset = str(inner.get(ExifTags.Base.OffsetTimeOriginal, "")).strip("\0 ")
        at = datetime.fromisoformat(f"{said[:10].replace(':', '-')}T{said[11:19]}{offset}")
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except Exception:  # noqa: BLE001 - what a camera wrote is not believed to be anything
        return None


def _place(exif: Image.Exif) -> tuple[float, float] | tuple[None, None]:
    try:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        lat = _degrees(gps[GPS.GPSLatitude], minus=gps[GPS.GPSLatitudeRef] == "S")
        lon = _degrees(gps[GPS.GPSLongitude], minus=gps[GPS.GPSLongitudeRef] == "W")
    except Exception:  # noqa: BLE001 - as above
        return None, None
    # A camera without a fix writes 0, 0.
    known = isfinite(lat) and isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180 and (lat, lon) != (0, 0)
    return (round(lat, 5), round(lon, 5)) if known else (None, None)


def _degrees(parts: Any, *, minus: bool) -> float:  # noqa: ANN401 - fractions of the decoder's own
    degrees, minutes, seconds = (float(part) for part in parts)
    return (-1 if minus else 1) * (degrees + minutes / 60 + seconds / 3600)
