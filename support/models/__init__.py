from support.models.announcing import (
    Announcement,
    AnnouncementState,
    AnnouncementWords,
    Segment,
)
from support.models.health import Effect, Health, HealthRule, HealthTurn, MatchFact, MatchHealth
from support.models.help import (
    HelpAbout,
    HelpContact,
    HelpGuide,
    HelpOutcome,
    HelpRequest,
    HelpWords,
)
from support.models.leaving import Leaver
from support.models.queue import Helped, Outcome, WorkItem, WorkKind, WorkNote
from support.models.rehearsal import Rehearsal, RehearsedMail

__all__ = [
    "Announcement",
    "AnnouncementState",
    "AnnouncementWords",
    "Effect",
    "Health",
    "HealthRule",
    "HealthTurn",
    "HelpAbout",
    "HelpContact",
    "HelpGuide",
    "HelpOutcome",
    "HelpRequest",
    "HelpWords",
    "Helped",
    "Leaver",
    "MatchFact",
    "MatchHealth",
    "Outcome",
    "Rehearsal",
    "RehearsedMail",
    "Segment",
    "WorkItem",
    "WorkKind",
    "WorkNote",
]
