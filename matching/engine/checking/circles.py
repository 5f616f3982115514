"""Check circles: sizes, seats, rules among all members, scores, and the bound by its prices."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations, product
from typing import TYPE_CHECKING

from matching.engine.checking.pairs import Two, broken_rules
from matching.engine.checking.scores import PairScores
from matching.engine.model import Id, People, Policy, Pool
from matching.engine.results import Certificate, Violation

if TYPE_CHECKING:
    from matching.engine.circle_values import Circle, CircleShape, CirclesSolution, Seat

SAMPLE = 2_500
BETWEEN_MEMBERS = ("not_self", "reporting_line", "must_not_pair")
BRANCHING = "branch and bound"


def check_circles(
    pool: Pool, policy: Policy, shape: CircleShape, solution: CirclesSolution
) -> list[Violation]:
    """Return everything that is wrong with circles; an empty list is a clean bill.

    Looks at ids, that everybody has one place, sizes, rules and overrides between any two members,
    scores and contributions, the minimum fit, and that people and total keep below the bounds. A
    bound that is not said to be exact is looked at by the prices behind it, over all pairs or a
    sample; what branch and bound proved beyond them rests on it. Plain loops; no code of scoring
    or solver.
    """
    found = [*_places(pool, solution)]
    if found:
        return found
    scores = PairScores(pool, policy)
    for circle in solution.circles:
        found += _size(shape, circle)
        found += _rules(pool, policy, circle)
        for seat in circle.seats:
            found += _seat(pool, scores, solution, circle, seat)
    if solution.total > solution.bound or solution.placed > solution.most_people:
        facts = {"total": solution.total, "bound": solution.bound}
        found.append(Violation("above_the_bound", facts=facts))
    if solution.is_exact and solution.total != solution.bound:
        found.append(Violation("not_proved", facts={"bound": solution.bound}))
    if not solution.is_exact:
        found += _bound(pool, policy, shape, solution, scores)
    return found


def _places(pool: Pool, solution: CirclesSolution) -> Iterator[Violation]:
    for circle in solution.circles:
        seats = [(seat.row, seat.id) for seat in circle.seats]
        leads = list(zip(circle.mentors, circle.mentor_ids, strict=False))
        if len(circle.mentors) != len(circle.mentor_ids):
            yield Violation("wrong_ids", mentor_id=circle.mentor_ids[0])
        for people, places in ((pool.mentees, seats), (pool.mentors, leads)):
            for row, identifier in places:
                if not 0 <= row < len(people.id) or people.id[row] != identifier:
                    yield Violation("wrong_ids", identifier)
    seated = Counter(seat.id for circle in solution.circles for seat in circle.seats)
    left = Counter(one.id for one in solution.left_over)
    yield from _once(pool.mentees, seated, left, "mentee")
    led = Counter(one for circle in solution.circles for one in circle.mentor_ids)
    yield from _once(pool.mentors, led, Counter(solution.idle), "mentor")


def _once(
    people: People, first: Counter[Id], second: Counter[Id], side: str
) -> Iterator[Violation]:
    """Everybody with a seat has one place; whoever has none stands nowhere."""
    for identifier, capacity in zip(people.id, people.capacity, strict=True):
        times = first[identifier] + second[identifier]
        if times != min(capacity, 1):
            yield Violation("not_placed_once", identifier, facts={"times": times, "side": side})


def _size(shape: CircleShape, circle: Circle) -> Iterator[Violation]:
    is_shaped = (
        len(circle.mentors) == shape.mentors and shape.least <= len(circle.seats) <= shape.most
    )
    if not circle.locked and not is_shaped:
        facts = {"mentors": len(circle.mentors), "mentees": len(circle.seats)}
        yield Violation("wrong_size", mentor_id=circle.mentor_ids[0], facts=facts)


def _rules(pool: Pool, policy: Policy, circle: Circle) -> Iterator[Violation]:
    mentees = [seat.row for seat in circle.seats]
    for mentee, mentor in product(mentees, circle.mentors):
        for key in broken_rules(pool, policy, Two(pool, mentee, mentor)):
            ids = pool.mentees.id[mentee], pool.mentors.id[mentor]
            yield Violation("rule", *ids, {"rule": key})
    for people, rows in ((pool.mentees, mentees), (pool.mentors, circle.mentors)):
        yield from _among(pool, policy, people, rows)


def _among(pool: Pool, policy: Policy, people: People, rows: Iterable[int]) -> Iterator[Violation]:
    """Check the rules about who two people are to each other among those of one side."""
    side = Pool(
        mentees=people,
        mentors=people,
        must_not_pairs=pool.must_not_pairs,
        overrides=pool.overrides,
    )
    for one, other in combinations(rows, 2):
        there = broken_rules(side, policy, Two(side, one, other))
        back = broken_rules(side, policy, Two(side, other, one))
        for key in sorted({*there} & {*back}):  # an override in either direction lets through
            if key in BETWEEN_MEMBERS:
                yield Violation("rule", people.id[one], people.id[other], {"rule": key})


def _seat(
    pool: Pool, scores: PairScores, solution: CirclesSolution, circle: Circle, seat: Seat
) -> Iterator[Violation]:
    lead = circle.mentor_ids[0]
    each = [scores.contributions(Two(pool, seat.row, mentor)) for mentor in circle.mentors]
    sums = [sum(own) for own in zip(*each, strict=True)]
    expected = sum(sums) // len(each)
    if seat.score != expected:
        yield Violation("wrong_score", seat.id, lead, {"score": seat.score, "expected": expected})
    is_mean = len(seat.contributions) == len(sums) and all(
        0 <= own - whole // len(each) <= (whole % len(each) > 0)
        for own, whole in zip(seat.contributions, sums, strict=True)
    )
    if not is_mean or sum(seat.contributions) != expected:
        yield Violation("wrong_contributions", seat.id, lead)
    if not circle.locked and min(sum(own) for own in each) < solution.minimum_fit:
        yield Violation("below_bound", seat.id, lead)


def _bound(
    pool: Pool, policy: Policy, shape: CircleShape, solution: CirclesSolution, scores: PairScores
) -> Iterator[Violation]:
    """Check weak duality: no pair earns more than its two prices, and those sum to the bound.

    A seat earns the mean of its pairs, one with each of k mentors. So each mentee's price counts
    k times (the bonus of a first pair once), a mentor's for each seat of a circle, what pairs
    ``beyond`` earn more than their prices once, and all circles are worth at most a k-th of that.
    """
    proof = solution.certificate
    if proof is None or not _is_of_all(pool, solution, proof):
        yield Violation("not_proved")
        return
    if min((*proof.mentee_prices, *proof.mentor_prices), default=0) < 0:
        yield Violation("price_below_zero")
    judged = _Judged(pool, policy, scores, solution)
    beyond = {*solution.beyond} if shape.mentors > 1 else set()
    dual = sum(proof.mentee_prices) + sum(proof.mentor_prices) * shape.most
    for price in proof.mentee_prices:
        dual += (shape.mentors - 1) * max(price - proof.pair_bonus, 0)
    dual += sum(max(judged.surplus(proof, *places), 0) for places in beyond)
    dual //= proof.score_factor * shape.mentors
    dual += sum(circle.worth for circle in solution.circles if circle.locked)
    is_lower = proof.solver == BRANCHING
    if dual < solution.bound or (dual > solution.bound and not is_lower):
        yield Violation("not_proved", facts={"dual": dual, "bound": solution.bound})
    for places in _some(len(solution.priced), len(solution.priced_mentors)):
        if places not in beyond and judged.surplus(proof, *places) > 0:
            yield Violation("pair_worth_more_than_prices", *judged.ids(*places))


def _is_of_all(pool: Pool, solution: CirclesSolution, proof: Certificate) -> bool:
    """Tell whether everybody with a seat to give or take has one price, but who is locked."""
    locked = [circle for circle in solution.circles if circle.locked]
    learning = {row for row, seats in enumerate(pool.mentees.capacity) if seats > 0}
    teaching = {row for row, seats in enumerate(pool.mentors.capacity) if seats > 0}
    learning -= {seat.row for circle in locked for seat in circle.seats}
    teaching -= {row for circle in locked for row in circle.mentors}
    return (
        sorted(learning) == sorted(solution.priced)
        and sorted(teaching) == sorted(solution.priced_mentors)
        and len(proof.mentee_prices) == len(learning)
        and len(proof.mentor_prices) == len(teaching)
    )


class _Judged:
    """Pairs by their places among the people who have prices."""

    def __init__(
        self, pool: Pool, policy: Policy, scores: PairScores, solution: CirclesSolution
    ) -> None:
        self.pool = pool
        self.policy = policy
        self.scores = scores
        self.solution = solution

    def _two(self, place: int, other: int) -> Two:
        return Two(self.pool, self.solution.priced[place], self.solution.priced_mentors[other])

    def ids(self, place: int, other: int) -> tuple[Id, Id]:
        two = self._two(place, other)
        return self.pool.mentees.id[two.left], self.pool.mentors.id[two.right]

    def surplus(self, proof: Certificate, place: int, other: int) -> int:
        """Return what a pair earns beyond its prices; nothing where it may not be."""
        two = self._two(place, other)
        score = self.scores.score(two)
        if score < self.solution.minimum_fit or broken_rules(self.pool, self.policy, two):
            return 0
        profit = score * proof.score_factor + proof.pair_bonus
        return profit - proof.mentee_prices[place] - proof.mentor_prices[other]


def _some(mentees: int, mentors: int) -> Iterator[tuple[int, int]]:
    if mentees * mentors <= SAMPLE:
        yield from product(range(mentees), range(mentors))
        return
    draw = random.Random(mentees)  # noqa: S311 - a sample, the same each time
    for _ in range(SAMPLE):
        yield draw.randrange(mentees), draw.randrange(mentors)
