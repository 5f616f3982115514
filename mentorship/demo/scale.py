"""A believable organisation of any size, written by COPY.

An org chart in which everybody leads about eight people, skills that most people want and skills
that few do, several programs with cohorts over two years, matches across departments, and meetings
at each cohort's rhythm with the gaps that real pairs have. The same seed gives the same people.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Level
from core.names import sort_key
from mentorship.demo import words
from participants.models import Skill

SPAN = 8
COHORTS = 24
SHARE_OF_MENTORS = 0.28
PIECE_ROWS = 5_000


@dataclass(frozen=True)
class Seeded:
    """How many rows of each kind were written."""

    people: int
    cohorts: int
    matches: int
    meetings: int


class Organisation:
    """Writes everything in one transaction; ids continue after those that exist."""

    def __init__(
        self,
        *,
        participants: int,
        meetings: int,
        today: date,
        seed: int = 1,
        say: Callable[[str], object] = print,
    ) -> None:
        self.count = participants
        self.meeting_count = meetings
        self.today = today
        self.random = np.random.default_rng(seed)
        self.say = say
        self.now = timezone.now()

    @transaction.atomic
    def write(self) -> Seeded:
        self._vocabulary()
        self._people()
        self._profiles()
        cohorts = self._cohorts()
        self._enrolments(cohorts)
        matches = self._matches()
        meetings = self._meetings(matches)
        return Seeded(self.count, len(cohorts), len(matches), meetings)

    def _vocabulary(self) -> None:
        start = Level.objects.count()
        for rank, name in enumerate(words.LEVELS, start + 1):
            if not Level.objects.filter(name__iexact=name).exists():
                Level.objects.create(name=name, rank=rank)
        self.levels = list(
            Level.objects.filter(name__in=words.LEVELS)
            .order_by("rank")
            .values_list("pk", flat=True)
        )
        for name in words.SKILLS:
            Skill.objects.get_or_create(name_key=sort_key(name), defaults={"name": name})
        keys = [sort_key(name) for name in words.SKILLS]
        ids = dict(Skill.objects.filter(name_key__in=keys).values_list("name_key", "pk"))
        self.skills = [ids[key] for key in keys]

    def _people(self) -> None:
        n, rng = self.count, self.random
        self.user0 = _next_id("accounts_user")
        index = np.arange(n)
        self.manager = (index - 1) // SPAN
        depth = np.zeros(n, dtype=int)
        for at in range(1, n):
            depth[at] = depth[self.manager[at]] + 1
        top = depth.max()
        self.level = np.clip(top - depth + rng.integers(0, 2, n), 0, len(words.LEVELS) - 1)
        branch = index.copy()
        while (deep := branch > SPAN * SPAN).any():
            branch[deep] = (branch[deep] - 1) // SPAN
        self.department = branch % len(words.DEPARTMENTS)
        self.place = rng.integers(0, len(words.LOCATIONS), n)
        first = rng.integers(0, len(words.FIRST_NAMES), n)
        last = rng.integers(0, len(words.LAST_NAMES), n)
        places = list(words.LOCATIONS.items())
        joined = self.now.isoformat()

        def rows() -> Iterable[Sequence[Any]]:
            for i in range(n):
                name, family = words.FIRST_NAMES[first[i]], words.LAST_NAMES[last[i]]
                place, zone = places[self.place[i]]
                department = words.DEPARTMENTS[self.department[i]]
                yield (
                    self.user0 + i,
                    "!",
                    f"p{self.user0 + i}@scale.example.org",
                    name,
                    family,
                    sort_key(f"{family} {name}"),
                    f"S{self.user0 + i:07d}",
                    self.user0 + int(self.manager[i]) if i else None,
                    department,
                    place,
                    f"{department} {words.TITLES[i % len(words.TITLES)]}",
                    self.levels[self.level[i]],
                    zone,
                    "en",
                    True,
                    False,
                    joined,
                )

        self._copy(
            "accounts_user",
            "id password email first_name last_name name_key employee_id manager_id department "
            "location job_title level_id time_zone language is_active is_superuser joined_at",
            rows(),
        )

    def _profiles(self) -> None:
        n, rng = self.count, self.random
        profile0 = _next_id("participants_profile")
        popularity = 1 / np.arange(1, len(self.skills) + 1)
        popularity /= popularity.sum()
        hours = [day * 24 + hour for day in range(5) for hour in range(8, 18)]

        def profiles() -> Iterable[Sequence[Any]]:
            for i in range(n):
                suit = sorted(rng.choice(hours, size=12, replace=False).tolist())
                yield (
                    profile0 + i,
                    self.user0 + i,
                    "",
                    words.DEPARTMENTS[(self.department[i] + i % 3) % len(words.DEPARTMENTS)],
                    words.GOALS[i % len(words.GOALS)].format(
                        first=words.SKILLS[i % 30].lower(), second=words.SKILLS[i % 7].lower()
                    ),
                    words.OFFERS[i % len(words.OFFERS)].format(
                        first=words.SKILLS[i % 11].lower(), second=words.SKILLS[i % 30].lower()
                    ),
                    _array([words.INTERESTS[i % 12], words.INTERESTS[(i // 12) % 12]]),
                    _array(["en", "de"] if i % 3 == 0 else ["en"]),
                    _array(suit),
                    i % 4,
                )

        def skills() -> Iterable[Sequence[Any]]:
            picks = np.array(
                [rng.choice(len(self.skills), 4, replace=False, p=popularity) for _ in range(997)]
            )
            for i in range(n):
                chosen = picks[i % 997]
                for at, direction in zip(chosen, ("learn", "learn", "offer", "offer"), strict=True):
                    yield (profile0 + i, self.skills[at], direction, 1 + (i + at) % 3)

        self._copy(
            "participants_profile",
            "id user_id bio function goal_text offer_text interests languages available_hours "
            "mentored_before_count",
            profiles(),
        )
        self._copy(
            "participants_profileskill", "profile_id skill_id direction importance", skills()
        )

    def _cohorts(self) -> list[tuple[int, date, date, int, str]]:
        program0, cohort0 = _next_id("programs_program"), _next_id("programs_cohort")
        programs = [f"Scale program {program0 + at}" for at in range(6)]
        self._copy(
            "programs_program",
            "id name objectives format contact_name contact_email created_at",
            (
                (
                    program0 + at,
                    name,
                    "",
                    "one_to_one",
                    "Program office",
                    "office@example.org",
                    self.now.isoformat(),
                )
                for at, name in enumerate(programs)
            ),
        )
        found, rows = [], []
        for at in range(COHORTS):
            start = self.today - timedelta(days=730 - 30 * at)
            end = start + timedelta(weeks=39)
            status = "completed" if end < self.today else "active"
            rhythm = (7, 14, 14, 28)[at % 4]
            found.append((cohort0 + at, start, end, rhythm, status))
            rows.append(
                (cohort0 + at, program0 + at % 6, f"Cohort {at + 1}", status,
                 start - timedelta(days=60), start - timedelta(days=14), start, end, rhythm,
                 True, True, 1, self.now.isoformat())
            )  # fmt: skip
        self._copy(
            "programs_cohort",
            "id program_id name status enrolment_opens_on enrolment_closes_on starts_on ends_on "
            "rhythm_days has_check_ins has_fit_questions mentor_capacity created_at",
            rows,
        )
        return found

    def _enrolments(self, cohorts: list[tuple[int, date, date, int, str]]) -> None:
        n, rng = self.count, self.random
        self.enrolment0 = _next_id("participants_enrolment")
        self.cohorts = cohorts
        self.cohort_of = rng.integers(0, len(cohorts), n)
        # Seniors mentor: the share is taken from the top of the chart.
        self.is_mentor = np.arange(n) < n * SHARE_OF_MENTORS
        self.capacity = np.where(self.is_mentor, 1 + rng.integers(0, 4, n), 1)

        def rows() -> Iterable[Sequence[Any]]:
            for i in range(n):
                cohort, start, *_rest = cohorts[self.cohort_of[i]]
                at = _moment(start - timedelta(days=30)).isoformat()
                role = "mentor" if self.is_mentor[i] else "mentee"
                yield (
                    self.enrolment0 + i, cohort, self.user0 + i, role, "enrolled",
                    int(self.capacity[i]), "import", at, at,
                )  # fmt: skip

        self._copy(
            "participants_enrolment",
            "id cohort_id user_id role status capacity source enrolled_at status_changed_at",
            rows(),
        )

    def _matches(self) -> list[tuple[int, date, date, int]]:
        """Pair each mentee with the next free mentor of another department in the cohort."""
        match0 = _next_id("matching_match")
        pairs: list[tuple[int, int, int]] = []
        for at in range(len(self.cohorts)):
            here = np.flatnonzero(self.cohort_of == at)
            mentees = here[~self.is_mentor[here]].tolist()
            seats = [i for i in here[self.is_mentor[here]] for _ in range(self.capacity[i])]
            pairs += [(at, mentor, mentee) for mentor, mentee in self._pair(seats, mentees)]

        found, matches, members = [], [], []
        for offset, (at, mentor, mentee) in enumerate(pairs):
            _cohort, start, end, rhythm, status = self.cohorts[at]
            match_id = match0 + offset
            is_over = status == "completed"
            found.append((match_id, start, end, rhythm))
            moment = _moment(start).isoformat()
            matches.append(
                (match_id, self.cohorts[at][0], "ended" if is_over else "active", start,
                 end if is_over else None, "completed" if is_over else "",
                 500_000 + (mentor * 7919 + mentee) % 450_000, "[]", moment)
            )  # fmt: skip
            left = _moment(end).isoformat() if is_over else None
            for person, role in ((mentor, "mentor"), (mentee, "mentee")):
                members.append(
                    (match_id, self.enrolment0 + person, self.user0 + person, role, moment, left)
                )
        self._copy(
            "matching_match",
            "id cohort_id status started_on ended_on end_reason score contributions created_at",
            matches,
        )
        self._copy(
            "matching_matchmember", "match_id enrolment_id user_id role joined_at left_at", members
        )
        return found

    def _pair(self, seats: list[int], mentees: list[int]) -> Iterable[tuple[int, int]]:
        waiting = list(seats)
        for mentee in mentees:
            for back in range(1, min(len(waiting), 40) + 1):
                mentor = waiting[-back]
                if self.department[mentor] != self.department[mentee] and not self._in_line(
                    int(mentor), int(mentee)
                ):
                    del waiting[-back]
                    yield int(mentor), int(mentee)
                    break

    def _in_line(self, one: int, other: int) -> bool:
        return self._is_above(one, other) or self._is_above(other, one)

    def _is_above(self, upper: int, lower: int) -> bool:
        first = int(self.manager[lower]) if lower else -1
        second = int(self.manager[first]) if first > 0 else -1
        return upper in (first, second)

    def _meetings(self, matches: list[tuple[int, date, date, int]]) -> int:
        """Spread the meetings over the matches at their rhythm, until the number is reached."""
        if not matches:
            return 0
        share, rest = divmod(self.meeting_count, len(matches))
        how = ("video", "video", "phone", "in_person", "")

        def rows() -> Iterable[Sequence[Any]]:
            for at, (match_id, start, end, _rhythm) in enumerate(matches):
                wanted = share + (1 if at < rest else 0)
                days = max((min(end, self.today) - start).days, 0)
                for number in range(wanted):
                    day = start + timedelta(days=min(days, number * (days + 1) // wanted))
                    same_day = 1 if days + 1 >= wanted else 1 + number
                    yield (
                        match_id, "held", day, same_day,
                        (30, 45, 60, None)[(at + number) % 4], how[(at + number) % 5],
                    )  # fmt: skip

        return self._copy(
            "meetings_meeting", "match_id status held_on same_day_number minutes how", rows()
        )

    def _copy(self, table: str, columns: str, rows: Iterable[Sequence[Any]]) -> int:
        """Stream rows into a table; returns how many."""
        names = ", ".join(columns.split())
        count, piece = 0, io.StringIO()
        with connection.cursor() as cursor:

            def send() -> None:
                piece.seek(0)
                cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", piece)
                piece.seek(0)
                piece.truncate()
                if count <= PIECE_ROWS:  # the rules on members plan by what the tables hold
                    cursor.execute(f"ANALYZE {table}")

            for row in rows:
                piece.write("\t".join(map(_cell, row)) + "\n")
                count += 1
                if count % PIECE_ROWS == 0:
                    send()
            send()
            cursor.execute(f"ANALYZE {table}")
            if "id" in columns.split():
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)",
                    [table, _next_id(table) - 1],
                )
        self.say(f"{table}: {count}")
        return count


def _cell(value: Any) -> str:
    if value is None:
        return "\\N"
    if value is True or value is False:
        return "t" if value else "f"
    return str(value).replace("\\", "\\\\").replace("\t", " ").replace("\n", " ")


def _array(values: Iterable[Any]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(9), UTC)


def _next_id(table: str) -> int:
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(table)
        cursor.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {name}")  # noqa: S608 (own tables)
        return int(cursor.fetchone()[0])
