"""Every write of check-ins."""

from feedback.services.answering import CheckInClosed, answer_check_in
from feedback.services.planning import Planned, plan_check_ins

__all__ = ("CheckInClosed", "Planned", "answer_check_in", "plan_check_ins")
