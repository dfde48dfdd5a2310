"""Pictures as cameras make them: with the place and the time in them, held sideways, and with something hidden."""

import io

from PIL import ExifTags, Image

SECRET = b"a secret of the camera"
PLACE = (35.41, 103.22)


def jpeg(
    size: tuple[int, int] = (400, 300),
    *,
    place: tuple[float, float] | None = PLACE,
    taken: str = "2026:04:01 11:32:00",
    offset: str = "",
    turned: int = 1,
    noisy: bool = False,
) -> bytes:
    """A photo whose left half is black; a noisy one is as large as those of a camera."""
    image = Image.effect_noise(size, 90).convert("RGB") if noisy else Image.new("RGB", size, "orange")
    image.paste("black", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = SECRET.decode()
    exif[ExifTags.Base.Orientation] = turned
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    if taken:
        inner[ExifTags.Base.DateTimeOriginal] = taken
    if offset:
        inner[ExifTags.Base.OffsetTimeOriginal] = offset
    if place:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        gps |= {
            ExifTags.GPS.GPSLatitudeRef: "N",
            ExifTags.GPS.GPSLatitude: parts(place[0]),
            ExifTags.GPS.GPSLongitudeRef: "E",
            ExifTags.GPS.GPSLongitude: parts(place[1]),
        }
    return saved(image, "JPEG", exif=exif, comment=SECRET)


def parts(degrees: float) -> tuple[float, float, float]:
    """Degrees, minutes and seconds."""
    minutes, seconds = divmod(round(degrees * 3600, 4), 60)
    return (float(minutes // 60), float(minutes % 60), seconds)


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    """A picture as a file."""
    written = io.BytesIO()
    image.save(written, form, **options)
    return written.getvalue()


def opened(data: bytes) -> Image.Image:
    """What a viewer makes of a file."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
