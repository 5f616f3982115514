"""Every write of check-ins and fit questions."""

from feedback.services.answering import CheckInClosed, answer_check_in
from feedback.services.fit import FitClosed, PlannedFits, answer_fit, plan_fit_questions, say_misfit
from feedback.services.planning import Planned, plan_check_ins

__all__ = (
    "CheckInClosed",
    "FitClosed",
    "Planned",
    "PlannedFits",
    "answer_check_in",
    "answer_fit",
    "plan_check_ins",
    "plan_fit_questions",
    "say_misfit",
)
