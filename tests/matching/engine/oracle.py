"""The best pairs by looking at every possible assignment, and strategies for small pools."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hypothesis import strategies as st

from matching.engine import Criterion, People, Person, Policy, Pool, Rule

Matrix = Sequence[Sequence[int]]


def assignments(scores: Matrix, seats: Sequence[int], row: int = 0) -> Iterator[tuple[int, ...]]:
    """Yield the scores of every set of pairs that uses each mentee once and no seat twice."""
    if row == len(scores):
        yield ()
        return
    yield from assignments(scores, seats, row + 1)
    for mentor, score in enumerate(scores[row]):
        if score >= 0 and seats[mentor] > 0:
            left = [seat - (other == mentor) for other, seat in enumerate(seats)]
            for rest in assignments(scores, left, row + 1):
                yield (score, *rest)


def best(
    scores: Matrix, seats: Sequence[int], objective: str, *, floor: bool = False
) -> tuple[int, int, int | None]:
    """Return coverage, total and worst score of the best answer."""

    def rank(chosen: tuple[int, ...]) -> tuple[int, ...]:
        if objective == "total":
            return sum(chosen), len(chosen)
        worst = min(chosen, default=0) if floor else 0
        return len(chosen), worst, sum(chosen)

    chosen = max(assignments(scores, seats), key=rank)
    return len(chosen), sum(chosen), min(chosen, default=None)


@st.composite
def matrices(draw: st.DrawFn) -> tuple[list[list[int]], list[int]]:
    """Scores with many ties and forbidden pairs, and capacities from 0 to 2."""
    mentees, mentors = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    score = st.sampled_from([-1, -1, 0, 1, 2, 2, 7, 250_000, 999_999, 1_000_000])
    row = st.lists(score, min_size=mentors, max_size=mentors)
    scores = draw(st.lists(row, min_size=mentees, max_size=mentees))
    return scores, draw(st.lists(st.integers(0, 2), min_size=mentors, max_size=mentors))


SKILLS, TOPICS = ["sql", "python", "talks"], ["chess", "music"]
WORDS = ["lead a team", "Daten und Führung", "speak in public", "data engineering", ""]
PLACES = [None, "", "Oslo", "Cairo"]
JOBS = [None, "", "Law", "Design"]
LANGUAGES = st.sampled_from(["en", "de"])
VECTORS = [None, bytes([0, 0, 0]), bytes([5, 250, 90]), bytes([127, 0, 129]), bytes([1, 2, 3])]


def people(side: str, persons: Sequence[int], *, most_seats: int) -> st.SearchStrategy[People]:
    """People who tell much, little or nothing about themselves."""
    rows = [_person(f"{side}-{person}", person, most_seats) for person in persons]
    return st.tuples(*rows).map(People.of) | st.tuples(*rows).map(_without_vectors)


def _without_vectors(rows: Sequence[Person]) -> People:
    return People.of(replace(row, goal_vector=None, about_vector=None) for row in rows)


def _person(identifier: str, person: int, most_seats: int) -> st.SearchStrategy[Person]:
    boss = st.sampled_from([None, 0, 1, 2, 3])
    return st.builds(
        Person,
        id=st.just(identifier),
        person=st.just(person),
        manager=boss,
        second_manager=boss,
        department=st.sampled_from(PLACES),
        location=st.sampled_from(PLACES),
        organisation=st.sampled_from(PLACES),
        profession=st.sampled_from(JOBS),
        industry=st.sampled_from(PLACES),
        career_goal=st.sampled_from(JOBS),
        level=st.none() | st.integers(0, 4),
        skills_wanted=st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 3)),
        skills_offered=st.frozensets(st.sampled_from(SKILLS)),
        interests=st.frozensets(st.sampled_from(TOPICS)),
        languages=st.frozensets(LANGUAGES)
        | st.dictionaries(LANGUAGES, st.sampled_from(["", "A1", "B1", "C2"])),
        goal=st.sampled_from(WORDS),
        about=st.sampled_from(WORDS),
        hours=st.none() | st.integers(0, 2**8 - 1),
        capacity=st.integers(0, most_seats),
        experience=st.none() | st.integers(0, 3),
        answers=_answers(),
        traits=st.dictionaries(st.just("first generation"), st.sampled_from(["", "yes", "no"])),
        preferred=st.lists(st.integers(0, 9), max_size=3),
        training_done=st.sampled_from([None, True, False]),
        is_external=st.sampled_from([False, False, True]),
        accepts_external=st.booleans(),
        goal_vector=st.sampled_from(VECTORS),
        about_vector=st.sampled_from(VECTORS),
    )


def _answers() -> st.SearchStrategy[dict]:
    return st.fixed_dictionaries(
        {},
        optional={
            "scale": st.integers(1, 5),
            "style": st.sampled_from(["calm", "lively"]),
            "topics": st.frozensets(st.sampled_from(["a", "b", "c"])),
        },
    )


CRITERIA_CHOICES = [
    ("skills", {}),
    ("skills", {"related": {"sql": {"python": 0.5, "talks": 0.25}}}),
    ("goal_text", {"full_at": 0.9}),
    ("goal_text", {"full_at": 0.01, "missing": 0.5}),
    ("interests", {"enough": 2}),
    ("seniority", {"table": {"1": 0.75, "2": 1.0}}),
    ("seniority", {"min": 1, "max": 2, "missing": 0.5}),
    ("profession", {}),
    ("location", {"missing": 0.3}),
    ("department", {}),
    ("organisation", {"mode": "different"}),
    ("shared_hours", {"enough_hours": 3}),
    ("language", {}),
    ("language_level", {}),
    ("language_level", {"enough": "C1", "missing": 0.3}),
    ("industry", {}),
    ("career_path", {}),
    ("career_path", {"related": {"Law": {"Design": 0.4}}}),
    ("preference", {}),
    ("preference", {"step": 0.4, "one_sided": 0.7}),
    ("trait", {"trait": "first generation"}),
    ("trait", {"trait": "first generation", "mode": "different", "missing": 0.5}),
    ("experience", {}),
    ("answer", {"question": "scale", "mode": "near"}),
    ("answer", {"question": "scale", "mode": "at_least", "range": 3}),
    ("answer", {"question": "style", "mode": "different"}),
    ("answer", {"question": "style", "only_if_answered": False}),
    ("answer", {"question": "style", "mentor_question": "topics", "mode": "overlap"}),
]
RULE_CHOICES = [
    ("reporting_line", {"same_manager": True}),
    ("earlier_pair", {}),
    ("from_outside", {}),
    ("different_department", {}),
    ("same_location", {"unknown": "forbid"}),
    ("different_organisation", {}),
    ("level_gap", {"min": 1, "max": 2}),
    ("level_gap", {"max": 3, "unknown": "forbid"}),
    ("common_language", {}),
    ("common_language", {"level": "B2"}),
    ("training_done", {"who": "mentor"}),
    ("training_done", {"unknown": "forbid"}),
    ("minimum_shared_hours", {"hours": 2}),
    ("answer_same", {"question": "style"}),
    ("answer_different", {"question": "topics", "unknown": "forbid"}),
]


@st.composite
def cases(draw: st.DrawFn) -> tuple[Pool, Policy]:
    """A pool of up to six mentees and four mentors, some of them both, under some policy."""
    mentees = draw(st.lists(st.integers(0, 9), min_size=1, max_size=6, unique=True))
    mentors = draw(st.lists(st.integers(0, 9), min_size=1, max_size=4, unique=True))
    pairs = st.frozensets(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=4)
    rules = draw(st.lists(st.sampled_from(RULE_CHOICES), max_size=3, unique_by=lambda c: c[0]))
    passable = [(kind, params) for kind, params in rules if kind != "from_outside"]
    keys = [Rule(kind, params).key for kind, params in passable] + ["must_not_pair"]
    override = st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from(keys))
    pool = Pool(
        mentees=draw(people("mentee", mentees, most_seats=1)),
        mentors=draw(people("mentor", mentors, most_seats=2)),
        earlier_pairs=draw(pairs),
        must_not_pairs=draw(pairs),
        overrides=draw(st.frozensets(override, max_size=3)),
    )
    chosen = draw(st.lists(st.sampled_from(CRITERIA_CHOICES), min_size=1, max_size=4))
    weight = st.sampled_from([1, 2.5, 7])
    return pool, Policy(
        criteria=tuple(Criterion(kind, draw(weight), params) for kind, params in chosen),
        rules=tuple(Rule(kind, params) for kind, params in rules),
        minimum_fit=draw(st.sampled_from([0, 0, 300_000, 600_000])),
        objective=draw(st.sampled_from(["coverage", "total"])),
    )
