"""The symbols of what stands at a place on the map. Pure."""

from math import cos, pi, sin

from markupsafe import Markup

MARK_SIZE = {"incident": 15.0, "hotspot": 14.0, "crew": 6.0, "vehicle": 6.0, "depot": 7.0, "closure": 11.0}
STAR = [(turn, 1.0 if turn % 2 == 0 else 0.45) for turn in range(16)]
"""Corners of a star of eight: sixteenths of a turn, and how far out."""
CROSS = (
    *((0.0, -0.4), (0.6, -1.0), (1.0, -0.6), (0.4, 0.0), (1.0, 0.6), (0.6, 1.0)),
    *((0.0, 0.4), (-0.6, 1.0), (-1.0, 0.6), (-0.4, 0.0), (-1.0, -0.6), (-0.6, -1.0)),
)
"""Corners of a cross that lies aslant."""


def symbol(kind: str, x: float, y: float) -> Markup:
    """Draw a fire's diamond, a hot spot's star, a crew's disc, a vehicle's square, a depot's triangle or a cross.

    The cross is a closed road.
    """
    s = MARK_SIZE[kind]
    if kind == "crew":
        return Markup('<circle cx="{:.1f}" cy="{:.1f}" r="{}"/>').format(x, y, s)
    corners = {
        "incident": ((0, -s), (s, 0), (0, s), (-s, 0)),
        "hotspot": tuple((s * out * sin(turn * pi / 8), s * out * cos(turn * pi / 8)) for turn, out in STAR),
        "vehicle": ((-s, -s), (s, -s), (s, s), (-s, s)),
        "depot": ((0, -s), (s, s), (-s, s)),
        "closure": tuple((s * across, s * down) for across, down in CROSS),
    }[kind]
    return Markup('<path d="{}"/>').format("M" + "L".join(f"{x + dx:.1f} {y + dy:.1f}" for dx, dy in corners) + "Z")
