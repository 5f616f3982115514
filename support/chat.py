"""What a program's chat channel reads: counts of its week and a link, no name of anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import MANAGER, OWNER
from accounts.models import RoleGrant
from matching.models import MatchMember
from notifications.links import absolute
from participants.models import Enrolment, EnrolmentStatus
from programs.models import Program
from support.digest import LIVE, WEEK
from support.models import ChatChannel, WorkItem

# Marks of chat programs for links and for calling everybody.
PLAIN = str.maketrans({"<": "‹", ">": "›", "@": "＠"})


@dataclass(frozen=True)
class ProgramWeek:
    """How much of a program waits for its managers, and how much they have done."""

    waiting_count: int
    new_count: int
    applied_count: int
    closed_count: int

    @property
    def is_empty(self) -> bool:
        return not (self.waiting_count or self.applied_count or self.closed_count)


def week_of_program(program: Program, *, now: datetime) -> ProgramWeek:
    """Return the counts of a program, without what concerns its managers themselves.

    Kinds of items are not told apart: in a small program one alone could tell who it is about.
    """
    grants = RoleGrant.objects.filter(
        Q(program=program) | Q(program__isnull=True), role__in=(OWNER, MANAGER)
    )
    managers = grants.values("user")
    own = MatchMember.objects.filter(user__in=managers).values("match")
    rows = WorkItem.objects.filter(cohort__program=program).exclude(
        Q(match__isnull=False, match__in=own)
        | Q(enrolment__isnull=False, enrolment__user__in=managers)
    )
    waiting = rows.waiting(today=now.astimezone(UTC).date())
    found = rows.aggregate(
        new=Count("pk", filter=Q(opened_at__gte=now - WEEK, closed_at__isnull=True)),
        closed=Count("pk", filter=Q(closed_at__gte=now - WEEK) & ~Q(outcome="settled")),
    )
    applied = Enrolment.objects.filter(
        cohort__program=program, cohort__status__in=LIVE, status=EnrolmentStatus.APPLIED
    ).exclude(user__in=managers)
    return ProgramWeek(
        waiting_count=waiting.count(),
        new_count=found["new"],
        applied_count=applied.count(),
        closed_count=found["closed"],
    )


def text_of(week: ProgramWeek, program: Program) -> str:
    """Return the week in the language that is active, a sentence a line, and where to look."""
    lines = [_("%(program)s, this week:") % {"program": program.name.translate(PLAIN)}]
    for count, sentence in (
        (
            week.waiting_count,
            ngettext(
                "%(count)d thing waits for its managers.",
                "%(count)d things wait for its managers.",
                week.waiting_count,
            ),
        ),
        (
            week.new_count,
            ngettext("%(count)d of it is new.", "%(count)d of it are new.", week.new_count),
        ),
        (
            week.applied_count,
            ngettext(
                "%(count)d sign-up waits for a yes or no.",
                "%(count)d sign-ups wait for a yes or no.",
                week.applied_count,
            ),
        ),
        (
            week.closed_count,
            ngettext(
                "%(count)d was closed in the last week.",
                "%(count)d were closed in the last week.",
                week.closed_count,
            ),
        ),
    ):
        if count:
            lines.append(sentence % {"count": count})
    return "\n".join([*lines, absolute("support:queue")])


def trial_text(program: Program) -> str:
    """Return what a channel reads when somebody tries it out."""
    return _("A test of %(organisation)s: the managers of %(program)s read their week here.") % {
        "organisation": settings.ORGANISATION_NAME.translate(PLAIN),
        "program": program.name.translate(PLAIN),
    }


def channel_of(program_id: int) -> ChatChannel | None:
    return ChatChannel.objects.filter(program=program_id).first()
