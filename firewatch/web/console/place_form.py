"""A place by its name on the form for reporting a fire: what was typed, what it may mean, which was taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from firewatch.incidents import places
from firewatch.incidents.matching import zones_at
from firewatch.rulebook.alliance import PlaceRow
from firewatch.rulebook.read import Rulebook
from firewatch.web.console.speech import Speech

FIND, PICK = "find", "pick"
"""Names of what the buttons send: the value of `step`, and the field with a candidate's id."""


@dataclass(frozen=True)
class Candidate:
    """A place that may be meant."""

    id: str
    name: str
    area: str
    zones: str
    """Where it lies; empty: outside of all."""
    lat: str
    lon: str


@dataclass(frozen=True)
class PlaceForm:
    """The part of the form; `found` is None as long as nothing was looked for."""

    query: str = ""
    taken: Candidate | None = None
    found: Sequence[Candidate] | None = None

    def note(self, speech: Speech, lat: str, lon: str) -> str:
        """Return what goes on the record with the report, as long as the coordinates are still those of the place."""
        if self.taken is None or (lat.strip(), lon.strip()) != (self.taken.lat, self.taken.lon):
            return ""
        return speech.t("report.place_note", place=f"{self.taken.area} {self.taken.name}")


def read(fields: Mapping[str, str], book: Rulebook, speech: Speech) -> PlaceForm:
    """Read what was typed and taken; a button of a candidate takes it."""
    query, step = fields.get("place", "").strip()[:60], fields.get("step", "")
    picked = fields.get(PICK) or fields.get("picked", "")
    row = next((place for place in book.places if place.id == picked), None)
    looked = step == FIND and query and PICK not in fields
    return PlaceForm(
        query, candidate(book, speech, row) if row else None, find(book, speech, query) if looked else None
    )


def find(book: Rulebook, speech: Speech, query: str) -> list[Candidate]:
    """Return what a name may mean."""
    return [candidate(book, speech, place) for place in places.search(book.places, query)]


def candidate(book: Rulebook, speech: Speech, place: PlaceRow) -> Candidate:
    """Return a place in the reader's language."""
    zones = zones_at(place.lat, place.lon, book.zones)
    return Candidate(
        id=place.id,
        name=speech.named(place),
        area=str(getattr(place, f"area_{speech.lang}")),
        zones=" · ".join(speech.named(zone) for zone in zones),
        lat=f"{place.lat:.4f}",
        lon=f"{place.lon:.4f}",
    )
