"""The demo: who there is, what happened so far, and who may sign in."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import transaction

from accounts.models import Role, User
from accounts.services.people import confirm_address
from accounts.services.roles import grant_role
from feedback.models import CheckIn
from matching.models import Match, PairingPolicy, PairingRun, Proposal
from matching.selectors import held_proposals
from matching.services.closing import end_match, pause_match
from matching.services.policy import ensure_policy
from matching.services.publishing import publish_run
from matching.services.review import accept_held, pair_by_hand, reject_proposal
from matching.services.runs import perform_run, request_run
from mentorship.demo import words
from mentorship.demo.beginnings import begin, begin_well, talk
from mentorship.demo.cohorts import enrol, moment, open_cohort
from mentorship.demo.fit import say_how_it_fits
from mentorship.demo.gatherings import gather
from mentorship.demo.growth import tell_growth, tell_notes
from mentorship.demo.helping import name_help
from mentorship.demo.hr import hand_over_lists
from mentorship.demo.inboxes import close_ledger, fill_inboxes, name_chat
from mentorship.demo.joining import come_by_link
from mentorship.demo.learning import learn
from mentorship.demo.noticing import notice
from mentorship.demo.outside import go_on_from_outside
from mentorship.demo.people import Company, Hiring
from mentorship.demo.plans import plan_for_others, plan_for_the_pair
from mentorship.demo.pulse import take_pulses
from mentorship.demo.screening import screen
from mentorship.demo.writing import agree_and_aim, write_to_people
from participants.models import Enrolment, EnrolmentStatus
from programs.models import Cohort, Program
from programs.services.cohorts import move_cohort
from sessions.services import NewAction, log_meeting

WEEKS_RUN = 9
PAIR = ("Daniel Osei", "Priya Raman")
THEME = ("Leading without authority", "Giving feedback", "Stakeholder management")
# How each pair of the running cohort behaves, in the order of the matches.
BEHAVIOUR = ("steady",) * 21 + ("slow",) * 7 + ("silent",) * 4 + ("never",) * 2 + ("help",)


@dataclass
class Cast:
    """The people one may sign in as."""

    program_manager: User
    other_program_manager: User
    mentor: User
    mentee: User
    hr_analyst: User
    it_administrator: User


class Demo:
    """Fills an empty database, relative to today."""

    def __init__(self, *, now: datetime) -> None:
        self.now = now
        self.today = now.date()
        self.monday = self.today - timedelta(days=self.today.weekday())

    @transaction.atomic
    def fill(self) -> dict[str, dict[str, str]]:
        """Write everything and return the logins by role."""
        hiring = Hiring(now=self.now)
        cast = self._cast(hiring)
        company = hiring.company(seniors=74, juniors=84)
        programs = self._programs(cast)
        for program in programs:
            name_help(
                program,
                manager=cast.program_manager,
                first=cast.hr_analyst,
                second=company.seniors[-1],
                deputy=cast.it_administrator,
                now=self.now,
            )
        self._running(programs[0], cast, company)
        self._ready(programs[1], cast, company)
        self._enrolling(programs[2], cast, company)
        hand_over_lists(keeper=cast.it_administrator, now=self.now)
        fill_inboxes(list(vars(cast).values()), now=self.now)
        name_chat(programs[0], manager=cast.program_manager, now=self.now)
        close_ledger(now=self.now)
        return self._logins(cast)

    def _cast(self, hiring: Hiring) -> Cast:
        def join(name: str, department: str, place: str, level: int, title: str) -> User:
            theme = THEME if name in PAIR else ()
            first, last = name.split()
            return hiring.hire(
                first,
                last,
                level=level,
                department=department,
                place=place,
                title=title,
                theme=theme,
            )

        return Cast(
            program_manager=join("Marta Kowalczyk", "People", "Berlin", 4, "Program manager"),
            other_program_manager=join("Otto Brandt", "People", "London", 4, "Onboarding lead"),
            mentor=join("Daniel Osei", "Data", "Toronto", 6, "Director, Data Platform"),
            mentee=join("Priya Raman", "Finance", "Berlin", 1, "Senior analyst"),
            hr_analyst=join("Jun Nakamura", "People", "Tokyo", 3, "HR analyst"),
            it_administrator=join("Ines Castro", "Quality", "Lisbon", 3, "IT administrator"),
        )

    def _programs(self, cast: Cast) -> list[Program]:
        rows = (
            ("Rising Leaders", "Twice as many leaders from our own ranks.", cast.program_manager),
            ("Women in Engineering", "Engineers stay, grow and are seen.", cast.program_manager),
            ("First 100 Days", "New colleagues feel at home.", cast.other_program_manager),
        )
        programs = []
        for name, objectives, manager in rows:
            program = Program.objects.create(
                name=name,
                objectives=objectives,
                contact_name=str(manager),
                contact_email=manager.email,
            )
            self._grant(manager, Role.OWNER, program)
            programs.append(program)
        self._grant(cast.hr_analyst, Role.HR_ANALYST, None)
        self._grant(cast.it_administrator, Role.IT_ADMINISTRATOR, None)
        return programs

    def _grant(self, user: User, role: str, program: Program | None) -> None:
        grant_role(person=user, role=role, program=program, actor=None, now=self.now)

    def _running(self, program: Program, cast: Cast, company: Company) -> None:
        start = self.monday - timedelta(weeks=WEEKS_RUN)
        cohort = open_cohort(
            program,
            "Autumn",
            template="corporate-career",
            starts_on=start,
            manager=cast.program_manager,
        )
        Cohort.objects.filter(pk=cohort.pk).update(managers_see_goals=True)
        daniel = enrol(cohort, cast.mentor, "mentor", capacity=2)
        priya = enrol(cohort, cast.mentee, "mentee")
        for at, person in enumerate(company.seniors[:36]):
            enrol(cohort, person, "mentor", capacity=2 if at % 4 == 0 else 1)
        for person in company.juniors[:37]:
            enrol(cohort, person, "mentee")
        learn(cohort, before=moment(start))
        run = self._pair(cohort, cast, at=moment(start))
        self._together(run, priya, daniel, cast, at=moment(start))
        publish_run(run=run, actor=cast.program_manager, now=moment(start))
        move_cohort(
            cohort=cohort, target="active", actor=cast.program_manager, now=moment(start, 10)
        )
        gather(cohort, manager=cast.program_manager, monday=self.monday)
        self._late_joiners(cohort, cast, company)
        matches = list(Match.objects.filter(cohort=cohort).order_by("pk"))
        own = next(m for m in matches if m.members.filter(user=cast.mentee).exists())
        begin_well(own, mentor=cast.mentor, mentee=cast.mentee)
        talk(own, mentor=cast.mentor, mentee=cast.mentee, now=self.now)
        self._tell_their_story(own, cast)
        for tell in (tell_growth, tell_notes):
            tell(own, mentee=cast.mentee, mentor=cast.mentor, now=self.now)
        others = [m for m in matches if m != own and m.started_on < self.today - timedelta(days=9)]
        for match, behaviour in zip(others, (*BEHAVIOUR, "paused", "ended"), strict=False):
            self._behave(match, behaviour)
        plan_for_the_pair(own, mentor=cast.mentor, mentee=cast.mentee, now=self.now)
        plan_for_others(others[: BEHAVIOUR.count("steady")], now=self.now)
        young = [m for m in matches if m.started_on >= self.today - timedelta(days=9)]
        begin(young, now=self.now)
        say_how_it_fits(cohort, now=self.now)
        agree_and_aim(others[: BEHAVIOUR.count("steady") + 4], now=self.now)
        write_to_people(cohort, manager=cast.program_manager, now=self.now)
        take_pulses(cohort, weeks=WEEKS_RUN, now=self.now)
        go_on_from_outside(others[5], manager=cast.program_manager, now=self.now)
        notice(manager=cast.program_manager, weeks=WEEKS_RUN, now=self.now)

    def _pair(self, cohort: Cohort, cast: Cast, *, at: datetime) -> PairingRun:
        if cohort.status == "enrolling":
            ensure_policy(cohort=cohort)
            PairingPolicy.objects.filter(cohort=cohort).update(minimum_fit=10)
            move_cohort(cohort=cohort, target="pairing", actor=cast.program_manager, now=at)
        run = request_run(cohort=cohort, actor=cast.program_manager, now=at)
        perform_run(run.pk, clock=lambda: at)
        run.refresh_from_db()
        for held in held_proposals(run, cast.program_manager):
            accept_held(proposal=held, actor=cast.program_manager, now=at)
        return run

    def _together(
        self, run: PairingRun, priya: Enrolment, daniel: Enrolment, cast: Cast, *, at: datetime
    ) -> None:
        """See to it that the two people of the demo are a pair."""
        if Proposal.objects.filter(run=run, mentee=priya, mentor=daniel).exists():
            return
        touched = Proposal.objects.filter(run=run).filter(mentee=priya) | Proposal.objects.filter(
            run=run, mentor=daniel
        )
        freed = list(touched.select_related("mentee__user", "mentor__user"))
        for proposal in freed:
            reject_proposal(proposal=proposal, actor=cast.program_manager, now=at)
        pair_by_hand(
            run=run,
            mentee=priya,
            mentor=daniel,
            actor=cast.program_manager,
            now=at,
            override_reason="They asked for each other.",
        )
        seats = [p.mentor for p in freed if p.mentee_id == priya.pk] + [daniel]
        waiting = [p.mentee for p in freed if p.mentee_id != priya.pk]
        for mentee, mentor in zip(waiting, seats, strict=False):
            pair_by_hand(
                run=run,
                mentee=mentee,
                mentor=mentor,
                actor=cast.program_manager,
                now=at,
                override_reason="Moved when another pair changed.",
            )

    def _late_joiners(self, cohort: Cohort, cast: Cast, company: Company) -> None:
        day = self.today - timedelta(days=4)
        for person in company.juniors[37:39]:
            enrol(cohort, person, "mentee", day=day - timedelta(days=5))
        for person in company.seniors[36:38]:
            enrol(cohort, person, "mentor", day=day - timedelta(days=5))
        learn(cohort, before=moment(day))
        run = self._pair(cohort, cast, at=moment(day))
        publish_run(run=run, actor=cast.program_manager, now=moment(day))

    def _tell_their_story(self, match: Match, cast: Cast) -> None:
        days = [match.started_on + timedelta(days=shift) for shift in (3, 17, 31, 45, 59)]
        days = [day for day in days if day <= self.today - timedelta(days=1)]
        for at, day in enumerate(days):
            actions = []
            if day == days[-1]:
                actions = [
                    NewAction(text="Send the self-review draft", owner=cast.mentee.pk,
                              due_on=self.today + timedelta(days=3)),
                    NewAction(text="Introduce Priya to Ana in Finance", owner=cast.mentor.pk,
                              due_on=self.today + timedelta(days=6)),
                ]  # fmt: skip
            log_meeting(
                match=match,
                actor=cast.mentee if at % 2 else cast.mentor,
                now=moment(day, 20),
                held_on=day,
                minutes=45,
                how="video",
                summary=words.SUMMARIES[at % len(words.SUMMARIES)],
                private_note="Ask how the pay conversation went, when the time is right."
                if at == len(days) - 1
                else "",
                rating=4 + at % 2,
                action_items=actions,
            )

    def _behave(self, match: Match, behaviour: str) -> None:
        mentor, mentee = (match.members.get(role=role).user for role in ("mentor", "mentee"))
        last = {"steady": 6, "slow": 25, "silent": 39, "never": None, "help": 12}
        until = last.get(behaviour, 20)
        if until is not None:
            end = self.today - timedelta(days=until + match.pk % 4)
            day = match.started_on + timedelta(days=2 + match.pk % 9)
            while day <= end:
                self._met(match, mentee if match.pk % 2 else mentor, day)
                day += timedelta(days=12 + (match.pk + day.day) % 5)
            if end > match.started_on:
                self._met(match, mentee, end)
        for person in (mentor, mentee):
            self._answered(match, person)
        if behaviour == "help":
            self._ask_for_help(match, mentee)
        elif behaviour == "paused":
            pause_match(match=match, actor=mentee, now=self.now - timedelta(days=8))
        elif behaviour == "ended":
            end_match(match=match, actor=mentor, now=self.now - timedelta(days=5), reason="no_time")

    def _met(self, match: Match, actor: User, day: date) -> None:
        at = (match.pk + day.day) % 6
        log_meeting(
            match=match,
            actor=actor,
            now=moment(day, 21) + timedelta(hours=12),
            held_on=day,
            minutes=(30, 45, 60)[at % 3],
            how=("video", "phone", "in_person")[at % 3],
            summary=words.SUMMARIES[at],
            rating=None if at == 0 else 3 + at % 3,
            another_same_day=False,
        )

    def _answered(self, match: Match, person: User) -> None:
        """Answer the check-ins of rhythms without a meeting, most of the time."""
        held = set(match.meetings.held().values_list("held_on", flat=True))
        rhythm = timedelta(days=match.cohort.rhythm_days)
        due = match.started_on + rhythm
        while due < self.today - rhythm:
            has_met = any(day and due - rhythm < day <= due for day in held)
            asked = moment(due + timedelta(days=1), 9)
            is_answered = (match.pk + person.pk + due.day) % 5 != 0
            if not has_met:
                CheckIn.objects.create(
                    match=match,
                    user=person,
                    due_on=due,
                    status="answered" if is_answered else "open",
                    answer="not_yet" if is_answered else "",
                    answered_at=asked + timedelta(hours=3) if is_answered else None,
                    created_at=asked,
                )
            due += rhythm

    def _ask_for_help(self, match: Match, person: User) -> None:
        at = self.now - timedelta(days=2)
        CheckIn.objects.create(
            match=match,
            user=person,
            due_on=(at - timedelta(days=1)).date(),
            status="answered",
            answer="help",
            answered_at=at,
            created_at=at - timedelta(days=1),
        )

    def _ready(self, program: Program, cast: Cast, company: Company) -> None:
        start = self.monday + timedelta(weeks=2)
        cohort = open_cohort(
            program,
            "Cohort 4",
            template="technology",
            starts_on=start,
            manager=cast.program_manager,
        )
        for at, person in enumerate(company.seniors[38:62]):
            enrol(cohort, person, "mentor", capacity=2 if at % 3 == 0 else 1)
        for person in company.juniors[39:71]:
            enrol(cohort, person, "mentee")
        learn(cohort, before=self.now, skip_every=4)
        move_cohort(
            cohort=cohort,
            target="pairing",
            actor=cast.program_manager,
            now=self.now - timedelta(days=1),
        )

    def _enrolling(self, program: Program, cast: Cast, company: Company) -> None:
        start = self.monday + timedelta(weeks=6)
        manager = cast.other_program_manager
        cohort = open_cohort(
            program, "Winter", template="corporate-career", starts_on=start, manager=manager
        )
        for person in company.seniors[62:68]:
            enrol(cohort, person, "mentor")
        for at, person in enumerate(company.juniors[71:82]):
            status = (
                EnrolmentStatus.INVITED
                if at % 5 == 4
                else EnrolmentStatus.WAITLISTED
                if at % 7 == 6
                else EnrolmentStatus.ENROLLED
            )
            enrol(cohort, person, "mentee", status=status)
        learn(cohort, before=self.now, skip_every=2)
        come_by_link(cohort, manager=manager, cast=cast, company=company, now=self.now)
        screen(cohort, manager=manager, now=self.now)

    def _logins(self, cast: Cast) -> dict[str, dict[str, str]]:
        logins = {}
        for role, user in vars(cast).items():
            chosen = [secrets.choice(words.PASSWORD_WORDS) for _ in range(3)]
            password = "-".join((*chosen, str(secrets.randbelow(90) + 10)))
            user.set_password(password)
            user.save(update_fields=("password",))
            confirm_address(person=user)
            logins[role] = {"email": user.email, "password": password}
        return logins


def write_logins(path: Path, logins: dict[str, dict[str, str]]) -> None:
    """Write the logins to a file that only its owner reads."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(logins, indent=2) + "\n")
