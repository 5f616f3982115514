from support.models.announcing import (
    NAMED,
    Announcement,
    AnnouncementState,
    AnnouncementWords,
    CameBack,
    Segment,
)
from support.models.chat import ChatChannel, ChatPost, ChatPostState
from support.models.feed import (
    Feed,
    FeedAction,
    FeedColumn,
    FeedKind,
    FeedPerson,
    FeedRow,
    FeedSettings,
)
from support.models.health import (
    Effect,
    Health,
    HealthRule,
    HealthTurn,
    MatchFact,
    MatchHealth,
    TouchedMatch,
)
from support.models.help import (
    HelpAbout,
    HelpContact,
    HelpGuide,
    HelpOutcome,
    HelpRequest,
    HelpWords,
)
from support.models.leaving import Leaver
from support.models.queue import Helped, KeptApart, Outcome, WorkItem, WorkKind, WorkNote
from support.models.rehearsal import Rehearsal, RehearsedMail

__all__ = [
    "NAMED",
    "Announcement",
    "AnnouncementState",
    "AnnouncementWords",
    "CameBack",
    "ChatChannel",
    "ChatPost",
    "ChatPostState",
    "Effect",
    "Feed",
    "FeedAction",
    "FeedColumn",
    "FeedKind",
    "FeedPerson",
    "FeedRow",
    "FeedSettings",
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
    "KeptApart",
    "Leaver",
    "MatchFact",
    "MatchHealth",
    "Outcome",
    "Rehearsal",
    "RehearsedMail",
    "Segment",
    "TouchedMatch",
    "WorkItem",
    "WorkKind",
    "WorkNote",
]
