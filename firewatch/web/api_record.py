"""/api/v1: what people and programs put on an incident's record."""

from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, Response, UploadFile
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from firewatch.incidents import extents, notes, photos, progress
from firewatch.incidents.classes import Due, Figure
from firewatch.incidents.extents import NewExtent
from firewatch.incidents.models import FireClass, Method, TimelineEntry
from firewatch.web.api_incidents import READ, WRITE, EntryPublic, Id, Strict
from firewatch.web.deps import ApiReader, ApiWriter, ServicesDep

router = APIRouter(prefix="/api/v1/incidents/{incident_id}", tags=["incidents"])

TYPED = r"^[^\x00]*[^\s\x00][^\x00]*$"
"""Something has to stand there."""


class NoteIn(Strict):
    """A note."""

    text: Annotated[str, Field(min_length=1, max_length=notes.MOST, pattern=TYPED)]


class WhyIn(Strict):
    """Why something is taken back."""

    reason: Annotated[str, Field(min_length=1, max_length=notes.MOST_WHY, pattern=TYPED)]


class PhotoPublic(BaseModel):
    """A photo of a fire; time and place are what its camera said."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    caption: str
    width: int
    height: int
    taken_at: AwareDatetime | None
    lat: float | None
    lon: float | None
    added_at: AwareDatetime
    added_by: str
    withdrawn_at: AwareDatetime | None = Field(description="When it was taken back; then its picture is not shown")
    withdrawn_by: str | None
    withdrawn_why: str | None


class ExtentPublic(BaseModel):
    """An estimate of how large a fire is and whom it hurt; null is not known, which is not 0."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    burnt_forest_ha: float | None
    burnt_grassland_ha: float | None
    damaged_forest_ha: float | None
    damaged_grassland_ha: float | None
    deaths: int | None
    serious_injuries: int | None
    method: Method
    estimated_by: str
    estimated_at: AwareDatetime
    recorded_at: AwareDatetime
    recorded_by: str


class UpwardPublic(BaseModel):
    """What has to be reported upward, why, and when somebody put on record that it was."""

    id: str
    within_minutes: int = Field(description="0: at once")
    because: list[Figure]
    reported_at: AwareDatetime | None
    reported_by: str | None


class ExtentsPublic(BaseModel):
    """Every estimate, and what the one that counts comes to by the law of the fire's day."""

    extents: list[ExtentPublic] = Field(description="The newest first: it counts, as a whole")
    suggested_class: FireClass | None = Field(description="Null: nothing is known, or all is below the numbers")
    because: list[Figure]
    not_known: list[Figure] = Field(description="Figures that might still raise the class")
    report_upward: list[UpwardPublic]


@router.post("/notes", status_code=201, responses=WRITE)
def add_note(incident_id: Id, note: NoteIn, services: ServicesDep, caller: ApiWriter) -> EntryPublic:
    """Put a note on the record; it is never changed. The same words again within a minute are the same note."""
    with services.db.write() as session:
        entry = notes.add(session, services.clock, incident_id, note.text, caller.by)
    return EntryPublic.model_validate(entry)


@router.post("/notes/{note_id}/strike", responses=WRITE)
def strike_note(incident_id: Id, note_id: Id, why: WhyIn, services: ServicesDep, caller: ApiWriter) -> EntryPublic:
    """Strike a note out; it stays on the record, with the reason. The answer is the entry that says so."""
    with services.db.write() as session:
        entry = notes.strike(session, services.clock, incident_id, note_id, why.reason, caller.by)
    return EntryPublic.model_validate(entry)


@router.get("/photos", responses=READ)
def list_photos(incident_id: Id, services: ServicesDep, _caller: ApiReader) -> list[PhotoPublic]:
    """List a fire's photos in the order in which they came, those taken back too."""
    with services.db.read() as session:
        progress.get(session, incident_id)
        return [PhotoPublic.model_validate(row) for row in photos.of_incident(session, incident_id)]


@router.post("/photo", status_code=201, responses=WRITE)
def add_photo(
    incident_id: Id,
    services: ServicesDep,
    caller: ApiWriter,
    picture: Annotated[UploadFile, File(description="JPEG, PNG or WebP")],
    caption: Annotated[str, Form(max_length=photos.MOST_CAPTION, pattern=r"^[^\x00]*$")] = "",
) -> PhotoPublic:
    """Put a photo on the record, written anew without what the camera put into the file; the same file is one photo."""
    with services.db.read() as session:
        progress.get(session, incident_id)
    kept = photos.keep(services.book, services.picture_store, picture.file.read())
    with services.db.write() as session:
        row = photos.add(session, services.clock, services.book, incident_id, kept, caption, caller.by)
    return PhotoPublic.model_validate(row)


@router.get(
    "/photos/{photo_id}/{size}.jpg",
    response_class=Response,
    responses={**READ, 200: {"description": "The picture", "content": {"image/jpeg": {}}}},
)
def get_photo(
    incident_id: Id, photo_id: Id, size: Literal["full", "small"], services: ServicesDep, _caller: ApiReader
) -> Response:
    """Return the picture of a photo."""
    with services.db.read() as session:
        data = photos.picture(session, services.picture_store, incident_id, photo_id, small=size == "small")
    return Response(data, media_type="image/jpeg")


@router.post("/photos/{photo_id}/withdraw", responses=WRITE)
def withdraw_photo(incident_id: Id, photo_id: Id, why: WhyIn, services: ServicesDep, caller: ApiWriter) -> PhotoPublic:
    """Take a photo back: it is shown no more, and that it was there stays on record."""
    with services.db.write() as session:
        row = photos.withdraw(session, services.clock, incident_id, photo_id, why.reason, caller.by)
    return PhotoPublic.model_validate(row)


@router.get("/extents", responses=READ)
def list_extents(incident_id: Id, services: ServicesDep, _caller: ApiReader) -> ExtentsPublic:
    """Return every estimate of a fire's area and casualties, and what the newest comes to."""
    with services.db.read() as session:
        incident = progress.get(session, incident_id)
        now = extents.standing(session, services.book, incident)
        rows = extents.history(session, incident_id)
    return ExtentsPublic(
        extents=[ExtentPublic.model_validate(row) for row in rows],
        suggested_class=now.suggestion.fire_class if now.suggestion else None,
        because=list(now.suggestion.because) if now.suggestion else [],
        not_known=list(now.suggestion.unknown) if now.suggestion else [],
        report_upward=[_upward(due, now.reported.get(due.rule.id)) for due in now.due],
    )


@router.post("/extent", status_code=201, responses=WRITE)
def add_extent(incident_id: Id, extent: NewExtent, services: ServicesDep, caller: ApiWriter) -> ExtentPublic:
    """Put an estimate on record; it counts as a whole: a figure that is left out is not known from then on."""
    with services.db.write() as session:
        row = extents.add(session, services.clock, incident_id, extent, caller.by)
    return ExtentPublic.model_validate(row)


def _upward(due: Due, reported: TimelineEntry | None) -> UpwardPublic:
    return UpwardPublic(
        id=due.rule.id,
        within_minutes=due.rule.within_minutes,
        because=list(due.because),
        reported_at=reported.at if reported else None,
        reported_by=reported.actor if reported else None,
    )
