"""What follows for places and mail when a list from HR says that somebody is on leave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from accounts.models import User
from core.clock import local_day
from core.errors import DomainError
from notifications.models import MessagePreference
from notifications.quiet import QUIET_FROM, QUIET_UNTIL
from participants.importing.removing import among
from participants.models import TAKES_PART, Enrolment, EnrolmentStatus
from participants.services.staying import LONGEST_PAUSE_DAYS, end_pause, plan_pause
from support.feed.rows import Facts
from support.leavers import notes_that_hold, open_notes
from support.models import FeedPerson

Days = list[str | None]


@dataclass(frozen=True, slots=True)
class Absences:
    """Pauses places as HR says; a pause that people made themselves is theirs.

    ``pauses`` of HR's record holds what was done by the id of a place: the days of the leave's
    pause, behind them those of a later pause that people had planned and that comes back; null
    where a pause of theirs that lasts as long stays instead.
    """

    actor: User | None
    now: datetime
    left: list[str]

    def rest(self, place: Enrolment, record: FeedPerson, after: Facts) -> None:
        """Let a place pause during a leave, or end the pause that followed from one."""
        if place.status not in TAKES_PART:
            return
        key = str(place.pk)
        held: Days = record.pauses.get(key) or []
        is_ours = _days(place.pause_from, place.pause_until) == held[:2]
        today = self._today(place)
        if after.leave_from is None or after.is_back_by(today):
            record.pauses.pop(key, None)
            if is_ours:
                self._wake(place)
            if is_ours or place.pause_from is None:
                self.give_back(place, held[2:])
            return
        first = max(after.leave_from, today)
        last = after.leave_until
        if last is not None:
            last = min(last, first + timedelta(days=LONGEST_PAUSE_DAYS))
        if is_ours:
            if first > today:
                self._wake(place)
            self._pause(place, record, (first, last), held[2:])
        elif place.status == EnrolmentStatus.PAUSED or _begins_by(place, first):
            self._leave_be(place, record, last)
        else:
            later = _days(place.pause_from, place.pause_until) if place.pause_from else []
            self._pause(place, record, (first, last), later)

    def _wake(self, place: Enrolment) -> None:
        """End the pause of a leave; a place that rests for who leaves as well rests on with that.

        The person is locked, and so are their notes.
        """
        note = notes_that_hold(place).first()
        if note is None:
            end_pause(enrolment=place, actor=self.actor, now=self.now)
            return
        note.rested_enrolments = sorted({*note.rested_enrolments, place.pk})
        note.save(update_fields=("rested_enrolments",))
        Enrolment.objects.filter(pk=place.pk).update(pause_from=None, pause_until=None)

    def _leave_be(self, place: Enrolment, record: FeedPerson, last: date | None) -> None:
        if _rests_with_a_leaver(place):
            return
        key = str(place.pk)
        record.pauses.pop(key, None)
        if place.pause_until is None or (last is not None and place.pause_until >= last):
            record.pauses[key] = None
            self._say(place, _("The pause that was there stays."))

    def _pause(
        self,
        place: Enrolment,
        record: FeedPerson,
        days: tuple[date, date | None],
        later: Days,
    ) -> None:
        first, last = days
        try:
            plan_pause(
                enrolment=place, actor=self.actor, now=self.now, pause_from=first, pause_until=last
            )
        except DomainError as error:
            self._say(place, str(error))
        else:
            record.pauses[str(place.pk)] = [*_days(first, last), *later]

    def give_back(self, place: Enrolment, later: Days) -> None:
        """Plan anew, as far as it is to come, the pause that people had planned themselves."""
        if not later or later[0] is None or place.status not in TAKES_PART:
            return
        first = max(date.fromisoformat(later[0]), self._today(place))
        last = date.fromisoformat(later[1]) if later[1] else None
        if last is None or last >= first:
            plan_pause(
                enrolment=place, actor=self.actor, now=self.now, pause_from=first, pause_until=last
            )

    def _today(self, place: Enrolment) -> date:
        return local_day(self.now, (self.actor or place.user).time_zone)

    def _say(self, place: Enrolment, sentence: str) -> None:
        """Say what did not follow; of discreet programs nothing, not even that there is one."""
        if not place.cohort.program.is_discreet:
            self.left.append(f"{place.user}: {sentence}")


def keep_quiet(turns: dict[int, tuple[Facts, Facts]], *, now: datetime) -> None:
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
        is_over = own.leave_until is not None and own.leave_until < now.date()
        if not is_over and (own.leave_from, own.leave_until) not in ((None, None), was):
            continue
        first = after.leave_from if after.leave_until else None
        wanted = (first, after.leave_until)
        if (own.leave_from, own.leave_until) != wanted:
            own.leave_from, own.leave_until = wanted
            own.changed_at = now
            changed.append(own)
    MessagePreference.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=("user",),
        update_fields=("leave_from", "leave_until", "changed_at"),
    )


def _begins_by(place: Enrolment, first: date) -> bool:
    return place.pause_from is not None and place.pause_from <= first


def _rests_with_a_leaver(place: Enrolment) -> bool:
    notes = open_notes(everywhere_only=False)
    return notes.filter(person=place.user_id, rested_enrolments__contains=[place.pk]).exists()


def _days(first: date | None, last: date | None) -> Days:
    return [day.isoformat() if day else None for day in (first, last)]


def _wishes(people: Iterable[int]) -> Iterable[MessagePreference]:
    return MessagePreference.objects.filter(user__in=among(people))
