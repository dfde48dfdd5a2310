"""How people are told (messages.toml)."""

from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from firewatch.rulebook.alliance import MinuteOfDay, Name, Rules

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Step(StrEnum):
    """A step of the escalation with an agency that does not acknowledge."""

    TELL = "tell"  # the first text, to whom the roster names
    REMIND = "remind"  # again, and the deputy if he is on duty
    CALL = "call"  # by telephone
    ALARM = "alarm"  # those off duty and the head, and a person alarmed here


class Carrier(Rules):
    """A carrier of telephones (`[[carrier]]`), known by how its numbers begin."""

    name_zh: Name
    name_en: Name
    prefixes: list[Annotated[str, Field(pattern=r"^\+[1-9]\d{0,13}$")]] = Field(min_length=1)


class Messages(Rules):
    """How people are told (messages.toml)."""

    remind_after_minutes: int = Field(5, ge=1, le=1440)
    """Without an acknowledgement: again to whoever is on duty."""
    call_after_minutes: int = Field(0, ge=0, le=1440)
    """Still none: whoever is on duty is telephoned and asked for a key; 0: nobody is."""
    alarm_after_minutes: int = Field(10, ge=1, le=1440)
    """Still none: the agency's head, and an alarm on the duty officer's screen."""
    handover_minutes: int = Field(15, ge=1, le=1440)
    """How long a command that is offered may be accepted."""
    lease_seconds: int = Field(60, ge=5, le=600)
    look_seconds: int = Field(30, ge=5, le=600)
    """Between two looks into the provider's list for a message whose outcome is unknown."""
    max_failures: int = Field(8, ge=1, le=50)
    max_age_minutes: int = Field(720, ge=5, le=10080)
    retry_seconds: int = Field(20, ge=1, le=3600)
    """First back-off; it doubles with each failure, with jitter."""
    receipt_after_seconds: int = Field(60, ge=5, le=3600)
    """After this long without a receipt the provider is asked."""
    send_timeout_seconds: float = Field(15, gt=0, le=60)
    inbox_minutes: int = Field(5, ge=1, le=1440)
    """Between two looks into the provider's list for texts that came in and were missed."""
    sender_per_second: float = Field(1, gt=0, le=1000)
    """Segments that the sending number passes on in a second; the end of the queue is reckoned by it."""

    comms_test_day: Literal["never", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = (
        "never"
    )
    """The day on which every liaison is sent a test."""
    comms_test_at: MinuteOfDay = 600
    comms_test_minutes: int = Field(120, ge=5, le=2880)
    """How long answers to a test are waited for; then the silent are named to the duty officer."""
    roster_check_at: MinuteOfDay = 540
    """When gaps in the duty rosters of the next seven days are told."""
    carrier: list[Carrier] = Field(default_factory=list)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.alarm_after_minutes <= self.remind_after_minutes:
            raise ValueError("alarm_after_minutes: needs to be more than remind_after_minutes")
        if (
            self.call_after_minutes
            and not self.remind_after_minutes < self.call_after_minutes < self.alarm_after_minutes
        ):
            raise ValueError(
                "call_after_minutes: needs to lie between remind_after_minutes and alarm_after_minutes, or be 0"
            )
        return self

    @property
    def comms_test_weekday(self) -> int | None:
        """The day of the test, Monday being 0; None where there is none."""
        return DAYS.index(self.comms_test_day) if self.comms_test_day in DAYS else None

    @property
    def ladder(self) -> list[tuple[Step, int]]:
        """The steps of an escalation in their order, each with its minutes after the beginning."""
        call = [(Step.CALL, self.call_after_minutes)] if self.call_after_minutes else []
        return [(Step.TELL, 0), (Step.REMIND, self.remind_after_minutes), *call, (Step.ALARM, self.alarm_after_minutes)]

    @property
    def longest_wait(self) -> timedelta:
        """The longest time between two steps."""
        minutes = [minute for _, minute in self.ladder]
        return timedelta(minutes=max(later - earlier for earlier, later in pairwise(minutes)))

    def step(self, number: int) -> Step:
        """Return what the n-th step is, the first being 1; behind the last it is the last."""
        return self.ladder[min(number, len(self.ladder)) - 1][0]

    def wait_after(self, number: int) -> timedelta | None:
        """Return how long after the n-th step the next one comes; None after the last."""
        if number >= len(self.ladder):
            return None
        return timedelta(minutes=self.ladder[number][1] - self.ladder[number - 1][1])
