"""How a fire report becomes an incident and a plan (dispatch.toml)."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from firewatch.rulebook.alliance import Lat, Lon, Minutes, Name, Rules, Slug


class RunCard(Rules):
    """What a fire needs, by its class and the day's danger grade (0 stands for no data)."""

    fire_class: Literal["ordinary", "large", "major", "extraordinary"]
    grades: list[Annotated[int, Field(ge=0, le=5)]] = Field(min_length=1)
    needs: dict[Slug, Annotated[int, Field(gt=0)]] = Field(min_length=1)


class Stake(Rules):
    """What may be at stake where it burns, and by what that multiplies a fire's weight."""

    id: Slug
    name_zh: Name
    name_en: Name
    weight: float = Field(gt=0, le=100)


class ReserveRule(Rules):
    """How many people must stay within reach of a zone at some danger grades (0 stands for no data)."""

    grades: list[Annotated[int, Field(ge=0, le=5)]] = Field(min_length=1)
    people: int = Field(gt=0, le=10000)
    within_minutes: Minutes
    weight: float = Field(1.0, gt=0)


class Lookout(Rules):
    """A place from which bearings are reported."""

    id: Slug
    name_zh: Name
    name_en: Name
    lat: Lat
    lon: Lon


class Dispatch(Rules):
    """How a fire report becomes an incident and a plan (dispatch.toml)."""

    same_fire_km: float = Field(2.0, gt=0, le=50)
    same_fire_minutes: int = Field(360, gt=0, le=10080)
    nearby_km: float = Field(5.0, gt=0, le=25)
    """How near a fire is that a reporter is shown before the report is written."""
    nearby_ended_hours: int = Field(12, ge=0, le=168)
    """How long a fire that is over is still shown there; 0: not at all."""
    bearing_error_deg: float = Field(1.0, gt=0, le=15)
    """Standard error of a reported bearing."""
    declination_deg: float | None = Field(None, ge=-40, le=40)
    """By how much a compass points east of true north here; None: bearings from magnetic north are not taken."""
    lookout: list[Lookout] = Field(default_factory=list)
    detour_factor: float = Field(1.4, ge=1, le=5)
    speed_kmh: float = Field(40.0, gt=0, le=130)
    crews_per_trip: int = Field(2, ge=0, le=3)
    depots_per_trip: int = Field(1, ge=0, le=2)
    optimise_seconds: float = Field(10.0, ge=0, le=600)
    """How long the optimiser may look for a better plan than the quick one; 0: it is not asked."""
    confirm: Literal["duty_officer", "at_once", "after_minutes"] = "duty_officer"
    confirm_after_minutes: Minutes = 10
    grade_weight: list[Annotated[float, Field(gt=0)]] = Field([1, 1, 1.2, 1.5, 2, 3], min_length=6, max_length=6)
    """Weight of a fire by danger grade 0 (no data) to 5."""
    stake: list[Stake] = Field(default_factory=list)
    """What a person may say is at stake at a fire."""
    reserve: list[ReserveRule] = Field(default_factory=list)
    """At most one for each grade; at a grade without one, nobody is held back."""
    reserve_later: bool = False
    """Whether the first attack goes before the reserve."""
    first_attack_minutes: list[Annotated[int, Field(gt=0, le=1440)]] = Field([15, 30, 60], min_length=1, max_length=5)
    """Where the steps of the map of the first attack lie, rising."""
    first_attack_people: int = Field(3, gt=0, le=1000)
    """Fewer people than these in a vehicle are no first attack: the two in the cab of a carrier are none."""
    silent_minutes: list[Annotated[int, Field(gt=0, le=1440)]] = Field([30, 60], min_length=2, max_length=2)
    """After so long without a word of people who are out their order is marked yellow, then red."""
    run_card: list[RunCard] = Field(min_length=1)

    def reserve_at(self, grade: int) -> ReserveRule | None:
        """Return what must stay within reach of a zone at a danger grade, if anything."""
        return next((rule for rule in self.reserve if grade in rule.grades), None)

    @model_validator(mode="after")
    def _silence_rises(self) -> Self:
        if self.silent_minutes[0] >= self.silent_minutes[1]:
            raise ValueError("silent_minutes need to rise")
        return self

    @model_validator(mode="after")
    def _each_lookout_once(self) -> Self:
        if len({lookout.id for lookout in self.lookout}) < len(self.lookout):
            raise ValueError("has a lookout twice")
        return self

    @model_validator(mode="after")
    def _complete(self) -> Self:
        seen: dict[tuple[str, int], int] = {}
        for card in self.run_card:
            for grade in card.grades:
                seen[card.fire_class, grade] = seen.get((card.fire_class, grade), 0) + 1
        for fire_class in ("ordinary", "large", "major", "extraordinary"):
            for grade in range(6):
                if seen.get((fire_class, grade)) != 1:
                    raise ValueError(f"needs exactly one run_card for {fire_class} fires at grade {grade}")
        if self.first_attack_minutes != sorted(set(self.first_attack_minutes)):
            raise ValueError("first_attack_minutes need to rise, none of them twice")
        if len({stake.id for stake in self.stake}) < len(self.stake):
            raise ValueError("has a stake twice")
        for grade in range(6):
            if sum(grade in rule.grades for rule in self.reserve) > 1:
                raise ValueError(f"has more than one reserve for grade {grade}")
        return self
