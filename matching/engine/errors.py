"""Named errors of the engine: each says what is wrong and lists the offenders."""

from __future__ import annotations

from collections.abc import Iterable

SHOWN = 5


class EngineError(Exception):
    """Something the engine refuses; ``offenders`` holds the ids or names concerned."""

    def __init__(self, sentence: str, offenders: Iterable[object] = ()) -> None:
        self.sentence = sentence
        self.offenders: tuple[object, ...] = tuple(offenders)
        super().__init__(self._text())

    def _text(self) -> str:
        if not self.offenders:
            return self.sentence
        shown = ", ".join(str(offender) for offender in self.offenders[:SHOWN])
        rest = len(self.offenders) - SHOWN
        return f"{self.sentence} {shown}" + (f" and {rest} more." if rest > 0 else ".")


class UnknownId(EngineError):
    """An id that stands in neither the mentees nor the mentors of the pool."""


class DuplicateId(EngineError):
    """An id, or a person, that stands twice on one side of the pool."""


class NegativeCapacity(EngineError):
    """A capacity below zero."""


class InvalidCapacity(EngineError):
    """A mentee who asks for more than one mentor, or a capacity that is not a whole number."""


class InvalidPool(EngineError):
    """A column of the wrong length or a value that no rule can read, such as NaN."""


class InvalidPolicy(EngineError):
    """An unknown kind, a parameter out of range, or no criterion that counts."""


class InvalidOverride(EngineError):
    """An override of a rule that can never be overridden."""


class InvalidScores(EngineError):
    """A score that is NaN, infinite, not whole, or too large to be exact."""


class TooManyForLeximin(EngineError):
    """More mentees times seats than the weakest pairs can be lifted one after the other for."""


class TooManyPeers(EngineError):
    """More peers in one pool than all pairs of whom can be held in memory."""


class LockedPairForbidden(EngineError):
    """A locked pair that a hard rule forbids."""


class LockedTwice(EngineError):
    """A mentee who stands in more than one locked pair."""


class LockedBeyondCapacity(EngineError):
    """A mentor with more locked pairs than seats, or a locked mentee who takes no part."""


class NotProved(EngineError):
    """Primal and dual differ: a defect of the engine, never of the input."""


class Cancelled(Exception):
    """Raised by a ``progress`` callback to stop a run; it passes through the engine untouched."""
