"""Reads that join people, profiles and enrolments."""

from participants.selectors.answers import (
    answer_text,
    answers_for_manager,
    answers_for_partner,
    current_questions,
    earlier_words,
)
from participants.selectors.pool import (
    AnswerValue,
    PoolPerson,
    pool_for_system,
    typed_answer,
    utc_hours,
    with_open_match_count,
)
from participants.selectors.profiles import find_skills, similar_skills, usual_skills
from participants.selectors.waiting import (
    links_of,
    open_invitations,
    open_offer,
    waitlist_position,
)

__all__ = [
    "AnswerValue",
    "PoolPerson",
    "answer_text",
    "answers_for_manager",
    "answers_for_partner",
    "current_questions",
    "earlier_words",
    "find_skills",
    "links_of",
    "open_invitations",
    "open_offer",
    "pool_for_system",
    "similar_skills",
    "typed_answer",
    "usual_skills",
    "utc_hours",
    "waitlist_position",
    "with_open_match_count",
]
