"""What was sent to whom in a cohort, what was skipped and why, and what holds mail back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.access import IT, MANAGER, OWNER, has_organisation_role, has_role
from accounts.models import User
from core.names import listed
from matching.concerns import own_match_ids, own_partner_ids
from matching.models import Match, MatchMember
from notifications import registry
from notifications.models import (
    Bounce,
    Message,
    MessagePause,
    MessageState,
    Notice,
    PauseScope,
)
from notifications.reasons import shown
from notifications.registry import MessageKind
from participants.models import Enrolment
from programs.models import Cohort

TONES = {
    MessageState.SENT: ("good", "check"),
    MessageState.FAILED: ("bad", "circle-alert"),
    MessageState.UNKNOWN: ("warn", "circle-question-mark"),
    MessageState.SKIPPED: ("", "minus"),
}
ASKS_ABOUT_MATCH = "feedback."
SEARCHED = ("recipient__name_key__contains", "recipient__email__icontains")


@dataclass(frozen=True)
class Line:
    """One row of the ledger as a manager reads it: never its words."""

    message: Message
    kind: MessageKind | None
    is_shown: bool = False

    @property
    def title(self) -> str:
        return str((self.kind and self.kind.title) or self.message.kind)

    @property
    def why(self) -> str:
        return self.message.get_waits_for_display() or shown(self.message.reason)

    @property
    def channels(self) -> str:
        """Return by which ways it reaches the person: by mail, in their inbox, or both."""
        is_mailed = self.message.state != MessageState.SKIPPED
        if not self.is_shown:
            return _("By e-mail") if is_mailed else ""
        return _("By e-mail and in the inbox") if is_mailed else _("In the inbox only")

    @property
    def tone(self) -> str:
        return TONES.get(MessageState(self.message.state), ("brand", "clock"))[0]

    @property
    def icon(self) -> str:
        return TONES.get(MessageState(self.message.state), ("brand", "clock"))[1]

    @property
    def can_go_again(self) -> bool:
        return self.message.state in (MessageState.FAILED, MessageState.UNKNOWN)


@dataclass(frozen=True)
class Look:
    """What of a cohort's mail one looks at: one person's, one match's, or all of it."""

    cohort: Cohort
    person: User | None = None
    match: Match | None = None

    @property
    def query(self) -> str:
        if self.person is not None:
            return f"?person={self.person.pk}"
        return f"?match={self.match.pk}" if self.match is not None else ""


def look_at(cohort: Cohort, user: User, *, person: int | None, match: int | None) -> Look | None:
    """Return what is asked for, or None when it is not of this cohort or the manager's own."""
    if person is not None:
        of_cohort = Enrolment.objects.filter(cohort=cohort, user=person).select_related("user")
        found = of_cohort.first()
        return Look(cohort, person=found.user) if found else None
    if match is not None:
        rows = Match.objects.filter(cohort=cohort).exclude(pk__in=own_match_ids(user))
        pair = rows.filter(pk=match).first()
        return Look(cohort, match=pair) if pair else None
    return Look(cohort)


def messages_of(look: Look, user: User) -> QuerySet[Message]:
    """Return the cohort's rows, newest first; of one's own matches, one's own mail only."""
    rows = Message.objects.filter(cohort_id=look.cohort.pk).exclude(_of_own_match(user))
    if look.person is not None:
        rows = rows.filter(recipient=look.person)
    if look.match is not None:
        rows = rows.filter(match_id=look.match.pk)
    return rows.select_related("recipient").order_by("-id")


def _of_own_match(user: User) -> Q:
    """Mail about the reader's own matches to others, and the questions their partners are asked."""
    about = Q(match_id__in=own_match_ids(user)) & ~Q(recipient=user)
    asked = Q(kind__startswith=ASKS_ABOUT_MATCH, recipient__in=own_partner_ids(user))
    return about | asked


def lines(messages: list[Message]) -> list[Line]:
    """Return rows as a manager reads them, and whether they stand in inboxes. One query."""
    shown = set(Notice.objects.filter(message__in=messages).values_list("message_id", flat=True))
    return [Line(message, registry.find(message.kind), message.pk in shown) for message in messages]


def partner_names(match: Match) -> str:
    members = MatchMember.objects.filter(match=match, left_at__isnull=True)
    rows = members.select_related("user").order_by("user__name_key")
    return listed([member.user.get_full_name() for member in rows])


def pauses_of(look: Look, user: User) -> QuerySet[MessagePause]:
    """Return the open pauses that hold something of this cohort's mail, none about the reader."""
    cohort = look.cohort
    everywhere = Q(program_id=cohort.program_id) | Q(program_id__isnull=True)
    people = Enrolment.objects.filter(cohort=cohort).values("user")
    holds = (
        Q(scope=PauseScope.EVERYTHING) & everywhere
        | Q(scope=PauseScope.PERSON, person__in=people) & everywhere
        | Q(scope=PauseScope.COHORT, cohort_id=cohort.pk)
        | Q(scope=PauseScope.MATCH, match_id__in=Match.objects.filter(cohort=cohort).values("pk"))
    )
    own = Q(person=user) | Q(match_id__in=own_match_ids(user))
    rows = MessagePause.objects.filter(holds, ended_at__isnull=True).exclude(own)
    return rows.select_related("person", "paused_by")


def bounces_of(look: Look) -> QuerySet[Bounce]:
    """Return the addresses that take no mail, of those whose mail one looks at."""
    people = Enrolment.objects.filter(cohort=look.cohort)
    if look.person is not None:
        people = people.filter(user=look.person)
    if look.match is not None:
        members = MatchMember.objects.filter(match=look.match, left_at__isnull=True)
        people = people.filter(pk__in=members.values("enrolment"))
    rows = Bounce.objects.filter(user__in=people.values("user"), lifted_at__isnull=True)
    return rows.select_related("user").order_by("-bounced_at")


def may_pause_everything(user: User) -> bool:
    """Tell whether this person may hold all mail of the organisation."""
    return user.is_superuser or has_organisation_role(user, (OWNER, MANAGER)) or has_role(user, IT)


def may_end(user: User, pause: MessagePause) -> bool:
    """Whoever manages a program may end what was paused there; what holds all mail, fewer."""
    return pause.program_id is not None or may_pause_everything(user)


def kinds() -> list[tuple[str, Any]]:
    found = ((kind.name, str(kind.title or kind.name)) for kind in registry.every_kind())
    return sorted(found, key=lambda choice: choice[1])
