"""What follows for matches and places when a list from HR says that somebody leaves or is back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from django.db import OperationalError
from django.db.models import Exists, OuterRef
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from core.clock import local_day
from core.errors import Conflict
from core.progress import Report, quiet
from participants.importing.removing import among
from participants.models import Enrolment, EnrolmentStatus
from support.feed.impact import engaged
from support.feed.rows import Facts
from support.leavers import LATEST, last_note, open_notes
from support.models import FeedPerson, Leaver
from support.services.away import Absences, keep_quiet
from support.services.each import stands_alone
from support.services.leaving import correct_day, record_leaver
from support.services.returning import undo_leaver

AHEAD = timedelta(days=365)
REPORT_EVERY = 20
ATTEMPTS = 2
"""Of those who wait for each other in a ring the database stops one, who then gets through."""


@dataclass(slots=True)
class Follower:
    """Carries HR's facts to the services that people's own acts go through."""

    actor: User | None
    now: datetime
    report: Report = quiet
    stage: str = "writing"
    left: list[str] = field(default_factory=list)

    def follow(self, turns: dict[int, tuple[Facts, Facts]]) -> None:
        """Follow what changed for people, by id: facts before and after. Nine queries, and those of
        the services for whoever takes part in a cohort.

        One whose rows somebody else holds too long stops no other: the sweep follows them later.
        """
        _lock_people(turns)
        places: dict[int, list[Enrolment]] = defaultdict(list)
        rows = engaged().filter(user__in=among(turns)).select_related("cohort__program", "user")
        for place in rows.order_by("pk"):
            places[place.user_id].append(place)
        noted = {row.person_id: row for row in open_notes().filter(person__in=among(turns))}
        records = FeedPerson.objects.select_for_update().filter(user__in=among(places))
        kept = {row.user_id: row for row in records.order_by("pk")}
        self._say_what_is_closed(turns, set(noted))
        for done, (pk, own) in enumerate(places.items()):
            if done % REPORT_EVERY == 0:
                self.report(self.stage, done, len(places))
            self._turn(own, *turns[pk], noted.get(pk), kept.get(pk) or FeedPerson(user_id=pk))
        for pk in set(noted) - set(places):
            if turns[pk][1].gone_on is None:
                self.take_back(noted[pk])
        FeedPerson.objects.bulk_update(kept.values(), ["pauses"], batch_size=1_000)
        keep_quiet(turns, now=self.now)

    def _turn(
        self,
        own: list[Enrolment],
        before: Facts,
        after: Facts,
        noted: Leaver | None,
        record: FeedPerson,
    ) -> None:
        said, pauses = len(self.left), dict(record.pauses)
        act = partial(self._turn_once, own, before, after, noted, record)
        for _attempt in range(ATTEMPTS):
            sentence = "what HR says of %s could not be followed yet"
            if stands_alone(act, sentence, record.user_id, but=OperationalError):
                return
            del self.left[said:]
            record.pauses = dict(pauses)

    def _turn_once(
        self,
        own: list[Enrolment],
        before: Facts,
        after: Facts,
        noted: Leaver | None,
        record: FeedPerson,
    ) -> None:
        has_moved = before.gone_on != after.gone_on
        if has_moved:
            self.go(own[0].user, after.gone_on, noted, was=before.gone_on)
        if (before.leave_from, before.leave_until) == (after.leave_from, after.leave_until):
            return
        absences = Absences(self.actor, self.now, self.left)
        for place in own:
            if has_moved:
                place.refresh_from_db(fields=("status", "pause_from", "pause_until"))
            absences.rest(place, record, after)

    def go(
        self, person: User, on: date | None, noted: Leaver | None, *, was: date | None = None
    ) -> None:
        """Note that somebody leaves after a day, or let them stay.

        Who had gone before, and takes part all the same, does so because people let them: that the
        day they left is corrected changes nothing then, but for the day of the note, by which the
        sweep knows that it was followed. Programs that keep somebody do so when the day is moved.
        """
        if on is None:
            if noted is not None:
                self.take_back(noted)
            return
        today = local_day(self.now, person.time_zone)
        last = noted or last_note(person)
        rests = noted is not None and noted.rested_at is not None
        had_gone = noted is None and was is not None and was <= today
        if (rests or had_gone) and on <= today:
            if last is not None:
                correct_day(leaver=last, on=on, actor=self.actor, now=self.now)
            return
        if noted is not None and (rests or on > today + AHEAD):
            self.take_back(noted)
        if on > today + AHEAD:
            return  # noted by the sweep when it is less than a year away
        kept: Iterable[int] = ()
        if last is not None and (noted is not None or was is not None or last.leaves_on == on):
            kept = last.kept_programs
        day = max(on, today - LATEST)
        with suppress(Conflict):  # rests since a moment ago
            record_leaver(person=person, on=day, actor=self.actor, now=self.now, kept_programs=kept)

    def take_back(self, noted: Leaver) -> None:
        """Let what rests go on, and say what cannot; of discreet programs nothing is said."""
        undone = undo_leaver(leaver=noted, actor=self.actor, now=self.now)
        if undone.named_cohorts_left:
            self.left.append(
                _("A place stays as it is, because this is over meanwhile: %(cohorts)s.")
                % {"cohorts": get_text_list(list(undone.named_cohorts_left), _("and"))}
            )

    def _say_what_is_closed(
        self, turns: dict[int, tuple[Facts, Facts]], open_for: set[int]
    ) -> None:
        """Say for how many who are back the matches were closed meanwhile. One query, or none.

        Who takes part in discreet programs only is not counted: one alone would tell of them.
        """
        back = {pk for pk, (was, will) in turns.items() if was.gone_on and not will.gone_on}
        back -= open_for
        if not back:
            return
        withdrawn = Enrolment.objects.filter(
            user=OuterRef("person"),
            status=EnrolmentStatus.WITHDRAWN,
            status_changed_at=OuterRef("closed_at"),
            cohort__program__is_discreet=False,
        )
        last = (
            Leaver.objects.filter(person__in=among(back), program__isnull=True)
            .annotate(may_be_said=Exists(withdrawn))
            .order_by("person_id", "-pk")
            .distinct("person_id")
        )
        since = self.now - LATEST
        count = sum(
            row.may_be_said and row.closed_at is not None and row.closed_at >= since for row in last
        )
        if count:
            self.left.append(
                ngettext(
                    "The matches and places of %(count)d person have ended, and stay so.",
                    "The matches and places of %(count)d people have ended, and stay so.",
                    count,
                )
                % {"count": count}
            )


def _lock_people(turns: dict[int, tuple[Facts, Facts]]) -> None:
    """Lock people in the order of their ids, before anything of theirs."""
    rows = User.objects.filter(pk__in=among(turns)).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))
