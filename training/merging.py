"""How this app's rows find the kept account when two become one."""

from __future__ import annotations

from accounts import merging
from participants.merging import absorb


def register() -> None:
    merging.move("training.TrainingProgress.excused_by")
    absorb({"training.TrainingProgress.enrolment": ("module",)})
