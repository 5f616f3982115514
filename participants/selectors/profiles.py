"""Skills near a word, and what others may read of a profile."""

from __future__ import annotations

import logging

from django.contrib.postgres.search import TrigramWordSimilarity
from django.core.cache import caches
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from redis.exceptions import RedisError

from core.names import sort_key
from participants.models import ProfileSkill, Skill

logger = logging.getLogger(__name__)
MOST_FOUND = 8
MOST_LISTED = 200
NEAR = 0.45
USUAL = "participants:usual_skills"
KEPT_SECONDS = 3600


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


def usual_skills() -> list[str]:
    """Return the skills that most people name, for a list that needs no scripts.

    Counting reads what everybody named: it is done once an hour, or each time without the cache.
    """
    names = _kept()
    if names is None:
        names = _counted()
        try:
            caches["fast"].set(USUAL, names, timeout=KEPT_SECONDS)
        except (RedisError, OSError) as error:
            logger.warning("The usual skills are not kept: %s", error)
    return names


def _kept() -> list[str] | None:
    try:
        names: list[str] | None = caches["fast"].get(USUAL)
    except (RedisError, OSError) as error:
        logger.warning("The usual skills are counted anew: %s", error)
        return None
    return names


def _counted() -> list[str]:
    named = ProfileSkill.objects.filter(skill=OuterRef("pk")).order_by().values("skill")
    people = Coalesce(Subquery(named.annotate(n=Count("pk")).values("n")), 0)
    ordered = Skill.objects.annotate(people=people).order_by("-people", "name_key")
    return list(ordered.values_list("name", flat=True)[:MOST_LISTED])
