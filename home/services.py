"""What touches a cohort and its matches at once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from matching.models import Match, MatchStatus
from matching.services.closing import end_match, leave_match
from matching.services.thread import write_message
from participants.models import Enrolment
from participants.services.staying import withdraw


def say_farewell(*, match: Match, actor: User, words: str, now: datetime) -> None:
    """Leave the others a few words before a match ends; without words nothing happens.

    They stand in the match's own messages, sealed as all of them; the mail about the end says only
    that they are there. Raises DomainError when they are too long.
    """
    if words.strip():
        write_message(match=match, actor=actor, text=words, now=now)


@transaction.atomic
def leave_with_words(*, match: Match, actor: User, words: str, now: datetime) -> bool:
    """Leave a circle to the others, with words to them; return whether it ended with that.

    Raises: as ``leave_match``; DomainError when the words are too long.
    """
    say_farewell(match=match, actor=actor, words=words, now=now)
    return leave_match(match=match, person=actor, actor=actor, now=now)


@transaction.atomic
def end_with_words(*, match: Match, actor: User, reason: str, words: str, now: datetime) -> Match:
    """End a match for everybody in it, with words to the others.

    Raises: as ``end_match``; DomainError when the words are too long.
    """
    say_farewell(match=match, actor=actor, words=words, now=now)
    return end_match(match=match, actor=actor, now=now, reason=reason)


@transaction.atomic
def leave_cohort(*, enrolment: Enrolment, actor: User, now: datetime, words: str = "") -> Enrolment:
    """Leave the open matches of this enrolment, then withdraw it. Nobody is told why.

    A match ends with that; a circle goes on while there are others to go on with.
    ``words`` go to those they were matched with.

    Effects: matches and members, the enrolment, audit rows; a freed place is offered on.

    Raises:
        Conflict: a match was ended by somebody else at the same moment.
    """
    open_matches = Match.objects.filter(
        members__enrolment=enrolment, members__left_at__isnull=True
    ).exclude(status=MatchStatus.ENDED)
    for match in open_matches:
        say_farewell(match=match, actor=actor, words=words, now=now)
        leave_match(match=match, person=actor, actor=actor, now=now)
    return withdraw(enrolment=enrolment, actor=actor, now=now)
