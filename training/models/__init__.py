"""Modules of a cohort's training, their versions, and how far each person is."""

from training.models.modules import (
    ModulePart,
    ModuleVersion,
    PartKind,
    QuizQuestion,
    TrainingModule,
    TrainingRule,
)
from training.models.progress import TrainingProgress

__all__ = [
    "ModulePart",
    "ModuleVersion",
    "PartKind",
    "QuizQuestion",
    "TrainingModule",
    "TrainingProgress",
    "TrainingRule",
]
