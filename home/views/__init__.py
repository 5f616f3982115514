"""The first page, the page of a match, and where one stands."""

from home.views.pages import end, home, match, pause
from home.views.preview import cohort_preview
from home.views.standing import (
    accept_offer,
    answer_more_asked,
    capacity,
    decline_offer,
    enrolment_status,
    resume,
    undo,
    withdraw,
)
from home.views.standing import line_manager as enrolment_line_manager
from home.views.standing import pause as pause_enrolment

__all__ = [
    "accept_offer",
    "answer_more_asked",
    "capacity",
    "cohort_preview",
    "decline_offer",
    "end",
    "enrolment_line_manager",
    "enrolment_status",
    "home",
    "match",
    "pause",
    "pause_enrolment",
    "resume",
    "undo",
    "withdraw",
]
