from support.models.health import Effect, Health, HealthRule, HealthTurn, MatchHealth
from support.models.queue import Helped, Outcome, WorkItem, WorkKind, WorkNote

__all__ = [
    "Effect",
    "Health",
    "HealthRule",
    "HealthTurn",
    "Helped",
    "MatchHealth",
    "Outcome",
    "WorkItem",
    "WorkKind",
    "WorkNote",
]
