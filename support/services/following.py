"""What follows for matches and places when somebody leaves, is away, or is back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from accounts.models import User
from core.clock import local_day
from core.errors import Conflict, DomainError
from notifications.models import MessagePreference
from notifications.quiet import QUIET_FROM, QUIET_UNTIL
from participants.importing.removing import among
from participants.models import Enrolment
from participants.services.places import TAKES_A_PLACE
from participants.services.staying import LONGEST_PAUSE_DAYS, end_pause, plan_pause
from support.feed.impact import engaged
from support.feed.rows import Facts
from support.models import Leaver
from support.services.leaving import record_leaver, undo_leaver

LATEST = timedelta(days=30)


@dataclass(slots=True)
class Follower:
    """Carries HR's facts to the services that people's own acts go through."""

    actor: User | None
    now: datetime
    left: list[str] = field(default_factory=list)

    def follow(self, turns: dict[int, tuple[Facts, Facts]]) -> None:
        """Follow what changed for people, by id: facts before and after. Five queries, and those
        of the services for whoever takes part in a cohort.
        """
        places: dict[int, list[Enrolment]] = defaultdict(list)
        rows = engaged().filter(user__in=among(turns)).select_related("cohort", "user")
        for place in rows.order_by("pk"):
            places[place.user_id].append(place)
        open_notes = Leaver.objects.filter(
            person__in=among(turns),
            program__isnull=True,
            undone_at__isnull=True,
            closed_at__isnull=True,
        )
        noted = {row.person_id: row for row in open_notes}
        for pk, own in places.items():
            before, after = turns[pk]
            if before.gone_on != after.gone_on:
                self._go(own[0].user, after.gone_on, noted.get(pk))
            if (before.leave_from, before.leave_until) != (after.leave_from, after.leave_until):
                for place in own:
                    self._rest(place, before, after)
        for pk in set(noted) - set(places):
            if turns[pk][1].gone_on is None:
                self._take_back(noted[pk])
        self._keep_quiet(turns)

    def _go(self, person: User, on: date | None, noted: Leaver | None) -> None:
        if on is None:
            if noted is not None:
                self._take_back(noted)
            return
        day = max(on, local_day(self.now, person.time_zone) - LATEST)
        try:
            record_leaver(person=person, on=day, actor=self.actor, now=self.now)
        except Conflict:
            return  # their matches rest already

    def _take_back(self, noted: Leaver) -> None:
        undone = undo_leaver(leaver=noted, actor=self.actor, now=self.now)
        if undone.cohorts_left:
            self.left.append(str(get_text_list(list(undone.cohorts_left), _("and"))))

    def _rest(self, place: Enrolment, before: Facts, after: Facts) -> None:
        if place.status not in TAKES_A_PLACE:
            return
        if after.leave_from is None:
            if place.pause_from is not None and place.pause_until == before.leave_until:
                end_pause(enrolment=place, actor=self.actor, now=self.now)
            return
        zone = (self.actor or place.user).time_zone
        first = max(after.leave_from, local_day(self.now, zone))
        last = after.leave_until
        if last is not None:
            last = min(last, first + timedelta(days=LONGEST_PAUSE_DAYS))
            if last < first:
                return
        try:
            plan_pause(
                enrolment=place, actor=self.actor, now=self.now, pause_from=first, pause_until=last
            )
        except DomainError as error:
            self.left.append(f"{place.user}: {error}")

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


def _wishes(people: Iterable[int]) -> Iterable[MessagePreference]:
    return MessagePreference.objects.filter(user__in=among(people))
