"""Programs, their cohorts and phases, and the versioned questions they ask."""

from programs.models.cohorts import Cohort, CohortStatus, Phase
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
from programs.models.externals import ExternalsRule
from programs.models.forms import Audience, EnrolmentForm, Question, QuestionKind, Visibility
from programs.models.line_managers import (
    DISCREET_TELLS_NOBODY,
    TELLS_LINE_MANAGERS,
    LineManagerRule,
)
from programs.models.programs import Program, ProgramFormat
from programs.models.screening import NEEDED_WITH_MINORS, OPEN_COHORTS, ScreeningStep, StepKind

__all__ = [
    "DISCREET_TELLS_NOBODY",
    "MOST_LESSONS",
    "NEEDED_WITH_MINORS",
    "OPEN_COHORTS",
    "TELLS_LINE_MANAGERS",
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
    "ExternalsRule",
    "Lesson",
    "LineManagerRule",
    "Measure",
    "MeetingAgenda",
    "Objective",
    "Phase",
    "Program",
    "ProgramFormat",
    "Question",
    "QuestionKind",
    "ScreeningStep",
    "StepKind",
    "Visibility",
]
