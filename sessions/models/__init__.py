"""Meetings of a match, planned and held; their words; calendars."""

from sessions.models.calendars import BusyCalendar, BusyFault, BusyTime, CalendarFeed
from sessions.models.meetings import (
    LONGEST_MINUTES,
    ActionItem,
    Meeting,
    MeetingAttendee,
    MeetingHow,
    MeetingKind,
    MeetingRating,
    MeetingStatus,
    PrivateNote,
    SharedSummary,
)
from sessions.models.planning import (
    MOST_SLOTS,
    LeftOut,
    MatchRoom,
    MeetingPlan,
    MeetingProposal,
    MeetingSeries,
    ProposalPlan,
    ProposalState,
    ProposedSlot,
    SeriesPlan,
    SeriesRule,
)
from sessions.models.talking import AgendaItem, LogDraft

__all__ = [
    "LONGEST_MINUTES",
    "MOST_SLOTS",
    "ActionItem",
    "AgendaItem",
    "BusyCalendar",
    "BusyFault",
    "BusyTime",
    "CalendarFeed",
    "LeftOut",
    "LogDraft",
    "MatchRoom",
    "Meeting",
    "MeetingAttendee",
    "MeetingHow",
    "MeetingKind",
    "MeetingPlan",
    "MeetingProposal",
    "MeetingRating",
    "MeetingSeries",
    "MeetingStatus",
    "PrivateNote",
    "ProposalPlan",
    "ProposalState",
    "ProposedSlot",
    "SeriesPlan",
    "SeriesRule",
    "SharedSummary",
]
