"""Profiles, enrolments, ways into a cohort, and imports of people."""

from participants.models.enrolments import (
    TAKES_PART,
    Answer,
    Enrolment,
    EnrolmentSource,
    EnrolmentStatus,
    MemberRole,
)
from participants.models.externals import Confidentiality, ConfidentialityText
from participants.models.imports import ColumnMemory, ImportRow, ImportRun, ImportStep, RowAction
from participants.models.joining import (
    BulkDecision,
    Consent,
    ConsentText,
    EnrolmentDraft,
    EnrolmentNote,
    Invitation,
    MoreAsked,
    OfferOutcome,
    PlaceOffer,
    SignUpLink,
)
from participants.models.line_managers import (
    LineContact,
    LineOverride,
    LineSentence,
    LineState,
    NamedLineManager,
)
from participants.models.profiles import (
    HOURS_A_WEEK,
    PHOTO_BYTES,
    Profile,
    ProfilePhoto,
    ProfileSkill,
    Skill,
    SkillDirection,
    SkillSuggestion,
)
from participants.models.recommending import Recommendation, RecommendationState
from participants.models.screening import (
    MOST_REFEREES,
    Referee,
    ScreeningResult,
    StepOutcome,
)

__all__ = [
    "HOURS_A_WEEK",
    "MOST_REFEREES",
    "PHOTO_BYTES",
    "TAKES_PART",
    "Answer",
    "BulkDecision",
    "ColumnMemory",
    "Confidentiality",
    "ConfidentialityText",
    "Consent",
    "ConsentText",
    "Enrolment",
    "EnrolmentDraft",
    "EnrolmentNote",
    "EnrolmentSource",
    "EnrolmentStatus",
    "ImportRow",
    "ImportRun",
    "ImportStep",
    "Invitation",
    "LineContact",
    "LineOverride",
    "LineSentence",
    "LineState",
    "MemberRole",
    "MoreAsked",
    "NamedLineManager",
    "OfferOutcome",
    "PlaceOffer",
    "Profile",
    "ProfilePhoto",
    "ProfileSkill",
    "Recommendation",
    "RecommendationState",
    "Referee",
    "RowAction",
    "ScreeningResult",
    "SignUpLink",
    "Skill",
    "SkillDirection",
    "SkillSuggestion",
    "StepOutcome",
]
