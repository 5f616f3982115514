"""Let somebody join a circle that works already."""

from __future__ import annotations

from datetime import datetime

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import Conflict, DomainError
from matching import refusals
from matching.models import Match, MatchMember, MatchStatus
from matching.services.review import BrokenRules, refuse_own
from matching.services.runs import CAN_PAIR
from matching.standing_circles import rooms_for, waiting_for_a_circle
from notifications.services import queue_message
from participants.models import Enrolment, MemberRole


@transaction.atomic
def join_circle(*, match: Match, mentee: Enrolment, actor: User, now: datetime) -> MatchMember:
    """Seat a mentee who waits in an open circle with room; nobody else moves.

    Effects: locks the match; one member, the match's reasons and average, one audit row, a message
    to the mentee that they are matched and one to the others that somebody joins.

    Raises:
        BrokenRules: a rule keeps the mentee apart from somebody in it.
        Conflict: it has ended, rests or is full, or the mentee is in a match or in a draft.
        DomainError: they are no mentee of the cohort, or pairing leaves them out.
        NotAllowed: it concerns the actor.
    """
    held = Match.objects.select_for_update(of=("self",), no_key=True).select_related(
        "cohort__program"
    )
    row = held.get(pk=match.pk)
    if row.status != MatchStatus.ACTIVE or row.cohort.status not in CAN_PAIR:
        raise Conflict(_("This circle has ended or rests."))
    if not row.cohort.program.is_of_circles or (mentee.cohort_id, mentee.role) != (
        row.cohort_id,
        MemberRole.MENTEE,
    ):
        raise DomainError(_("Choose a mentee of this cohort."), code="mentee")
    Enrolment.objects.select_for_update(no_key=True).get(pk=mentee.pk)
    if MatchMember.objects.current().filter(enrolment=mentee).exists():
        raise Conflict(_("This person is in a match already."))
    members = MatchMember.objects.current().filter(match=row).select_related("enrolment", "user")
    others = list(members)
    refuse_own(actor, mentee, *(member.enrolment for member in others))
    if not waiting_for_a_circle(row.cohort, actor).filter(pk=mentee.pk).exists():
        raise Conflict(_("Take this person out of the draft first."))
    rooms = rooms_for(mentee, Match.objects.filter(pk=row.pk))
    if not rooms:
        raise Conflict(_("This circle is full."))
    if rooms[0].rules:
        raise BrokenRules(rooms[0].rules)
    try:
        with transaction.atomic():
            made: MatchMember = MatchMember.objects.create(
                match=row, enrolment=mentee, user_id=mentee.user_id, role=mentee.role, joined_at=now
            )
    except DatabaseError as error:
        raise refusals.explain(error) from error
    seats = sum(member.role == MemberRole.MENTEE for member in others)
    Match.objects.filter(pk=row.pk).update(
        score=(F("score") * seats + rooms[0].points) / (seats + 1),
        contributions=[
            *row.contributions,
            *({**part, "seat": mentee.user_id} for part in rooms[0].contributions),
        ],
    )
    record(
        actor=actor,
        action="match.joined",
        about=row,
        now=now,
        program_id=row.cohort.program_id,
        detail={"enrolment": mentee.pk},
    )
    _tell(row, mentee, [member.user for member in others], made, now)
    return made


def _tell(
    match: Match, mentee: Enrolment, others: list[User], made: MatchMember, now: datetime
) -> None:
    told = [("matching.matched", mentee.user, f"{made.pk}")]
    told += [("matching.joined", person, f"{made.pk}") for person in others]
    for kind, person, occasion in told:
        queue_message(
            kind=kind,
            recipient=person,
            object_id=match.pk,
            occasion=occasion,
            program_id=match.cohort.program_id,
            cohort_id=match.cohort_id,
            match_id=match.pk,
            now=now,
        )
