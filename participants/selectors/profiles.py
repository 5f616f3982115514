"""Skills near a word, and what others may read of a profile."""

from __future__ import annotations

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from core.names import sort_key
from participants.models import ProfileSkill, Skill

MOST_FOUND = 8
MOST_LISTED = 200
NEAR = 0.45


def find_skills(text: str) -> list[Skill]:
    """Return skills with these letters in their name, and those spelled much alike."""
    key = sort_key(text)[:80]
    if not key:
        return []
    return list(
        Skill.objects.annotate(nearness=TrigramWordSimilarity(key, "name_key"))
        .filter(Q(name_key__contains=key) | Q(nearness__gte=NEAR))
        .order_by("-nearness", "name_key")[:MOST_FOUND]
    )


def similar_skills(text: str) -> list[Skill]:
    """Return up to three skills that a new word may mean."""
    return find_skills(text)[:3]


def usual_skills() -> QuerySet[Skill]:
    """Return the skills that most people name, for a list that needs no scripts."""
    named = ProfileSkill.objects.filter(skill=OuterRef("pk")).order_by().values("skill")
    people = Coalesce(Subquery(named.annotate(n=Count("pk")).values("n")), 0)
    return Skill.objects.annotate(people=people).order_by("-people", "name_key")[:MOST_LISTED]
