"""What people say about themselves: words, languages, hours, skills, a photo."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from core.errors import DomainError
from core.names import sort_key
from participants.models import (
    HOURS_A_WEEK,
    Profile,
    ProfilePhoto,
    ProfileSkill,
    Skill,
    SkillSuggestion,
)
from participants.photos import reencode
from participants.selectors import similar_skills

WORDS = ("bio", "function", "career_goal", "goal_text", "offer_text", "mentored_before_count")
MOST_SKILLS = 15
LEVELS = ("A1", "A2", "B1", "B2", "C1", "C2")


def profile_of(user: User) -> Profile:
    """Return the person's profile, made empty when there is none."""
    return Profile.objects.get_or_create(user=user)[0]


@transaction.atomic
def save_profile(
    *,
    user: User,
    now: datetime,
    languages: Mapping[str, str],
    hours: Sequence[int],
    interests: Sequence[str],
    links: Sequence[str],
    **words: Any,
) -> Profile:
    """Save what somebody wrote about themselves; ``words`` are ``WORDS`` only.

    ``languages`` maps codes to levels from A1 to C2, "" for not told. ``hours`` are hours of the
    week, 0 to 167, in the person's own zone.

    Effects: one row, locked; an audit row with the names of what changed.

    Raises:
        DomainError: an hour or a level that does not exist.
    """
    profile_of(user)
    profile = Profile.objects.select_for_update().get(user=user)
    if any(not 0 <= hour < HOURS_A_WEEK for hour in hours):
        raise DomainError(_("A week has 168 hours."), code="hours", field="hours")
    if any(level and level not in LEVELS for level in languages.values()):
        raise DomainError(_("Choose a level from A1 to C2."), code="level", field="languages")
    values = {
        **{name: words[name] for name in WORDS if name in words},
        "languages": sorted(languages),
        "language_levels": {code: level for code, level in languages.items() if level},
        "available_hours": sorted(set(hours)),
        "interests": list(interests),
        "links": list(links),
    }
    changed = [name for name, value in values.items() if getattr(profile, name) != value]
    for name in changed:
        setattr(profile, name, values[name])
    if changed:
        profile.save(update_fields=changed)
        record(
            actor=user,
            action="profile.changed",
            about=profile,
            now=now,
            detail={"fields": sorted(changed)},
        )
    return profile


@dataclass
class Named:
    """What became of a skill that somebody named."""

    skill: ProfileSkill | None = None
    suggestion: SkillSuggestion | None = None
    similar: list[Skill] = field(default_factory=list)


@transaction.atomic
def name_skill(*, user: User, name: str, direction: str, importance: int, now: datetime) -> Named:
    """Add a skill of the vocabulary, or suggest a word that it lacks.

    A word is the vocabulary's when it is the same but for case, accents and spaces. Naming one
    again sets its importance. A suggestion waits for a manager and counts for nothing until then.

    Effects: locks the profile; one row.

    Raises:
        DomainError: no word, or more than fifteen in one direction.
    """
    profile_of(user)
    profile = Profile.objects.select_for_update().get(user=user)
    word = " ".join(name.split())
    key = sort_key(word)
    if not key:
        raise DomainError(_("Write a word for the skill."), code="no_skill", field="name")
    skill = Skill.objects.filter(name_key=key).first()
    if skill is not None:
        _check_room(profile, direction, skill)
        own, _made = ProfileSkill.objects.update_or_create(
            profile=profile, skill=skill, direction=direction, defaults={"importance": importance}
        )
        return Named(skill=own)
    _check_room(profile, direction, None)
    suggestion, _made = SkillSuggestion.objects.update_or_create(
        profile=profile,
        name_key=key[:120],
        direction=direction,
        defaults={"name": word[:80], "importance": importance, "created_at": now},
    )
    return Named(suggestion=suggestion, similar=similar_skills(word))


def _check_room(profile: Profile, direction: str, skill: Skill | None) -> None:
    own = profile.skills.filter(direction=direction)
    if skill is not None and own.filter(skill=skill).exists():
        return
    count = own.count() + profile.suggested_skills.filter(direction=direction).count()
    if count >= MOST_SKILLS:
        raise DomainError(
            _("Fifteen are plenty; a few that matter say more. Remove one first."),
            code="skills_full",
            field="name",
        )


def drop_skill(*, user: User, pk: int) -> None:
    """Remove a skill from one's profile; of others nothing happens."""
    ProfileSkill.objects.filter(pk=pk, profile__user=user).delete()


def drop_suggestion(*, user: User, pk: int) -> None:
    """Take a suggested word back; of others nothing happens."""
    SkillSuggestion.objects.filter(pk=pk, profile__user=user).delete()


@transaction.atomic
def take_in(*, suggestion: SkillSuggestion, actor: User, now: datetime) -> Skill:
    """Add a suggested word to the vocabulary and give it to everybody who suggested it.

    Effects: at most one skill; a row for each of these people, their suggestions removed; an audit
    row.
    """
    key = suggestion.name_key
    skill, made = Skill.objects.get_or_create(name_key=key, defaults={"name": suggestion.name})
    waiting = list(SkillSuggestion.objects.filter(name_key=key))
    ProfileSkill.objects.bulk_create(
        (
            ProfileSkill(
                profile_id=row.profile_id,
                skill=skill,
                direction=row.direction,
                importance=row.importance,
            )
            for row in waiting
        ),
        ignore_conflicts=True,
    )
    SkillSuggestion.objects.filter(pk__in=[row.pk for row in waiting]).delete()
    record(
        actor=actor,
        action="skill.taken_in",
        about=skill,
        now=now,
        detail={"people": len(waiting), "new": made},
    )
    return skill


@transaction.atomic
def leave_out(*, keys: Sequence[str], actor: User, now: datetime) -> int:
    """Drop suggested words that the vocabulary does not need; return how many rows went.

    Effects: rows deleted; one audit row.
    """
    rows = SkillSuggestion.objects.filter(name_key__in=keys)
    first = rows.first()
    if first is None:
        return 0
    record(
        actor=actor,
        action="skill.left_out",
        about=first,
        now=now,
        detail={"words": len(set(keys)), "people": rows.count()},
    )
    return rows.delete()[0]


@transaction.atomic
def set_photo(*, user: User, file: IO[bytes], size: int, now: datetime) -> ProfilePhoto:
    """Keep a photo, re-encoded; the one before is gone.

    Raises:
        DomainError: it is no picture we can read, or too large.
    """
    content = reencode(file, size=size)
    photo, _made = ProfilePhoto.objects.update_or_create(
        user=user,
        defaults={
            "content": content,
            "digest": hashlib.sha256(content).hexdigest(),
            "changed_at": now,
        },
    )
    return photo


def remove_photo(*, user: User) -> None:
    """Delete the person's photo."""
    ProfilePhoto.objects.filter(user=user).delete()
