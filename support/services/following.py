"""What follows for matches and places when somebody leaves, is away, or is back."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, Exists, F, Func, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from core.clock import local_day
from core.errors import Conflict, DomainError
from core.progress import Report, quiet
from notifications.models import MessagePreference
from notifications.quiet import QUIET_FROM, QUIET_UNTIL
from participants.importing.removing import among
from participants.models import Enrolment, EnrolmentStatus
from participants.services.places import TAKES_A_PLACE
from participants.services.staying import LONGEST_PAUSE_DAYS, end_pause, plan_pause
from support.feed.impact import engaged
from support.feed.rows import Facts
from support.models import FeedPerson, Leaver
from support.services.leaving import record_leaver, undo_leaver

LATEST = timedelta(days=30)
AHEAD = timedelta(days=365)
AT_ONCE = 500
REPORT_EVERY = 20
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Follower:
    """Carries HR's facts to the services that people's own acts go through."""

    actor: User | None
    now: datetime
    report: Report = quiet
    stage: str = "writing"
    left: list[str] = field(default_factory=list)
    _records: dict[int, FeedPerson] = field(default_factory=dict)

    def follow(self, turns: dict[int, tuple[Facts, Facts]]) -> None:
        """Follow what changed for people, by id: facts before and after. Eight queries, and those
        of the services for whoever takes part in a cohort.
        """
        places: dict[int, list[Enrolment]] = defaultdict(list)
        rows = engaged().filter(user__in=among(turns)).select_related("cohort__program", "user")
        for place in rows.order_by("pk"):
            places[place.user_id].append(place)
        noted = {row.person_id: row for row in _open_notes().filter(person__in=among(turns))}
        records = FeedPerson.objects.select_for_update().filter(user__in=among(places))
        self._records = {row.user_id: row for row in records}
        self._say_what_is_closed(turns, set(noted))
        for done, (pk, own) in enumerate(places.items()):
            if done % REPORT_EVERY == 0:
                self.report(self.stage, done, len(places))
            self._turn(own, *turns[pk], noted.get(pk))
        for pk in set(noted) - set(places):
            if turns[pk][1].gone_on is None:
                self._take_back(noted[pk])
        FeedPerson.objects.bulk_update(self._records.values(), ["pauses"], batch_size=1_000)
        self._keep_quiet(turns)

    def _turn(
        self, own: list[Enrolment], before: Facts, after: Facts, noted: Leaver | None
    ) -> None:
        has_moved = before.gone_on != after.gone_on
        if has_moved:
            self._go(own[0].user, after.gone_on, noted)
        if (before.leave_from, before.leave_until) == (after.leave_from, after.leave_until):
            return
        for place in own:
            if has_moved:
                place.refresh_from_db(fields=("status", "pause_from", "pause_until"))
            record = self._records.get(place.user_id) or FeedPerson(user_id=place.user_id)
            self._rest(place, record, after)

    def _go(self, person: User, on: date | None, noted: Leaver | None) -> None:
        if on is None:
            if noted is not None:
                self._take_back(noted)
            return
        today = local_day(self.now, person.time_zone)
        if noted is not None and noted.rested_at is not None:
            if on <= today:
                return  # their matches rest already
            self._take_back(noted)
        day = max(on, today - LATEST)
        with suppress(Conflict):  # rests since a moment ago
            record_leaver(person=person, on=day, actor=self.actor, now=self.now)

    def _take_back(self, noted: Leaver) -> None:
        undone = undo_leaver(leaver=noted, actor=self.actor, now=self.now)
        names = [*undone.named_cohorts_left, *[_("a cohort")] * undone.has_discreet_left]
        if names:
            self.left.append(
                _("A place stays as it is, because this is over meanwhile: %(cohorts)s.")
                % {"cohorts": get_text_list(names, _("and"))}
            )

    def _say_what_is_closed(
        self, turns: dict[int, tuple[Facts, Facts]], open_for: set[int]
    ) -> None:
        """Say for how many who are back the matches were closed meanwhile. One query, or none."""
        back = {pk for pk, (was, will) in turns.items() if was.gone_on and not will.gone_on}
        back -= open_for
        if not back:
            return
        last = (
            Leaver.objects.filter(person__in=among(back), program__isnull=True)
            .order_by("person_id", "-pk")
            .distinct("person_id")
        )
        since = self.now - LATEST
        count = sum(row.closed_at is not None and row.closed_at >= since for row in last)
        if count:
            self.left.append(
                ngettext(
                    "The matches and places of %(count)d person have ended, and stay so.",
                    "The matches and places of %(count)d people have ended, and stay so.",
                    count,
                )
                % {"count": count}
            )

    def _rest(self, place: Enrolment, record: FeedPerson, after: Facts) -> None:
        """Let a place pause as HR says; a pause that people made themselves is theirs.

        One that lasts as long stays for good, a shorter one until it is over.
        """
        if place.status not in TAKES_A_PLACE:
            return
        key = str(place.pk)
        is_ours = _days(place.pause_from, place.pause_until) == record.pauses.get(key, ())
        if after.leave_from is None:
            record.pauses.pop(key, None)
            if is_ours:
                end_pause(enrolment=place, actor=self.actor, now=self.now)
            return
        zone = (self.actor or place.user).time_zone
        first = max(after.leave_from, local_day(self.now, zone))
        last = after.leave_until
        if last is not None:
            last = min(last, first + timedelta(days=LONGEST_PAUSE_DAYS))
            if last < first:
                return
        if not is_ours and _is_pausing(place) and not _is_within(place, first, last):
            self._leave_be(place, record, last)
        else:
            self._pause(place, record, first, last)

    def _leave_be(self, place: Enrolment, record: FeedPerson, last: date | None) -> None:
        if _rests_with_a_leaver(place):
            return
        key = str(place.pk)
        record.pauses.pop(key, None)
        if _lasts_as_long(place, last):
            record.pauses[key] = None
            self._say(place, _("The pause that was there stays."))

    def _pause(self, place: Enrolment, record: FeedPerson, first: date, last: date | None) -> None:
        try:
            plan_pause(
                enrolment=place, actor=self.actor, now=self.now, pause_from=first, pause_until=last
            )
        except DomainError as error:
            self._say(place, str(error))
        else:
            record.pauses[str(place.pk)] = _days(first, last)

    def _say(self, place: Enrolment, sentence: str) -> None:
        who = _("Somebody in a cohort") if place.cohort.program.is_discreet else str(place.user)
        self.left.append(f"{who}: {sentence}")

    def go_late(self, person_id: int) -> None:
        """Note that somebody leaves of whom HR said so before they had a place."""
        record = _locked(person_id)
        if record is not None and record.gone_on is not None:
            self._go(record.user, record.gone_on, None)

    def rest_late(self, place: Enrolment) -> None:
        """Pause a place that somebody took after HR had said that they are away."""
        record = _locked(place.user_id)
        if record is not None and str(place.pk) not in record.pauses:
            place.refresh_from_db(fields=("status", "pause_from", "pause_until"))
            self._rest(place, record, Facts(None, record.leave_from, record.leave_until))
            record.save(update_fields=("pauses",))

    def _keep_quiet(self, turns: dict[int, tuple[Facts, Facts]]) -> None:
        """Let mail wait during a leave with both days, where people have said nothing else."""
        turns = {
            pk: (before, after)
            for pk, (before, after) in turns.items()
            if (before.leave_from, before.leave_until) != (after.leave_from, after.leave_until)
        }
        chosen = {row.user_id: row for row in _wishes(turns)}
        changed = []
        for pk, (before, after) in turns.items():
            own = chosen.get(pk) or MessagePreference(
                user_id=pk, quiet_from=QUIET_FROM, quiet_until=QUIET_UNTIL
            )
            was = (before.leave_from, before.leave_until if before.leave_from else None)
            if (own.leave_from, own.leave_until) not in ((None, None), was):
                continue
            first = after.leave_from if after.leave_until else None
            wanted = (first, after.leave_until)
            if (own.leave_from, own.leave_until) != wanted:
                own.leave_from, own.leave_until = wanted
                own.changed_at = self.now
                changed.append(own)
        MessagePreference.objects.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=("user",),
            update_fields=("leave_from", "leave_until", "changed_at"),
        )


def follow_late(*, now: datetime) -> int:
    """Let leave and pause who took a place after HR had said it; return how many.

    Each stands alone: one that fails is logged and tried again by the next sweep. Whoever was taken
    back by hand since stays.
    """
    follower = Follower(actor=None, now=now)
    done = sum(_is_done(follower.go_late, pk) for pk in _late_leavers(now))
    return done + sum(_is_done(follower.rest_late, place) for place in _late_leaves(now))


def _is_done(carry: Callable[[Any], None], what: Any) -> bool:
    try:
        with transaction.atomic():
            carry(what)
    except Exception:
        log.exception("what HR said before %s had a place could not be followed", what)
        return False
    return True


def _late_leavers(now: datetime) -> list[int]:
    own = Leaver.objects.filter(person=OuterRef("user"), program__isnull=True)
    late = (
        engaged()
        .filter(user__hr_record__gone_on__lte=now.date() + AHEAD)
        .exclude(Exists(own.filter(undone_at__isnull=True, closed_at__isnull=True)))
        .exclude(
            Exists(
                own.filter(
                    undone_at__isnull=False, leaves_on__gte=OuterRef("user__hr_record__gone_on")
                )
            )
        )
    )
    return list(late.order_by("user_id").values_list("user_id", flat=True).distinct()[:AT_ONCE])


def _late_leaves(now: datetime) -> list[Enrolment]:
    is_followed = Func(
        F("user__hr_record__pauses"),
        Cast("pk", TextField()),
        function="jsonb_exists",
        output_field=BooleanField(),
    )
    late = (
        engaged()
        .alias(is_followed=is_followed)
        .filter(
            status=EnrolmentStatus.ENROLLED,
            pause_from__isnull=True,
            user__hr_record__leave_from__lte=now.date() + AHEAD,
            is_followed=False,
        )
        .exclude(user__hr_record__leave_until__lt=now.date())
    )
    return list(late.select_related("cohort__program", "user").order_by("pk")[:AT_ONCE])


def _locked(person_id: int) -> FeedPerson | None:
    """Return HR's record of somebody, unless a list is just writing it."""
    rows = FeedPerson.objects.select_for_update(of=("self",), skip_locked=True)
    return rows.select_related("user").filter(user=person_id).first()


def _open_notes() -> QuerySet[Leaver]:
    return Leaver.objects.filter(
        program__isnull=True, undone_at__isnull=True, closed_at__isnull=True
    )


def _days(first: date | None, last: date | None) -> list[str | None]:
    return [day.isoformat() if day else None for day in (first, last)]


def _is_pausing(place: Enrolment) -> bool:
    return place.status == EnrolmentStatus.PAUSED or place.pause_from is not None


def _rests_with_a_leaver(place: Enrolment) -> bool:
    notes = Leaver.objects.filter(undone_at__isnull=True, closed_at__isnull=True)
    return notes.filter(person=place.user_id, rested_enrolments__contains=[place.pk]).exists()


def _is_within(place: Enrolment, first: date, last: date | None) -> bool:
    """Tell whether a pause that has not begun lies wholly within these days."""
    if place.status == EnrolmentStatus.PAUSED or place.pause_from is None:
        return False
    return place.pause_from >= first and not _lasts_longer(place, last)


def _lasts_longer(place: Enrolment, last: date | None) -> bool:
    return last is not None and (place.pause_until is None or place.pause_until > last)


def _lasts_as_long(place: Enrolment, last: date | None) -> bool:
    return place.pause_until is None or (last is not None and place.pause_until >= last)


def _wishes(people: Iterable[int]) -> Iterable[MessagePreference]:
    return MessagePreference.objects.filter(user__in=among(people))
