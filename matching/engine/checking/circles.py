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
from matching.engine.results import Violation

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
    """Check weak duality: no mentee fits a mentor better than their prices, which sum to the bound.

    A mentor's price counts for each seat of a circle. With several mentors a circle it counts for
    each seat and, as a seat earns the mean of the pairs with its mentors, each pair a share of it:
    the sum of pairs, mentees having so many mentors each, divided by their number.
    """
    proof = solution.certificate
    if proof is None:
        yield Violation("not_proved")
        return
    if min((*proof.mentee_prices, *proof.mentor_prices), default=0) < 0:
        yield Violation("price_below_zero")
    dual = sum(proof.mentee_prices) * shape.mentors + sum(proof.mentor_prices) * shape.most
    dual //= proof.score_factor * shape.mentors
    locked = sum(circle.worth for circle in solution.circles if circle.locked)
    is_short = dual + locked > solution.bound and proof.solver != BRANCHING
    are_all = (len(proof.mentee_prices), len(proof.mentor_prices)) == (
        len(solution.priced),
        len(solution.priced_mentors),
    )
    if is_short or not are_all or dual + locked < solution.bound:
        yield Violation("not_proved", facts={"dual": dual + locked, "bound": solution.bound})
        return
    free = {row for row, capacity in enumerate(pool.mentees.capacity) if capacity > 0}
    free -= {seat.row for one in solution.circles if one.locked for seat in one.seats}
    if free != set(solution.priced):
        yield Violation("not_proved", facts={"priced": len(solution.priced)})
    for place, other in _some(len(solution.priced), len(solution.priced_mentors)):
        two = Two(pool, solution.priced[place], solution.priced_mentors[other])
        score = scores.score(two)
        if score < solution.minimum_fit or broken_rules(pool, policy, two):
            continue
        profit = score * proof.score_factor + proof.pair_bonus
        if proof.mentee_prices[place] + proof.mentor_prices[other] < profit:
            ids = pool.mentees.id[two.left], pool.mentors.id[two.right]
            yield Violation("pair_worth_more_than_prices", *ids)


def _some(mentees: int, mentors: int) -> Iterator[tuple[int, int]]:
    if mentees * mentors <= SAMPLE:
        yield from product(range(mentees), range(mentors))
        return
    draw = random.Random(mentees)  # noqa: S311 - a sample, the same each time
    for _ in range(SAMPLE):
        yield draw.randrange(mentees), draw.randrange(mentors)
