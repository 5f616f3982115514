from support.models.health import Effect, Health, HealthRule, HealthTurn, MatchHealth
from support.models.help import (
    HelpAbout,
    HelpContact,
    HelpGuide,
    HelpOutcome,
    HelpRequest,
    HelpWords,
)
from support.models.queue import Helped, Outcome, WorkItem, WorkKind, WorkNote

__all__ = [
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
    "MatchHealth",
    "Outcome",
    "WorkItem",
    "WorkKind",
    "WorkNote",
]
