"""Programs, their cohorts and phases, and the versioned questions they ask."""

from programs.models.cohorts import Cohort, CohortStatus, Phase, Program, ProgramFormat
from programs.models.content import (
    MOST_LESSONS,
    AgendaKind,
    AgreementClause,
    ClosingQuestion,
    Lesson,
    Measure,
    MeetingAgenda,
    Objective,
)
from programs.models.cover import Cover
from programs.models.expectations import (
    AgreementPart,
    ExpectationForm,
    ExpectationKind,
    ExpectationQuestion,
)
from programs.models.forms import Audience, EnrolmentForm, Question, QuestionKind, Visibility

__all__ = [
    "MOST_LESSONS",
    "AgendaKind",
    "AgreementClause",
    "AgreementPart",
    "Audience",
    "ClosingQuestion",
    "Cohort",
    "CohortStatus",
    "Cover",
    "EnrolmentForm",
    "ExpectationForm",
    "ExpectationKind",
    "ExpectationQuestion",
    "Lesson",
    "Measure",
    "MeetingAgenda",
    "Objective",
    "Phase",
    "Program",
    "ProgramFormat",
    "Question",
    "QuestionKind",
    "Visibility",
]
