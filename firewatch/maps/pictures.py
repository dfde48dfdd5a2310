"""Pictures by their first bytes, and a grey picture as PNG. Pure."""

import struct
import zlib
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

PNG: Final = b"\x89PNG\r\n\x1a\n"


class Picture(NamedTuple):
    """A picture and its media type."""

    data: bytes
    kind: str


def recognised(data: bytes) -> Picture | None:
    """Return what begins like a picture that browsers show; None for anything else, whatever its sender calls it."""
    if data.startswith(PNG):
        return Picture(data, "image/png")
    if data.startswith(b"\xff\xd8\xff"):
        return Picture(data, "image/jpeg")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Picture(data, "image/webp")
    return None


def grey_png(shades: NDArray[Any]) -> bytes:
    """Return shades of 0 to 15 (row 0 above) as a PNG of four bits a point; 0 is transparent."""
    rows, columns = shades.shape
    even = np.pad(shades.astype(np.uint8), ((0, 0), (0, columns % 2)))
    packed = (even[:, 0::2] << 4) | even[:, 1::2]
    lines = np.pad(packed, ((0, 0), (1, 0)))  # each line begins with its filter: none
    header = struct.pack(">IIBBBBB", columns, rows, 4, 0, 0, 0, 0)
    transparent = struct.pack(">H", 0)
    parts = [(b"IHDR", header), (b"tRNS", transparent), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b"")]
    return PNG + b"".join(_chunk(*part) for part in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
