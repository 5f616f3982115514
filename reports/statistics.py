"""Intervals that are honest about few answers."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.special import stdtrit

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Sample:
    """Count, mean and sample variance (divided by n - 1) of one group."""

    count: int = 0
    mean: float = 0.0
    variance: float = 0.0


@dataclass(frozen=True)
class Interval:
    """A difference with the bounds between which it lies with 95 % confidence."""

    low: float
    middle: float
    high: float


def welch_interval(first: Sample, second: Sample) -> Interval | None:
    """Return the difference of two means with its 95 % interval; None where nothing varies.

    Welch's interval: the groups may differ in size and variance, and Student's t with the degrees
    of freedom by Welch and Satterthwaite keeps its coverage in small groups. Source: B. L. Welch,
    "The generalization of 'Student's' problem when several different population variances are
    involved", Biometrika 34 (1947), 28-35; F. E. Satterthwaite, Biometrics Bulletin 2 (1946),
    110-114. Constant time.

    Raises:
        ValueError: a group has fewer than two values.
    """
    if min(first.count, second.count) < 2:
        raise ValueError("An interval needs two values on each side.")
    parts = [sample.variance / sample.count for sample in (first, second)]
    if not sum(parts):
        return None
    freedom = sum(parts) ** 2 / sum(
        part**2 / (sample.count - 1) for part, sample in zip(parts, (first, second), strict=True)
    )
    reach = float(stdtrit(freedom, 0.5 + CONFIDENCE / 2)) * sum(parts) ** 0.5
    middle = first.mean - second.mean
    return Interval(middle - reach, middle, middle + reach)
