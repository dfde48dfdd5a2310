"""How good the forecasts were: a contingency table of grade 4 or more, and the bias. Pure.

What never happened has no rate: where there was no case an answer is None, never 0. A pair with no data on either
side is counted as such and scored in nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

REACHED = 4
"""The grade whose coming is judged: high danger."""


@dataclass(frozen=True)
class Pair:
    """One zone's day: what was foreseen, what the analysis said afterwards. Grade 0 is "no data"."""

    forecast_grade: int
    analysed_grade: int
    forecast_value: float | None = None
    analysed_value: float | None = None
    probability: float | None = None


@dataclass(frozen=True)
class Scores:
    """What some pairs come to."""

    hits: int
    misses: int
    false_alarms: int
    correct_negatives: int
    no_forecast: int
    """Days the forecast said "no data" of."""
    no_analysis: int
    """Days that were foreseen, but of which the analysis says "no data"."""
    grade_bias: float | None
    """Mean of forecast minus analysed grade."""
    value_bias: float | None
    """The same of HTZ or FWI."""
    brier: float | None
    """Mean squared error of the ensemble's probability, 0 the best; None where none was told."""

    @property
    def scored(self) -> int:
        """Return how many pairs were scored."""
        return self.hits + self.misses + self.false_alarms + self.correct_negatives

    @property
    def hit_rate(self) -> float | None:
        """Return the share of the days of grade 4 or more that were foreseen as such."""
        return _share(self.hits, self.misses)

    @property
    def false_alarm_ratio(self) -> float | None:
        """Return the share of the days foreseen as grade 4 or more that did not become so."""
        return _share(self.false_alarms, self.hits)


def score(pairs: Iterable[Pair]) -> Scores:
    """Return the scores of some pairs."""
    listed = list(pairs)
    told = [pair for pair in listed if pair.forecast_grade]
    both = [pair for pair in told if pair.analysed_grade]
    outcomes = [(pair.forecast_grade >= REACHED, pair.analysed_grade >= REACHED) for pair in both]
    return Scores(
        hits=outcomes.count((True, True)),
        misses=outcomes.count((False, True)),
        false_alarms=outcomes.count((True, False)),
        correct_negatives=outcomes.count((False, False)),
        no_forecast=len(listed) - len(told),
        no_analysis=len(told) - len(both),
        grade_bias=_mean([float(pair.forecast_grade - pair.analysed_grade) for pair in both]),
        value_bias=_mean(
            [
                pair.forecast_value - pair.analysed_value
                for pair in both
                if pair.forecast_value is not None and pair.analysed_value is not None
            ]
        ),
        brier=_mean(
            [
                (pair.probability - float(pair.analysed_grade >= REACHED)) ** 2
                for pair in listed
                if pair.probability is not None and pair.analysed_grade
            ]
        ),
    )


def _share(part: int, rest: int) -> float | None:
    return part / (part + rest) if part + rest else None


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
