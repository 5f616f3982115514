"""Programs, their cohorts and phases, and the versioned questions they ask."""

from programs.models.cohorts import Cohort, CohortStatus, Phase, Program, ProgramFormat
from programs.models.expectations import (
    AgreementPart,
    ExpectationForm,
    ExpectationKind,
    ExpectationQuestion,
)
from programs.models.forms import Audience, EnrolmentForm, Question, QuestionKind, Visibility

__all__ = [
    "AgreementPart",
    "Audience",
    "Cohort",
    "CohortStatus",
    "EnrolmentForm",
    "ExpectationForm",
    "ExpectationKind",
    "ExpectationQuestion",
    "Phase",
    "Program",
    "ProgramFormat",
    "Question",
    "QuestionKind",
    "Visibility",
]
