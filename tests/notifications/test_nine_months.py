"""A cohort lives through its months in simulated days; every mailbox is held against the rules."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from time import monotonic

import pytest
from django.utils import timezone

from core.clock import zone
from feedback.models import CheckIn, FitQuestion
from feedback.services import answer_check_in, answer_fit
from matching.models import Match, MatchMember
from notifications.models import Message, MessagePreference
from notifications.quiet import is_holiday
from notifications.services.playing import Played, play
from participants.models import Enrolment
from programs.models import Cohort, CohortStatus, Program
from sessions.models import Meeting
from tests.conftest import enrol, make_cohort, make_match, make_person

pytestmark = pytest.mark.django_db
START = date(2026, 9, 7)
ZONES = ("Europe/Berlin", "America/Toronto", "Asia/Kolkata", "Pacific/Auckland")
TICK = timedelta(hours=8)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
MISSING = 0.2  # of the planners' and senders' turns do not happen
KINDS = ("feedback.check_in", "feedback.fit", "feedback.pulse")


def test_two_months_of_twenty_pairs_keep_the_rules(capsys):
    print_counts(live(pairs=20, weeks=9), capsys)


@pytest.mark.slow
def test_nine_months_of_two_hundred_pairs_keep_the_rules(capsys):
    began = monotonic()
    counts = live(pairs=200, weeks=39)
    print_counts(counts, capsys)
    with capsys.disabled():
        print(f"    took {monotonic() - began:.0f} s; on a quiet machine it is to stay under 180")
    assert max(counts["meets"]) < 30


def print_counts(counts: dict[str, list[int]], capsys) -> None:
    with capsys.disabled():
        for name, found in counts.items():
            mean = sum(found) / len(found)
            print(f"\n    askings a person, {name}: mean {mean:.1f}, most {max(found)}", end="")
        print()


def live(*, pairs: int, weeks: int) -> dict[str, list[int]]:
    chance = random.Random(7)  # noqa: S311 - the same life each time
    cohort = make_people(pairs, weeks)
    people = Life(cohort, chance)
    start = datetime.combine(START, time(0), tzinfo=timezone.get_fixed_timezone(0))
    played, _until = play(
        start=start,
        end=start + (weeks + 2) * WEEK,
        tick=TICK,
        is_durable=False,
        before=people.day,
        runs_at=lambda now: chance.random() > MISSING,
    )
    check(played, cohort)
    return askings(played, people)


def make_people(pairs: int, weeks: int) -> Cohort:
    """Make pairs all over the world; every tenth mentor has two, some are away for a while."""
    program = Program.objects.create(name="Rising Leaders", contact_name="Marta Kowalczyk")
    cohort = make_cohort(
        program,
        enrolment_opens_on=START - 60 * DAY,
        enrolment_closes_on=START - 14 * DAY,
        starts_on=START,
        ends_on=START + weeks * WEEK,
    )
    wishes, mentor = [], None
    for number in range(pairs):
        if number % 10 != 1 or mentor is None:
            mentor = enrol(cohort, person("mentor", number), "mentor", capacity=2)
        mentee = enrol(cohort, person("mentee", number), "mentee")
        make_match(mentor, mentee)
        if number % 5 == 0:
            leave = {"leave_from": START + 30 * DAY, "leave_until": START + 44 * DAY}
            wishes.append(wish(mentee.user, **leave))
        elif number % 5 == 1:
            wishes.append(wish(mentee.user, days_off=[3, 6, 7], holiday_region="DE-BY"))
    MessagePreference.objects.bulk_create(wishes)
    return cohort


def person(role: str, number: int):
    name = f"{role.title()} {number}"
    zone_name = ZONES[(number + len(role)) % len(ZONES)]
    return make_person(f"{role}{number}@example.org", name, time_zone=zone_name)


def wish(user, **values) -> MessagePreference:
    usual = {"quiet_from": time(20), "quiet_until": time(8), "changed_at": timezone.now()}
    return MessagePreference(user=user, **usual, **values)


class Life:
    """What people do: most pairs meet as agreed, some seldom, some end early, some answer."""

    def __init__(self, cohort: Cohort, chance: random.Random) -> None:
        self.cohort = cohort
        self.chance = chance
        self.pairs = list(Match.objects.filter(cohort=cohort).order_by("pk"))
        self.numbers = {match.pk: number for number, match in enumerate(self.pairs)}
        self.last: date | None = None

    def meets_as_agreed(self, match: Match) -> bool:
        return self.numbers[match.pk] % 4 != 0

    def day(self, now: datetime) -> None:
        today = now.date()
        if today == self.last:
            return
        self.last = today
        self.meet(today, now)
        self.answer(now)
        self.leave(today, now)

    def meet(self, today: date, now: datetime) -> None:
        """Those who meet as agreed do so every 13 days; the others about every two months."""
        if today > self.cohort.ends_on:
            return
        met = []
        for match in self.pairs:
            every = 13 if self.meets_as_agreed(match) else 60
            if (today - START).days % every == self.numbers[match.pk] % every:
                met.append(match)
        Meeting.objects.bulk_create(
            Meeting(match=match, status="held", held_on=today, minutes=45, logged_at=now)
            for match in met
        )

    def answer(self, now: datetime) -> None:
        """Half of what is open is answered within a day."""
        check_ins = CheckIn.objects.answerable(today=now.date()).filter(status="open")
        for row in check_ins.select_related("user", "match__cohort").order_by("pk"):
            if self.chance.random() < 0.3:
                answer_check_in(check_in=row, answer="not_yet", now=now)
        fits = FitQuestion.objects.answerable(today=now.date()).filter(status="open")
        for row in fits.select_related("match__cohort").order_by("pk"):
            if self.chance.random() < 0.3:
                answer_fit(question=row, answer=self.chance.choice(("good", "deciding")), now=now)

    def leave(self, today: date, now: datetime) -> None:
        """A match ends in the tenth week; the whole cohort on its last day."""
        if today == START + 10 * WEEK:
            Match.objects.filter(pk=self.pairs[0].pk).update(
                status="ended", ended_on=today, end_reason="other"
            )
        if today == self.cohort.ends_on + DAY:
            Cohort.objects.filter(pk=self.cohort.pk).update(status=CohortStatus.COMPLETED)


def check(played: list[Played], cohort: Cohort) -> None:
    """Hold every mailbox against the rules."""
    boxes: dict[int, list[Played]] = defaultdict(list)
    for one in played:
        boxes[one.recipient_id].append(one)
    wishes = {row.user_id: row for row in MessagePreference.objects.all()}
    assert len(boxes) == Enrolment.objects.values("user").distinct().count()
    assert {one.kind for one in played} >= set(KINDS)
    for user_id, box in boxes.items():
        keeps_once(box)
        keeps_budget(box)
        keeps_hours(box, wishes.get(user_id))
    assert Message.objects.filter(state="sent").count() == len(played)  # each row once
    assert not Message.objects.filter(state__in=("failed", "unknown", "claimed")).exists()
    last = datetime.combine(cohort.ends_on + DAY, time(0), tzinfo=timezone.get_fixed_timezone(0))
    assert [one for one in played if one.at >= last + DAY] == []
    ended = MatchMember.objects.filter(match__status="ended", match__members__left_at=None)
    gone = {pk for pk in ended.values_list("user_id", flat=True) if is_alone(pk)}
    late = datetime.combine(START + 10 * WEEK, time(12), tzinfo=timezone.get_fixed_timezone(0))
    asked = [one for one in played if one.recipient_id in gone and one.at > late]
    assert [one.kind for one in asked if one.kind != "feedback.pulse"] == []


def is_alone(user_id: int) -> bool:
    others = MatchMember.objects.filter(user=user_id).exclude(match__status="ended")
    return not others.exists()


def keeps_once(box: list[Played]) -> None:
    """One mail a day and kind: a mentor of two is asked about both in one."""
    mails = {(one.kind, one.at.date(), one.mail_id) for one in box}
    assert len(mails) == len({(kind, day) for kind, day, _mail in mails})


def keeps_budget(box: list[Played]) -> None:
    sent = {one.mail_id: one.at for one in box if one.takes_share}
    moments = sorted(sent.values())
    for number, at in enumerate(moments):
        assert sum(1 for other in moments[number:] if other < at + WEEK) <= 3


def keeps_hours(box: list[Played], wanted: MessagePreference | None) -> None:
    for one in box:
        local = one.at.astimezone(zone(one.time_zone))
        assert 8 <= local.hour < 20, one
        days_off = wanted.days_off if wanted else [6, 7]
        assert local.isoweekday() not in days_off, one
        if wanted is not None:
            assert not is_holiday(wanted.holiday_region, local.date()), one
            if wanted.leave_from and wanted.leave_until:
                assert not wanted.leave_from <= local.date() <= wanted.leave_until, one


def askings(played: list[Played], people: Life) -> dict[str, list[int]]:
    """Count the mails that ask each person something, by how their pair meets."""
    mails: dict[int, set[str]] = defaultdict(set)
    for one in played:
        if one.takes_share:
            mails[one.recipient_id].add(one.mail_id)
    counts: dict[str, list[int]] = {"meets": [], "seldom meets": []}
    for match in people.pairs:
        name = "meets" if people.meets_as_agreed(match) else "seldom meets"
        for member in match.members.filter(role="mentee"):
            counts[name].append(len(mails[member.user_id]))
    return counts
