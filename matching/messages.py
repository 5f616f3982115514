"""The mails to the people of a match: that it is made, how it begins, that it ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.names import listed
from matching.begin_steps import counted, is_pair
from matching.beginning import beginning_of
from matching.models import EndReason, Match, MatchMember, MatchStatus, ThreadMessage
from matching.reasons import told_to
from matching.selectors import partners_of
from matching.services.absences import tell_of_absences
from matching.services.beginning import READY, WAITING
from matching.thread import unread_for_system, wants_words
from notifications import registry
from notifications.links import absolute
from notifications.models import Message
from notifications.registry import MessageKind, Planner, Share
from participants.models import EnrolmentStatus, MemberRole

MOST_MAILED = 20


def register() -> None:
    registry.register(
        MessageKind(
            name="matching.matched",
            template="mail/matching/matched",
            title=gettext_lazy("Your match"),
            why=gettext_lazy("You get this because you take part in a mentoring program."),
            is_required=True,
            may_stop=False,
            is_still_due=_is_still_due,
            context=_context,
        )
    )
    registry.register(
        MessageKind(
            name="matching.begin",
            asks=True,
            template="mail/matching/begin",
            title=gettext_lazy("Beginning a match"),
            why=gettext_lazy("You get this because your match waits for something of yours."),
            is_required=False,
            may_stop=True,
            is_still_due=_begin_is_still_due,
            context=_begin_context,
        )
    )
    registry.register(
        MessageKind(
            name="matching.ended",
            template="mail/matching/ended",
            title=gettext_lazy("The end of a match"),
            why=gettext_lazy("You get this because you took part in this match."),
            is_required=True,
            may_stop=False,
            is_still_due=lambda message, now: "",
            context=_ended_context,
        )
    )
    registry.register(
        MessageKind(
            name="matching.joined",
            template="mail/matching/joined",
            title=gettext_lazy("Somebody joins your circle"),
            why=gettext_lazy("You get this because you are in this circle."),
            is_required=True,
            may_stop=False,
            is_still_due=_joined_is_still_due,
            context=_joined_context,
        )
    )
    registry.register(
        MessageKind(
            name="matching.left",
            template="mail/matching/left",
            title=gettext_lazy("Somebody leaves your circle"),
            why=gettext_lazy("You get this because you are in this circle."),
            is_required=True,
            may_stop=False,
            is_still_due=_is_still_due,
            context=_left_context,
        )
    )
    registry.register(
        MessageKind(
            name="matching.away",
            template="mail/matching/away",
            title=gettext_lazy("Somebody of your match is away"),
            why=gettext_lazy("You get this because somebody of your match pauses for a while."),
            is_required=False,
            may_stop=True,
            share=Share.NONE,
            is_still_due=_away_is_still_due,
            context=_away_context,
        )
    )
    registry.register(
        MessageKind(
            name="matching.rests",
            template="mail/matching/rests",
            title=gettext_lazy("A match rests, or goes on"),
            why=gettext_lazy("You get this because you are in this match."),
            is_required=False,
            may_stop=True,
            share=Share.NONE,
            is_still_due=_rests_is_still_due,
            context=_rests_context,
        )
    )
    registry.register_planner(Planner("matching.absences", tell_of_absences))
    registry.register(
        MessageKind(
            name="matching.thread",
            asks=True,
            template="mail/matching/thread",
            title=gettext_lazy("Messages of your match"),
            why=gettext_lazy("You get this because somebody of your match wrote to you."),
            is_required=True,
            may_stop=True,
            shows_text=False,
            is_still_due=_thread_is_still_due,
            context=_thread_context,
        )
    )


def _is_still_due(message: Message, now: datetime) -> str:
    member = _membership(message)
    if member is None:
        return _("The person is not in this match any more.")
    if member.match.status == MatchStatus.ENDED:
        return _("The match ended meanwhile.")
    return ""


def _context(message: Message) -> dict[str, Any]:
    match = Match.objects.select_related("cohort__program").get(pk=message.object_id or 0)
    member = _membership(message)
    role = member.role if member else ""
    partners = partners_of(match, message.recipient)
    names = [partner.user.get_full_name() for partner in partners]
    return {
        "names": listed(names),
        "partners": partners,
        "program": match.cohort.program,
        "reasons": told_to(
            message.recipient_id,
            role,
            match.contributions,
            names={partner.user_id: partner.user.get_short_name() for partner in partners},
        ),
        "is_mentee": role == MemberRole.MENTEE,
        "url": absolute("match", match.pk),
    }


def _membership(message: Message) -> MatchMember | None:
    return (
        MatchMember.objects.current()
        .select_related("match")
        .filter(match=message.object_id or 0, user=message.recipient_id)
        .first()
    )


def _begin_is_still_due(message: Message, now: datetime) -> str:
    member = _membership(message)
    if member is None:
        return _("The person is not in this match any more.")
    where = beginning_of(member.match)
    waits = {
        WAITING: message.recipient_id not in where.answered,
        READY: where.all_answered and not where.number,
    }.get(
        message.occasion,
        message.occasion == f"agreement-{where.number}"
        and message.recipient_id not in where.signed,
    )
    return "" if waits else _("Done already, or changed meanwhile.")


def _begin_context(message: Message) -> dict[str, Any]:
    match = Match.objects.get(pk=message.object_id or 0)
    what = {WAITING: "waiting", READY: "ready"}.get(message.occasion, "agreement")
    page = "together:agreement" if what == "agreement" else "together:expectations"
    where = beginning_of(match)
    done = where.signed if what == "agreement" else where.answered
    return {
        "what": what,
        "names": _names(message, match),
        "is_pair": is_pair(where),
        **counted(where, done),
        "url": absolute(page, match.pk),
    }


def _ended_context(message: Message) -> dict[str, Any]:
    match = Match.objects.select_related("cohort__program").get(pk=message.object_id or 0)
    seat = (
        MatchMember.objects.filter(match=match, user=message.recipient_id)
        .select_related("enrolment")
        .first()
    )
    left_words = ThreadMessage.objects.filter(
        match=match, sent_at=message.created_at, removed_at__isnull=True
    )
    return {
        "names": _names(message, match),
        "is_done": match.end_reason in (EndReason.COMPLETED, EndReason.GOALS_REACHED),
        "has_words": left_words.exclude(author=message.recipient_id).exists(),
        "words_url": absolute("together:thread", match.pk),
        "may_match_again": seat is not None
        and seat.role == MemberRole.MENTEE
        and seat.enrolment.status == EnrolmentStatus.ENROLLED
        and match.end_reason not in (EndReason.COMPLETED, EndReason.GOALS_REACHED),
        "standing_url": absolute("enrolment_status", seat.enrolment_id) if seat else "",
        "contact": match.cohort.program.contact_name or _("Your program manager"),
        "url": absolute("match", match.pk),
    }


def _newcomer(message: Message) -> MatchMember | None:
    members = MatchMember.objects.current().filter(match=message.object_id)
    pk = message.occasion if message.occasion.isdigit() else None
    return members.filter(pk=pk).select_related("user").first() if pk else None


def _joined_is_still_due(message: Message, now: datetime) -> str:
    if _newcomer(message) is None:
        return _("The person is not in this match any more.")
    return _is_still_due(message, now)


def _joined_context(message: Message) -> dict[str, Any]:
    newcomer = _newcomer(message)
    return {**_left_context(message), "newcomer": newcomer.user if newcomer else None}


def _left_context(message: Message) -> dict[str, Any]:
    match = Match.objects.select_related("cohort__program").get(pk=message.object_id or 0)
    return {
        "names": _names(message, match),
        "program": match.cohort.program,
        "contact": match.cohort.program.contact_name or _("Your program manager"),
        "url": absolute("match", match.pk),
    }


def _absent(message: Message) -> list[MatchMember]:
    """Return who of the match pauses now, without the reader."""
    members = MatchMember.objects.current().filter(
        match=message.object_id or 0, enrolment__status=EnrolmentStatus.PAUSED
    )
    return list(
        members.exclude(user=message.recipient_id)
        .select_related("user", "enrolment")
        .order_by("pk")
    )


def _away_is_still_due(message: Message, now: datetime) -> str:
    member = _membership(message)
    if member is None or member.match.status != MatchStatus.ACTIVE:
        return _("The person is not in this match any more.")
    message.found = _absent(message)
    return "" if message.found else _("They are back already.")


def _away_context(message: Message) -> dict[str, Any]:
    absent: list[MatchMember] = message.found  # what is_still_due has just read
    until = {member.enrolment.pause_until for member in absent}
    return {
        "names": listed([member.user.get_short_name() for member in absent]),
        "number": len(absent),
        "until": until.pop() if len(until) == 1 else None,
        "url": absolute("match", message.object_id or 0),
    }


def _rests_is_still_due(message: Message, now: datetime) -> str:
    member = _membership(message)
    if member is None:
        return _("The person is not in this match any more.")
    same = member.match.status == message.occasion.partition("-")[0]
    return "" if same else _("Done already, or changed meanwhile.")


def _rests_context(message: Message) -> dict[str, Any]:
    match = Match.objects.get(pk=message.object_id or 0)
    return {
        "names": _names(message, match),
        "rests": match.status == MatchStatus.PAUSED,
        "url": absolute("match", match.pk),
    }


def _names(message: Message, match: Match) -> str:
    partners = partners_of(match, message.recipient)
    return listed([partner.user.get_short_name() for partner in partners])


def _thread_is_still_due(message: Message, now: datetime) -> str:
    member = _membership(message)
    if member is None or member.match.status == MatchStatus.ENDED:
        return _("The person is not in this match any more.")
    rows = unread_for_system(message.object_id or 0, message.recipient_id)
    message.found = list(rows.select_related("author")[:MOST_MAILED])
    return "" if message.found else _("Read or removed meanwhile.")


def _thread_context(message: Message) -> dict[str, Any]:
    unread: list[ThreadMessage] = message.found  # what is_still_due has just read
    authors = dict.fromkeys(row.author.get_short_name() for row in unread)
    return {
        "names": listed(list(authors)),
        "entries": unread if wants_words(message.recipient) else [],
        "url": absolute("together:thread", message.object_id or 0),
    }
