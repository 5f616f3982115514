"""What would still help a profile, said kindly and without a figure."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from participants.models import Profile, ProfileSkill, SkillSuggestion


def hints_of(user: User) -> list[tuple[str, str | Promise]]:
    """Return what would help somebody's pairing. One query."""
    skills = ProfileSkill.objects.filter(profile=OuterRef("pk"))
    suggested = SkillSuggestion.objects.filter(profile=OuterRef("pk"))
    rows = Profile.objects.filter(user=user).annotate(has_skills=Exists(skills) | Exists(suggested))
    found: Any = rows.first()
    return _hints(found or Profile(user=user), has_skills=bool(found and found.has_skills))


def hints_for(profile: Profile) -> list[tuple[str, str | Promise]]:
    """Return (id of the section, what to add), what helps the pairing most first."""
    has_skills = profile.skills.exists() or profile.suggested_skills.exists()
    return _hints(profile, has_skills=has_skills)


def _hints(profile: Profile, *, has_skills: bool) -> list[tuple[str, str | Promise]]:
    wanted = (
        ("skills", _("a skill to learn or to offer"), has_skills),
        ("words", _("what you would like to reach, or can help with"), _has_words(profile)),
        ("week", _("hours that suit you"), bool(profile.available_hours)),
        ("speak", _("the languages you speak"), bool(profile.languages)),
        ("words", _("a few words about you"), bool(profile.bio)),
    )
    return [(section, text) for section, text, is_there in wanted if not is_there]


def _has_words(profile: Profile) -> bool:
    return bool(profile.goal_text or profile.offer_text)
