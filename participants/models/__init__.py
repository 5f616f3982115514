"""Profiles, enrolments, ways into a cohort, and imports of people."""

from participants.models.enrolments import (
    Answer,
    Enrolment,
    EnrolmentSource,
    EnrolmentStatus,
    MemberRole,
)
from participants.models.imports import ColumnMemory, ImportRow, ImportRun, ImportStep, RowAction
from participants.models.joining import (
    Consent,
    ConsentText,
    EnrolmentDraft,
    EnrolmentNote,
    Invitation,
    OfferOutcome,
    PlaceOffer,
    SignUpLink,
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

__all__ = [
    "HOURS_A_WEEK",
    "PHOTO_BYTES",
    "Answer",
    "ColumnMemory",
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
    "MemberRole",
    "OfferOutcome",
    "PlaceOffer",
    "Profile",
    "ProfilePhoto",
    "ProfileSkill",
    "RowAction",
    "SignUpLink",
    "Skill",
    "SkillDirection",
    "SkillSuggestion",
]
