"""What comes out: plain frozen values with figures and codes, no sentences."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from matching.engine.model import Id, Objective

Facts = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Pair:
    """A proposed (or held) pair; the contributions, one for each criterion, sum to the score."""

    mentee: int
    mentor: int
    mentee_id: Id
    mentor_id: Id
    score: int
    contributions: tuple[int, ...] = ()
    locked: bool = False

    @property
    def ids(self) -> tuple[Id, Id]:
        return (self.mentee_id, self.mentor_id)


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A mentee without a mentor and why: a code with its facts."""

    mentee: int
    mentee_id: Id
    code: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Certificate:
    """The proof that no better answer exists, checkable without trust in the solver.

    In units of the solver's profit (locked pairs set aside): ``primal`` is what the pairs earn and
    ``dual`` what the prices allow at most. Prices are never negative, and for each allowed pair
    mentee price + mentor price is at least the pair's profit; so equal sums prove the optimum.
    The profit of a pair is ``score * score_factor + pair_bonus``; ``rewards`` is what pairs earn
    beyond that for standing already. Only the first mentor of a mentee brings the bonus: each
    further one costs the mentee's slot ``pair_bonus``. The second, third ... seat of a mentor costs
    ``balance * score_factor`` once, twice ... ``passes`` counts how often all pairs were looked at
    (by pricing) or the sweeps that found the prices (dense).

    Where the weakest pairs are lifted one after the other ("leximin"), ``levels`` are the scores
    of the pairs, rising, and a pair earns ``pair_bonus`` less a cost: of n levels, the one at place
    r costs ``2 ** (32 * (n - 1 - r))``, a score between two levels 2**16 times the upper one, and
    one above them all nothing. So equal sums prove that no other pairs have more pairs, or as many
    with a higher worst score, or as many with the same worst and a higher second worst, and so on.
    """

    primal: int
    dual: int
    passes: float
    mentee_prices: tuple[int, ...]
    mentor_prices: tuple[int, ...]
    score_factor: int = 1
    pair_bonus: int = 0
    rewards: int = 0
    balance: int = 0
    solver: str = "dense"
    levels: tuple[int, ...] = ()

    @property
    def proved(self) -> bool:
        return self.primal == self.dual


@dataclass(frozen=True, slots=True)
class Solution:
    """The pairs of one run, ordered by the mentee's row, and everything said about them.

    ``held`` pairs lie under the minimum fit: at most one for each mentee left out, within the seats
    left. ``worst`` is None without pairs. ``load`` counts the mentees of each of ``mentor_ids``;
    prices of mentors stand in the same order. ``floor`` is the score that no proposed pair falls
    below, where one was asked for.
    """

    pairs: tuple[Pair, ...]
    unmatched: tuple[Unmatched, ...]
    held: tuple[Pair, ...]
    load: tuple[int, ...]
    objective: Objective
    floor: int | None
    seed: int
    minimum_fit: int
    criteria: tuple[str, ...]
    certificate: Certificate
    mentor_ids: tuple[Id, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(pair.score for pair in self.pairs)

    @property
    def worst(self) -> int | None:
        return min((pair.score for pair in self.pairs), default=None)

    @property
    def coverage(self) -> int:
        """How many mentees have a mentor."""
        return len({pair.mentee for pair in self.pairs})

    @property
    def mentor_of(self) -> dict[Id, Id]:
        """Mentor id of each mentee id that has one; of several, the one with the best score."""
        best = sorted(self.pairs, key=lambda pair: pair.score)
        return dict(pair.ids for pair in best)

    @property
    def mentors_of(self) -> dict[Id, tuple[Id, ...]]:
        """Mentor ids of each mentee id that has any, in the order of the mentors' rows."""
        found: dict[Id, tuple[Id, ...]] = {}
        for pair in self.pairs:
            found[pair.mentee_id] = (*found.get(pair.mentee_id, ()), pair.mentor_id)
        return found

    def fingerprint(self) -> str:
        """Return a text that is the same exactly when the pairs are the same."""
        return fingerprint_of(pair.ids for pair in self.pairs)


def fingerprint_of(pairs: Iterable[tuple[Id, Id]]) -> str:
    """Return a text that is the same exactly when the pairs (mentee id, mentor id) are the same."""
    lines = sorted(f"{mentee!r} {mentor!r}" for mentee, mentor in pairs)
    return hashlib.blake2b("\n".join(lines).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two people fit, by one criterion: a code with facts, strength from 0 to 1."""

    code: str
    params: Facts
    strength: float
    kind: str = ""
    contribution: int = 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """One pair taken apart; reasons with the largest contribution first; rules it breaks."""

    mentee_id: Id
    mentor_id: Id
    score: int
    contributions: tuple[int, ...]
    reasons: tuple[Reason, ...]
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """A mentee's mentor before and after; None is "no mentor"."""

    mentee_id: Id
    before: Id | None
    after: Id | None


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a pair was not proposed: the rules in the way, or what imposing it would cost."""

    code: str
    facts: Facts = field(default_factory=dict)
    rules: tuple[str, ...] = ()
    loss: int = 0
    coverage_loss: int = 0
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changes from one solution to another; changes are the second minus the first.

    ``same`` counts the pairs that stay. A move is a mentor who takes the place of another; one in
    ``gained`` or ``lost`` is a mentor more or fewer for that mentee.
    """

    same: int
    moved: tuple[Move, ...]
    gained: tuple[Move, ...]
    lost: tuple[Move, ...]
    total_change: int
    worst_change: int | None
    coverage_change: int


@dataclass(frozen=True, slots=True)
class RuleEffect:
    """What one rule does to a pool.

    ``removed`` pairs, of which ``removed_alone`` by no other rule; ``left_without`` mentees have no
    mentor to choose from and would have one without this rule.
    """

    removed: int
    removed_alone: int
    left_without: int


@dataclass(frozen=True, slots=True)
class Violation:
    """Something in a solution that breaks the pool's or the policy's rules."""

    code: str
    mentee_id: Id | None = None
    mentor_id: Id | None = None
    facts: Facts = field(default_factory=dict)
