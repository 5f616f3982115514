"""The invented organisation of the demo: an org chart of some 170 people and their profiles."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import Level, User
from core.names import sort_key
from mentorship.demo import words
from participants.models import Profile, ProfileSkill, Skill

SENIOR = 4  # managers and above mentor; see words.LEVELS


@dataclass
class Company:
    """Everybody, seniors first."""

    seniors: list[User] = field(default_factory=list)
    juniors: list[User] = field(default_factory=list)


class Hiring:
    """Invents people; the same seed gives the same company."""

    def __init__(self, *, now: datetime, seed: int = 7) -> None:
        self.now = now
        self.random = random.Random(seed)  # noqa: S311 (invented people, no secrets)
        self.levels = [
            Level.objects.get_or_create(rank=rank, defaults={"name": name})[0]
            for rank, name in enumerate(words.LEVELS, 1)
        ]
        self.skills = [
            Skill.objects.get_or_create(name_key=sort_key(name), defaults={"name": name})[0]
            for name in words.SKILLS
        ]
        self.taken: set[str] = set()
        self.number = 1000

    def hire(
        self,
        first: str,
        last: str,
        *,
        level: int,
        department: str,
        place: str,
        title: str,
        manager: User | None = None,
        language: str = "en",
        theme: tuple[str, ...] = (),
    ) -> User:
        """Add one person with a believable profile; people of one ``theme`` of skills fit well."""
        self.number += 1
        user = User.objects.create_user(
            f"{sort_key(first)}.{sort_key(last)}@example.com".replace(" ", ""),
            first_name=first,
            last_name=last,
            employee_id=f"E{self.number}",
            manager=manager,
            department=department,
            location=place,
            job_title=title,
            level=self.levels[level],
            time_zone=words.LOCATIONS[place],
            language=language,
            joined_at=self.now,
        )
        self.taken.add(f"{first} {last}")
        self._describe(user, level, theme)
        return user

    def _describe(self, user: User, level: int, theme: tuple[str, ...]) -> None:
        rng = self.random
        shared = [skill for skill in self.skills if skill.name in theme]
        wanted = shared or self._some_skills(3)
        offered = shared or self._some_skills(5)
        first, second = offered[0].name.lower(), offered[1].name.lower()
        starts = rng.choice((8, 9, 10, 12, 13))
        days = [1, 3] if theme else rng.sample(range(5), 4)
        if theme:
            starts = 14 if user.location == "Berlin" else 8
        profile = Profile.objects.create(
            user=user,
            function=user.department,
            career_goal=_next_field(user.department) if level < SENIOR else "",
            bio="",
            goal_text=rng.choice(words.GOALS).format(
                first=wanted[0].name.lower(), second=wanted[1].name.lower()
            ),
            offer_text=rng.choice(words.OFFERS).format(first=first, second=second),
            interests=["hiking", "books"] if theme else rng.sample(words.INTERESTS, 3),
            languages=["en", "de"] if user.location == "Berlin" else ["en"],
            available_hours=sorted(
                day * 24 + hour for day in days for hour in range(starts, starts + 5)
            ),
            mentored_before_count=rng.choice((0, 0, 1, 2)) if level >= SENIOR else 0,
        )
        rows = [(skill, "learn") for skill in wanted] + [(skill, "offer") for skill in offered]
        ProfileSkill.objects.bulk_create(
            ProfileSkill(
                profile=profile,
                skill=skill,
                direction=direction,
                importance=rng.choice((1, 2, 3)),
            )
            for skill, direction in rows
        )

    def _some_skills(self, count: int) -> list[Skill]:
        """Pick skills of one theme; themes at the head of the list are wanted most."""
        weights = [1 / (at + 2) for at in range(len(words.THEMES))]
        theme = self.random.choices(words.THEMES, weights)[0]
        names = self.random.sample(theme, count)
        return [skill for name in names for skill in self.skills if skill.name == name]

    def company(self, *, seniors: int, juniors: int) -> Company:
        """Add department heads, seniors below them and juniors below those."""
        company = Company()
        heads = [
            self._anybody(level=7, department=name, title=f"Head of {name}")
            for name in words.DEPARTMENTS
        ]
        for at in range(seniors):
            head = heads[at % len(heads)]
            level = SENIOR + at % 3
            title = f"{('Manager', 'Senior manager', 'Director')[at % 3]}, {head.department}"
            company.seniors.append(
                self._anybody(level=level, department=head.department, title=title, manager=head)
            )
        for at in range(juniors):
            boss = company.seniors[(at * 5) % len(company.seniors)]
            title = f"{boss.department} {words.TITLES[at % len(words.TITLES)]}"
            company.juniors.append(
                self._anybody(level=at % 3, department=boss.department, title=title, manager=boss)
            )
        return company

    def _anybody(
        self, *, level: int, department: str, title: str, manager: User | None = None
    ) -> User:
        rng = self.random
        while True:
            first, last = rng.choice(words.FIRST_NAMES), rng.choice(words.LAST_NAMES)
            if f"{first} {last}" not in self.taken:
                break
        place = rng.choice(list(words.LOCATIONS))
        language = "de" if place == "Berlin" and rng.random() < 0.4 else "en"
        return self.hire(
            first,
            last,
            level=level,
            department=department,
            place=place,
            title=title,
            manager=manager,
            language=language,
        )


def _next_field(department: str) -> str:
    """Return where somebody would like to go from here: every second person stays."""
    place = words.DEPARTMENTS.index(department) if department in words.DEPARTMENTS else 0
    return words.DEPARTMENTS[(place + 3) % len(words.DEPARTMENTS)] if place % 2 else department
