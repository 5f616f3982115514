"""The frozen pool of a run, and how it becomes the engine's columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone

from matching.engine import People, Person, Pool
from matching.models import DoNotPair, MatchMember, OverridableRule, RuleOverride
from matching.related import Table, related_skills
from matching.services.texts import current_version, vectors_for
from matching.services.wishes import preferred_in
from participants.models import MemberRole
from participants.selectors import PoolPerson, pool_for_system, unscreened_for_system
from programs.models import Cohort
from training.selectors import left_out_for_system


def take_snapshot(cohort: Cohort, *, with_meaning: bool = True) -> dict[str, Any]:
    """Return everything the pairing reads about people, as plain JSON. A handful of queries.

    Without ``with_meaning`` no text is turned into a vector and no model is loaded.
    """
    today = timezone.now().date()
    left_out = left_out_for_system(cohort, today=today) | unscreened_for_system(cohort, today=today)
    people = [one for one in pool_for_system(cohort) if one.enrolment_id not in left_out]
    ids = [person.user_id for person in people]
    wishes = preferred_in(cohort)
    version = current_version() if with_meaning else ""
    rows = [
        {**_plain(person), "preferred": wishes.get(person.enrolment_id, [])} for person in people
    ]
    return {
        "text_version": version,
        "related_skills": _related_skills(people, version),
        "related_roles": _related_roles(people, version),
        "people": on_both_sides(rows) if cohort.program.is_of_peers else rows,
        "earlier_pairs": _earlier_pairs(ids),
        "must_not_pairs": [
            list(pair)
            for pair in DoNotPair.objects.filter(low__in=ids, high__in=ids).values_list(
                "low_id", "high_id"
            )
        ],
        "overrides": overrides_of(cohort),
    }


def on_both_sides(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return peers twice, as who asks and as who is asked; those in a match already are left out.

    So all that reads a pool compares them in both directions.
    """
    waiting = [row for row in rows if row["seats"] > 0]
    return [*waiting, *({**row, "role": MemberRole.MENTOR.value, "seats": 1} for row in waiting)]


def _related_skills(people: list[PoolPerson], version: str) -> Table:
    """Return, for each skill that somebody wants, the close ones that somebody offers."""
    wanted = {skill for person in people for skill in person.skills_wanted}
    offered = {skill for person in people for skill in person.skills_offered}
    return _related(wanted, offered, version)


def _related_roles(people: list[PoolPerson], version: str) -> Table:
    """Return, for each role that a mentee wants to reach, the close ones that mentors have."""
    wanted = {person.career_goal for person in people if person.role != MemberRole.MENTOR}
    mentors = [person for person in people if person.role == MemberRole.MENTOR]
    held = {person.function for person in mentors or people}
    return _related(wanted - {""}, held - {""}, version)


def _related(wanted: set[str], offered: set[str], version: str) -> Table:
    names = sorted(wanted | offered)
    vectors = None
    if version:
        lowered = [name.lower() for name in names]
        vectors = vectors_for(texts=lowered, version=version, today=timezone.now().date())
    table = {
        name: {other: credit for other, credit in near.items() if other in offered}
        for name, near in related_skills(names, vectors).items()
        if name in wanted
    }
    return {name: near for name, near in table.items() if near}


def overrides_of(cohort: Cohort) -> list[list[Any]]:
    """Return the exceptions managers made: (mentee's user, mentor's user, rule). One query.

    Of peers in both directions.
    """
    columns = ("mentee__user_id", "mentor__user_id", "rule", "mentor__role")
    rows = RuleOverride.objects.filter(mentor__cohort=cohort).values_list(*columns)
    found = [[mentee, mentor, rule] for mentee, mentor, rule, _role in rows]
    peers = (row for row in rows if row[-1] == MemberRole.MENTEE)
    return found + [[mentor, mentee, rule] for mentee, mentor, rule, _role in peers]


def _plain(person: PoolPerson) -> dict[str, Any]:
    return {
        "id": person.enrolment_id,
        "person": person.user_id,
        "role": person.role,
        "manager": person.manager_id,
        "second_manager": person.second_manager_id,
        "department": person.department,
        "location": person.location,
        "profession": person.function,
        "level": person.level,
        "skills_wanted": dict(sorted(person.skills_wanted.items())),
        "skills_offered": sorted(person.skills_offered),
        "interests": sorted(person.interests),
        "languages": _languages(person),
        "goal": person.goal_text,
        "about": " ".join(filter(None, (person.offer_text, person.bio))),
        "hours": None if person.hours is None else format(person.hours, "x"),
        "seats": person.seats,
        "experience": person.mentored_before_count,
        "career_goal": person.career_goal,
        **({"is_external": True} if person.is_external else {}),
        **({"accepts_external": True} if person.accepts_external else {}),
        "answers": {
            key: sorted(value) if isinstance(value, frozenset) else value
            for key, value in sorted(person.answers.items())
        },
    }


def _languages(person: PoolPerson) -> dict[str, str] | list[str]:
    """Return languages with their levels where any is told ("" is fluent), else their names."""
    spoken = sorted(person.languages)
    if not any(code in person.language_levels for code in spoken):
        return spoken
    return {code: person.language_levels.get(code, "") for code in spoken}


def _earlier_pairs(user_ids: list[int]) -> list[list[int]]:
    """Return pairs of people of the pool who were in one match before."""
    by_match: dict[int, list[int]] = {}
    rows = MatchMember.objects.filter(user__in=user_ids).values_list("match_id", "user_id")
    for match_id, user_id in rows.iterator(chunk_size=5_000):
        by_match.setdefault(match_id, []).append(user_id)
    pairs = {
        (min(one, other), max(one, other))
        for people in by_match.values()
        for at, one in enumerate(people)
        for other in people[at + 1 :]
    }
    return [list(pair) for pair in sorted(pairs)]


def engine_pool(snapshot: dict[str, Any], *, rule_keys: Iterable[str] = ()) -> Pool:
    """Return the engine's pool of a snapshot.

    ``traits``, where the snapshot has them, are those of the run; they are never stored with it.

    An override of "a rule of the cohort" lets its pair through every rule in ``rule_keys``, but
    not through reporting lines: those need an override of their own.
    """
    mentees, mentors = [], []
    vectors = _text_vectors(snapshot)
    traits = snapshot.get("traits", {})
    for row, vector in zip(snapshot["people"], vectors, strict=True):
        told = traits.get(str(row["id"]), {})
        if row["role"] == MemberRole.MENTOR:
            mentors.append(_person(row, capacity=row["seats"], about_vector=vector, traits=told))
        elif row["seats"] > 0:
            mentees.append(_person(row, capacity=1, goal_vector=vector, traits=told))
    return Pool(
        mentees=People.of(mentees),
        mentors=People.of(mentors),
        earlier_pairs=frozenset(tuple(pair) for pair in snapshot["earlier_pairs"]),
        must_not_pairs=frozenset(tuple(pair) for pair in snapshot["must_not_pairs"]),
        overrides=engine_overrides(snapshot["overrides"], rule_keys),
    )


def engine_overrides(
    rows: Iterable[Sequence[Any]], rule_keys: Iterable[str]
) -> frozenset[tuple[int, int, str]]:
    """Return exceptions as the engine reads them: by the key of each rule they pass."""
    cohort_rules = [key for key in rule_keys if key != OverridableRule.REPORTING_LINE]
    return frozenset(
        (mentee, mentor, key)
        for mentee, mentor, rule in rows
        for key in (cohort_rules if rule == OverridableRule.POLICY else [rule])
    )


def _text_vectors(snapshot: dict[str, Any]) -> list[bytes | None]:
    """Return for each person what their text means, or None: then its words are compared.

    By the version that the pool was frozen with. Where that is gone, by the one in use: this can
    happen to old drafts only, after an upgrade that changes the model.
    """
    people, version = snapshot["people"], snapshot.get("text_version", "")
    texts = [row["about" if row["role"] == MemberRole.MENTOR else "goal"] for row in people]
    for name in filter(None, (version, version and current_version())):
        found = vectors_for(texts=texts, version=name, today=timezone.now().date())
        if found is not None:
            return [row.tobytes() if row.any() else None for row in found]
    return [None] * len(people)


def _person(
    row: dict[str, Any],
    *,
    capacity: int,
    goal_vector: bytes | None = None,
    about_vector: bytes | None = None,
    traits: Mapping[str, str],
) -> Person:
    return Person(
        id=row["id"],
        person=row["person"],
        manager=row["manager"],
        second_manager=row["second_manager"],
        department=row["department"],
        location=row["location"],
        profession=row["profession"],
        career_goal=row.get("career_goal", ""),
        preferred=row.get("preferred", ()),
        level=row["level"],
        skills_wanted=row["skills_wanted"],
        skills_offered=frozenset(row["skills_offered"]),
        interests=frozenset(row["interests"]),
        languages=row["languages"]
        if isinstance(row["languages"], dict)
        else frozenset(row["languages"]),
        goal=row["goal"],
        about=row["about"],
        goal_vector=goal_vector,
        about_vector=about_vector,
        hours=None if row["hours"] is None else int(row["hours"], 16),
        capacity=capacity,
        experience=row["experience"],
        traits=traits,
        is_external=row.get("is_external", False),
        accepts_external=row.get("accepts_external", False),
        answers={
            key: frozenset(value) if isinstance(value, list) else value
            for key, value in row["answers"].items()
        },
    )
