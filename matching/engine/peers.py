"""One pool of equals: who learns with whom, where nobody is mentor or mentee.

A pair is worth its score in both directions together. Up to 300 people the pairs are the best there
are, by the blossom algorithm (Edmonds 1965; Galil 1986), which checks its own dual at the end.
Beyond, a heuristic: if everybody could ask anybody and be asked by anybody, the best of that falls
into circles; the best pairs along the circles are a start, and exchanges between two pairs mend it.
Half of what the circles are worth is more than any pairs can reach, and their prices prove it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from matching.engine.errors import (
    InvalidPolicy,
    InvalidPool,
    LockedPairForbidden,
    LockedTwice,
    TooManyPeers,
    UnknownId,
)
from matching.engine.exchanging import exchanged
from matching.engine.model import SCALE, Id, Policy, Pool, id_key
from matching.engine.results import Certificate, Facts
from matching.engine.scoring import FORBIDDEN, Progress, Scored, no_progress
from matching.engine.solver import solve_scores

Matrix = NDArray[np.int64]
IdPair = tuple[Id, Id]
RowPairs = list[tuple[int, int]]

MOST_EXACT_PEERS = 300
"""People up to whom the pairs are proved best."""
MOST_PEERS = 5_000
"""People up to whom all pairs are held in memory: 200 MB."""
TIE_BITS = 12
ROOM_FOR_TIES = 40
BOTH_WAYS = 2


@dataclass(frozen=True, slots=True)
class PeerPair:
    """Two equals. ``score`` and ``contributions`` are of both directions together, to 2,000,000."""

    one: int
    other: int
    one_id: Id
    other_id: Id
    score: int
    contributions: tuple[int, ...] = ()
    locked: bool = False

    @property
    def ids(self) -> IdPair:
        return (self.one_id, self.other_id)


@dataclass(frozen=True, slots=True)
class LeftOver:
    """Somebody without a peer, and why: a code with its facts."""

    row: int
    id: Id
    code: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PeersSolution:
    """Pairs of equals. ``held`` lie under the minimum fit; their people are in ``left_over`` too.

    ``is_exact``: no other pairs are better, by the algorithm. Else ``bound`` is a total and
    ``most_pairs`` a number that no pairs can pass, locked ones included; ``certificate`` has the
    prices behind ``bound``, for the rows in ``priced``.
    """

    pairs: tuple[PeerPair, ...]
    held: tuple[PeerPair, ...]
    left_over: tuple[LeftOver, ...]
    objective: str
    minimum_fit: int
    is_exact: bool
    bound: int
    most_pairs: int
    certificate: Certificate | None = None
    priced: tuple[int, ...] = ()

    @property
    def total(self) -> int:
        return sum(pair.score for pair in self.pairs)

    @property
    def gap(self) -> float:
        """Return by which share of the total better pairs could be better at most."""
        return 0.0 if self.is_exact else (self.bound - self.total) / max(self.total, 1)


def solve_peers(
    pool: Pool,
    policy: Policy,
    *,
    scored: Scored | None = None,
    locked: Iterable[IdPair] = (),
    previous: Iterable[IdPair] = (),
    seed: int = 0,
    progress: Progress = no_progress,
) -> PeersSolution:
    """Pair the people of one pool with each other; both sides of ``pool`` are the same people.

    The objective is "coverage" (most people first) or "total". Rules hold in both directions.
    ``previous`` pairs earn the policy's reward, once for each direction. The order of the people
    changes nothing. Raises InvalidPool, InvalidPolicy (objective "leximin"), TooManyPeers beyond
    5,000, UnknownId, LockedTwice, LockedPairForbidden.

    O(n^3) in plain Python up to 300 people (12 s), else the relaxation of the pairs engine twice
    and O(n^2) for each round of exchanges; memory O(n^2).
    """
    _refuse(pool, policy)
    desk = _Desk(pool, policy, scored or Scored(pool, policy), seed, progress)
    fixed = desk.locked(locked)
    desk.reward(previous)
    taken = {row for pair in fixed for row in pair}
    free = [row for row in desk.order if row not in taken]
    found = desk.best(free, BOTH_WAYS * policy.minimum_fit)
    paired = {row for pair in found.pairs for row in pair}
    rest = [row for row in free if row not in paired]
    held = desk.best(rest, 0).pairs if policy.minimum_fit else []
    progress("reasons", 0, 1)
    pairs = desk.described([*fixed, *found.pairs])
    certain = sum(desk.worth[pair] for pair in fixed)
    total = sum(pair.score for pair in pairs)
    return PeersSolution(
        pairs=tuple(replace(pair, locked=place < len(fixed)) for place, pair in enumerate(pairs)),
        held=tuple(desk.described(held)),
        left_over=tuple(desk.why(row) for row in rest),
        objective=policy.objective,
        minimum_fit=policy.minimum_fit,
        is_exact=found.is_exact,
        bound=total if found.is_exact else int(certain + found.bound),
        most_pairs=len(fixed) + found.most_pairs,
        certificate=found.certificate,
        priced=tuple(found.priced),
    )


def _refuse(pool: Pool, policy: Policy) -> None:
    same = pool.mentees.id == pool.mentors.id and pool.mentees.person == pool.mentors.person
    if not same:
        raise InvalidPool("Peers stand on both sides of the pool, in one order.")
    if len(pool.mentees) > MOST_PEERS:
        raise TooManyPeers(
            f"Up to {MOST_PEERS:,} peers can be paired; there are", [f"{len(pool.mentees):,}"]
        )
    if policy.objective not in ("coverage", "total"):
        raise InvalidPolicy("Peers are paired for most people or for the best total.")


@dataclass(frozen=True)
class _Found:
    pairs: RowPairs
    is_exact: bool
    bound: int = 0
    most_pairs: int = 0
    certificate: Certificate | None = None
    priced: Sequence[int] = ()


class _Desk:
    """What all steps of one solution read: the worth of any two people, -1 where forbidden."""

    def __init__(
        self, pool: Pool, policy: Policy, scored: Scored, seed: int, progress: Progress
    ) -> None:
        self.pool = pool
        self.policy = policy
        self.scored = scored
        self.seed = seed
        self.progress = progress
        self.order = sorted(range(len(pool.mentees)), key=lambda row: id_key(pool.mentees.id[row]))
        one_way = scored.matrix(progress).astype(np.int64)
        is_forbidden = (one_way < 0) | (one_way.T < 0)
        self.worth: Matrix = np.where(is_forbidden, FORBIDDEN, one_way + one_way.T)
        np.fill_diagonal(self.worth, FORBIDDEN)
        self.rewards: dict[tuple[int, int], int] = {}

    def locked(self, pairs: Iterable[IdPair]) -> RowPairs:
        """Return the rows of pairs that stay, in the order of their ids."""
        pairs = list(pairs)
        found = self._rows(pairs)
        people = [row for pair in found for row in pair]
        if twice := {self.pool.mentees.id[row] for row in people if people.count(row) > 1}:
            raise LockedTwice("These people stand in more than one locked pair:", sorted(twice))
        if broken := [ids for ids, pair in zip(pairs, found, strict=True) if self.worth[pair] < 0]:
            raise LockedPairForbidden("A rule forbids these locked pairs:", broken)
        return found

    def reward(self, pairs: Iterable[IdPair]) -> None:
        for one, other in self._rows(list(pairs)):
            if self.worth[one, other] >= 0:
                self.rewards[one, other] = BOTH_WAYS * self.policy.keep_reward

    def _rows(self, pairs: Sequence[IdPair]) -> RowPairs:
        index = self.pool.mentees.index
        if unknown := [one for pair in pairs for one in pair if one not in index]:
            raise UnknownId("These ids are not in the pool:", unknown)
        return [self._in_order(index[one], index[other]) for one, other in pairs]

    def _in_order(self, one: int, other: int) -> tuple[int, int]:
        ids = self.pool.mentees.id
        return (one, other) if id_key(ids[one]) < id_key(ids[other]) else (other, one)

    def best(self, rows: Sequence[int], least: int) -> _Found:
        """Return the best pairs among some people that are worth at least ``least``."""
        worth = self.worth[np.ix_(rows, rows)]
        worth = np.where(worth >= least, worth, FORBIDDEN)
        places = {row: place for place, row in enumerate(rows)}
        for (one, other), reward in self.rewards.items():
            if one in places and other in places and worth[places[one], places[other]] >= 0:
                worth[places[one], places[other]] += reward
                worth[places[other], places[one]] += reward
        self.progress("pairs", 0, 1)
        if len(rows) <= MOST_EXACT_PEERS:
            found = self._exact(worth, rows)
        else:
            found = self._good(worth, rows)
        pairs = sorted(self._in_order(rows[one], rows[other]) for one, other in found.pairs)
        return replace(found, pairs=pairs)

    def _exact(self, worth: Matrix, rows: Sequence[int]) -> _Found:
        """Pair by the blossom algorithm, in whole numbers: worth, then people, then a fixed draw.

        NetworkX proves each result by its dual and fails where it would not hold.
        """
        import networkx as nx  # takes a third of a second to load, and only peers need it

        graph = nx.Graph()
        graph.add_nodes_from(range(len(rows)))
        ones, others = np.nonzero(np.triu(worth >= 0, 1))
        for one, other in zip(ones.tolist(), others.tolist(), strict=True):
            value = (int(worth[one, other]) << ROOM_FOR_TIES) + (1 << 2 * TIE_BITS)
            graph.add_edge(one, other, weight=value + self._tie(rows[one], rows[other]))
        most = self.policy.objective == "coverage"
        pairs = nx.max_weight_matching(graph, maxcardinality=most)
        return _Found(cast("RowPairs", list(pairs)), is_exact=True, most_pairs=len(pairs))

    def _tie(self, one: int, other: int) -> int:
        """Return a number of 12 bits from two ids and the seed."""
        ids = self.pool.mentees.id
        said = f"{self.seed} {ids[one]!r} {ids[other]!r}".encode()
        return int.from_bytes(hashlib.blake2b(said, digest_size=2).digest()) >> 4

    def _good(self, worth: Matrix, rows: Sequence[int]) -> _Found:
        """Pair well, and tell how much better any pairs could be."""
        relaxed = solve_scores(worth, capacity=1, objective="total", seed=self.seed)
        widest = relaxed
        if self.policy.objective == "coverage":
            widest = solve_scores(worth, capacity=1, objective="coverage", seed=self.seed)
        asked = [(pair.mentee, pair.mentor) for pair in widest.pairs]
        bonus = (
            int(worth.max(initial=0)) * len(rows) + 1 if self.policy.objective == "coverage" else 1
        )
        start = _along(asked, worth, bonus)
        self.progress("pairs", 1, 2)
        pairs = exchanged(start, np.where(worth >= 0, worth + bonus, FORBIDDEN))
        return _Found(
            pairs,
            is_exact=False,
            bound=relaxed.total // BOTH_WAYS,
            most_pairs=min(widest.coverage if bonus > 1 else len(rows), len(rows)) // BOTH_WAYS,
            certificate=relaxed.certificate,
            priced=rows,
        )

    def described(self, pairs: RowPairs) -> list[PeerPair]:
        """Return pairs with their scores and what each criterion gives in both directions."""
        if not pairs:
            return []
        ones = np.array([one for one, _ in pairs])
        others = np.array([other for _, other in pairs])
        earned = self.scored.contributions(ones, others) + self.scored.contributions(others, ones)
        ids = self.pool.mentees.id
        return [
            PeerPair(one, other, ids[one], ids[other], int(self.worth[one, other]), tuple(given))
            for (one, other), given in zip(pairs, earned.tolist(), strict=True)
        ]

    def why(self, row: int) -> LeftOver:
        """Say why somebody has no peer: rules, fit, or others who fit better."""
        identifier = self.pool.mentees.id[row]
        best = int(self.worth[row].max(initial=FORBIDDEN))
        if best < 0:
            return LeftOver(row, identifier, "no_peer_allowed", {"rules": self._removing(row)})
        if best < BOTH_WAYS * self.policy.minimum_fit:
            return LeftOver(row, identifier, "peer_below_fit", {"best": best // BOTH_WAYS})
        allowed = int((self.worth[row] >= BOTH_WAYS * self.policy.minimum_fit).sum())
        return LeftOver(row, identifier, "no_peer_left", {"peers": allowed})

    def _removing(self, row: int) -> dict[str, int]:
        """Return how many of the others each rule keeps away."""
        others = np.array([one for one in range(len(self.worth)) if one != row], dtype=np.int64)
        here = np.full(len(others), row)
        there = self.scored.forbidden_by(here, others)
        back = self.scored.forbidden_by(others, here)
        counts = {key: int((there[key] | back[key]).sum()) for key in there}
        return {key: count for key, count in counts.items() if count}


def _along(asked: RowPairs, worth: Matrix, bonus: int) -> RowPairs:
    """Return the best pairs among those who ask each other around circles and along lines."""
    import networkx as nx

    graph = nx.Graph()
    for one, other in sorted(asked):
        graph.add_edge(one, other, weight=int(worth[one, other]) + bonus)
    pairs: list[Any] = []
    for people in nx.connected_components(graph):
        pairs += nx.max_weight_matching(graph.subgraph(sorted(people)))
    return [(min(pair), max(pair)) for pair in pairs]


def half(both_ways: int) -> int:
    """Return a score of one million for what is worth up to two."""
    return min(both_ways // BOTH_WAYS, SCALE)
