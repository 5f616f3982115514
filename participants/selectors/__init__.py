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
from participants.selectors.recommending import open_recommendations, recommended_by
from participants.selectors.screening import (
    has_screening,
    open_lines,
    open_steps_for,
    running_out,
    screening_of,
    step_counts,
    steps_to_do_for,
    unmet_steps,
    unscreened,
    unscreened_for_system,
)
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
    "has_screening",
    "links_of",
    "open_invitations",
    "open_lines",
    "open_offer",
    "open_recommendations",
    "open_steps_for",
    "pool_for_system",
    "recommended_by",
    "running_out",
    "screening_of",
    "similar_skills",
    "step_counts",
    "steps_to_do_for",
    "typed_answer",
    "unmet_steps",
    "unscreened",
    "unscreened_for_system",
    "usual_skills",
    "utc_hours",
    "waitlist_position",
    "with_open_match_count",
]
