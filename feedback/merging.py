"""How check-ins find the kept account when two become one."""

from __future__ import annotations

from accounts import merging
from participants.merging import absorb


def register() -> None:
    merging.move("feedback.CheckIn.user", "feedback.FitQuestion.user")
    merging.move_once({"feedback.AnswerReading.reader": ("check_in", "fit")})
    absorb({"feedback.Pulse.enrolment": ("number",)})
