"""One object of each kind in a program, so that every url has something to be about."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import Level, PersonalAccessToken, Role, RoleGrant, User
from audit.models import AuditEvent
from audit.services import record
from feedback.models import CheckIn, FitQuestion, Pulse
from feedback.tokens import make_token
from goals.models import Goal, GoalSuggestion, Milestone, ProgressUpdate
from goals.services import GoalText, add_milestone, add_progress, set_goal
from matching.models import (
    AgreementVersion,
    CircleMentor,
    DoNotPair,
    Match,
    PairingPolicy,
    PairingRun,
    Proposal,
    ProposedCircle,
    Scenario,
    ThreadMessage,
)
from matching.services.agreement import write_agreement
from matching.services.policy import ensure_policy
from matching.services.runs import perform_run, request_run
from matching.services.thread import write_message
from notes.models import OwnNote, SharedNote
from notes.services import start_shared, write_note
from notifications import registry
from notifications.links import stop_url
from notifications.models import ClosedDays, Message, Notice, Webhook, WebhookDelivery
from participants.line_managers import line_token
from participants.models import (
    Enrolment,
    ImportRun,
    Invitation,
    LineContact,
    NamedLineManager,
    PlaceOffer,
    ProfilePhoto,
    Recommendation,
    ScreeningResult,
    SignUpLink,
    Skill,
    SkillSuggestion,
)
from participants.services.importing import start_import
from participants.services.inviting import invite_people
from participants.services.links import make_link
from participants.tokens import invitation_token
from programs.models import (
    Cohort,
    Cover,
    EnrolmentForm,
    ExpectationForm,
    Phase,
    Program,
    ScreeningStep,
)
from programs.services.expectations import ensure_expectations
from sessions.models import ActionItem, AgendaItem, CohortEvent, Meeting, MeetingProposal
from sessions.services import (
    EventFacts,
    Plan,
    add_to_agenda,
    book_meeting,
    make_feed,
    plan_event,
    propose_times,
)
from support.models import (
    Announcement,
    ChatChannel,
    Feed,
    FeedSettings,
    HelpRequest,
    Leaver,
    Rehearsal,
    WorkItem,
)
from support.services import draft_announcement
from tests.conftest import NOW, enrol, grant, make_match, make_person
from tests.security.beginning_words import AGREEMENT, THREAD
from training.models import ModulePart, ModuleVersion, TrainingModule, TrainingProgress


@dataclass
class World:
    """A program with a cohort in which a mentor and a mentee meet."""

    program: Program
    cohort: Cohort
    form: EnrolmentForm
    expectations: ExpectationForm
    agreement: AgreementVersion
    thread_message: ThreadMessage
    policy: PairingPolicy
    enrolment: Enrolment
    match: Match
    meeting: Meeting
    planned: Meeting
    agenda_item: AgendaItem
    cohort_event: CohortEvent
    offer: MeetingProposal
    feed_token: str
    check_in: CheckIn
    answer_token: str
    fit: FitQuestion
    pulse: Pulse
    stop_token: str
    import_run: ImportRun
    run: PairingRun
    proposal: Proposal
    circle: ProposedCircle
    seat: Proposal
    waiting: Enrolment
    scenario: Scenario
    pair_to_avoid: DoNotPair
    action: ActionItem
    goal: Goal
    milestone: Milestone
    progress: ProgressUpdate
    suggestion: GoalSuggestion
    phase: Phase
    own_note: OwnNote
    shared_note: SharedNote
    message: Message
    chat_channel: ChatChannel
    notice: Notice
    event: AuditEvent
    token: PersonalAccessToken
    recommendation: Recommendation
    manager_grant: RoleGrant
    stranger: User
    level: Level
    skill: Skill
    work: WorkItem
    announcement: Announcement
    rehearsal: Rehearsal
    leaver: Leaver
    feed: Feed
    feed_settings: FeedSettings
    webhook: Webhook
    delivery: WebhookDelivery
    closed_days: ClosedDays
    help: HelpRequest
    sign_up_link: SignUpLink
    invitation_token: str
    line_token: str
    place_offer: PlaceOffer
    screening_step: ScreeningStep
    skill_suggestion: SkillSuggestion
    cover: Cover
    module: TrainingModule
    module_version: ModuleVersion
    module_draft: ModuleVersion
    module_file: ModulePart


def cast_world(cast: Any) -> World:
    """The program of the cast's own mentor, mentee and manager."""
    return _furnish(
        cast,
        manager=cast.program_manager,
        program=cast.program,
        cohort=cast.cohort,
        enrolment=cast.mentee_enrolment,
        match=cast.match,
    )


def other_world(cast: Any) -> World:
    """The program that nobody of the cast but its own manager has to do with."""
    mentor = enrol(cast.other_cohort, make_person("otto.m@example.org", "Otto Elsewhere"), "mentor")
    mentee = enrol(cast.other_cohort, make_person("mia.m@example.org", "Mia Elsewhere"), "mentee")
    return _furnish(
        cast,
        manager=cast.other_program_manager,
        program=cast.other_program,
        cohort=cast.other_cohort,
        enrolment=mentee,
        match=make_match(mentor, mentee),
    )


def add_roles(cast: Any) -> None:
    """Add the roles that the shared cast does not have."""
    cast.owner = make_person("olga@example.org", "Olga Owner")
    grant(cast.owner, Role.OWNER, cast.program)
    cast.chief = make_person("chief@example.org", "Chief Owner")
    grant(cast.chief, Role.OWNER, None)
    cast.deputy = make_person("dee@example.org", "Dee Deputy")
    cast.superuser = make_person("root@example.org", "Root Super", is_superuser=True)


def _furnish(
    cast: Any,
    *,
    manager: User,
    program: Program,
    cohort: Cohort,
    enrolment: Enrolment,
    match: Match,
) -> World:
    mentee = enrolment.user
    check_in = CheckIn.objects.create(match=match, user=mentee, due_on=NOW.date(), created_at=NOW)
    policy = ensure_policy(cohort=cohort)
    run = _paired(cohort, manager)
    seat = _seated(run)
    planned = _planned(match, mentee)
    return World(
        program=program,
        cohort=cohort,
        form=EnrolmentForm.objects.create(cohort=cohort),
        expectations=ensure_expectations(cohort),
        agreement=_agreement(match, mentee),
        thread_message=write_message(
            match=match, actor=mentee, text=f"{THREAD} see you soon", now=timezone.now()
        ),
        policy=policy,
        enrolment=enrolment,
        match=match,
        meeting=Meeting.objects.create(match=match, held_on=NOW.date(), logged_by=mentee),
        planned=planned,
        agenda_item=_agenda(planned, mentee),
        cohort_event=_event(cohort, manager),
        offer=_offer(match, mentee),
        feed_token=make_feed(person=mentee, now=NOW),
        check_in=check_in,
        answer_token=make_token(check_in),
        pulse=Pulse.objects.create(
            enrolment=enrolment, number=1, asked_on=timezone.now().date(), created_at=NOW
        ),
        fit=FitQuestion.objects.create(
            match=match,
            user=mentee,
            after_meeting=1,
            asked_on=timezone.now().date(),
            created_at=NOW,
        ),
        stop_token=_stop_token(mentee),
        import_run=_import_run(cohort, manager),
        run=run,
        circle=seat.circle,
        seat=seat,
        waiting=enrol(
            cohort, make_person(f"later.{cohort.pk}@example.org", "Later Round"), "mentee"
        ),
        proposal=run.proposals.get(circle=None),
        scenario=_scenario(run, manager),
        pair_to_avoid=_pair_to_avoid(manager, match),
        action=ActionItem.objects.create(
            match=match, owner=mentee, text="Read", created_by=mentee, created_at=NOW
        ),
        suggestion=GoalSuggestion.objects.create(program=program, audience="mentee", title="Start"),
        phase=Phase.objects.create(
            cohort=cohort,
            name="Start",
            starts_on=cohort.starts_on,
            ends_on=cohort.ends_on,
            reflection_prompt="What now?",
        ),
        own_note=write_note(match=match, actor=mentee, now=NOW, text="Mine"),
        shared_note=start_shared(match=match, actor=mentee, now=NOW, title="Ours", text="Text"),
        **_goal(match, mentee),
        message=(message := _message(mentee, program)),
        notice=Notice.objects.create(
            message=message, recipient=mentee, line="A mail", path="/", shown_at=NOW
        ),
        event=record(
            actor=manager, action="cohort.moved", about=cohort, now=NOW, program_id=program.pk
        ),
        token=_token(mentee),
        manager_grant=RoleGrant.objects.get(user=manager, program=program),
        stranger=cast.stranger,
        level=Level.objects.get_or_create(name="Grade 7", rank=7)[0],
        skill=Skill.objects.get_or_create(name="Data", name_key="data")[0],
        leaver=Leaver.objects.create(
            person=mentee,
            program=program,
            leaves_on=NOW.date(),
            closes_on=NOW.date(),
            recorded_by=manager,
            recorded_at=NOW,
        ),
        feed=_feed(cast, manager),
        feed_settings=FeedSettings.objects.get_or_create(pk=1)[0],
        announcement=draft_announcement(
            cohort=cohort,
            segment="all",
            subject=f"{_announced(cast, program)} subject",
            text=f"{_announced(cast, program)} text",
            actor=manager,
            now=NOW,
        ),
        **_webhook(),
        chat_channel=ChatChannel.objects.create(
            program=program, address="https://chat.example.org/x", host="chat", created_at=NOW
        ),
        closed_days=ClosedDays.objects.create(
            name="Retreat", first_on=NOW.date(), last_on=NOW.date()
        ),
        rehearsal=Rehearsal.objects.create(
            cohort=cohort,
            asked_by=manager,
            weeks=4,
            status="done",
            created_at=NOW,
        ),
        work=WorkItem.objects.create(
            cohort=cohort,
            kind="stalled",
            match=match,
            reasons=["long_gap=2026-10-18"],
            opened_at=NOW,
        ),
        help=HelpRequest.objects.create(
            cohort=cohort,
            asker=mentee,
            contact=cast.hr_analyst,
            deputy=cast.deputy,
            about="match",
            asked_at=NOW,
        ),
        recommendation=Recommendation.objects.create(
            cohort=cohort,
            by=mentee,
            role="mentor",
            name="Nele Known",
            email="nele@example.org",
            reason="She explains well.",
            made_at=NOW,
        ),
        sign_up_link=make_link(cohort=cohort, role="mentee", actor=manager, now=NOW),
        invitation_token=_invitation_token(cohort, manager),
        line_token=_line_token(enrolment, manager),
        skill_suggestion=_profile(mentee),
        cover=Cover.objects.create(
            program=program,
            away=manager,
            covered_by=cast.chief,
            starts_on=NOW.date(),
            ends_on=NOW.date(),
        ),
        **_training(enrolment),
        screening_step=_step(program, enrolment),
        place_offer=PlaceOffer.objects.create(
            enrolment=enrolment, offered_at=NOW, expires_at=NOW.replace(year=2099)
        ),
    )


def _step(program: Program, enrolment: Enrolment) -> ScreeningStep:
    """A code of conduct that the mentee has agreed to, so that nobody's way is barred."""
    step = ScreeningStep.objects.create(
        program=program, kind="code", audience="mentee", name="Code", text="Be kind."
    )
    ScreeningResult.objects.create(
        user=enrolment.user, step=step, state="passed", decided_by=enrolment.user, decided_at=NOW
    )
    return step


def _training(enrolment: Enrolment) -> dict[str, Any]:
    """A module for mentees, finished, with a page, a file and a draft of its next version."""
    module = TrainingModule.objects.create(
        cohort=enrolment.cohort, key="asking", audience=enrolment.role
    )
    version = ModuleVersion.objects.create(module=module, title="Asking well")
    ModulePart.objects.create(version=version, title="Why", text="Because.", position=1)
    file = ModulePart.objects.create(
        version=version,
        kind="file",
        title="A sheet",
        file=ContentFile(b"one page", name="sheet.txt"),
        position=2,
    )
    TrainingProgress.objects.create(
        enrolment=enrolment, module=module, version=version, started_at=NOW, completed_at=NOW
    )
    draft = ModuleVersion.objects.create(
        module=module, number=2, title="Asking better", is_current=False
    )
    return {
        "module": module,
        "module_version": version,
        "module_draft": draft,
        "module_file": file,
    }


def _planned(match: Match, mentee: User) -> Meeting:
    starts_at = timezone.now() + timedelta(days=5)
    return book_meeting(
        match=match, actor=mentee, now=timezone.now(), starts_at=starts_at, plan=Plan(minutes=45)
    )


def _event(cohort: Cohort, manager: User) -> CohortEvent:
    now = timezone.now()
    starts_at = now + timedelta(days=5)
    facts = EventFacts(kind="kick_off", starts_at=starts_at, minutes=60, title="Kick-off")
    return plan_event(cohort=cohort, audience="both", facts=facts, actor=manager, now=now)


def _agenda(meeting: Meeting, mentee: User) -> AgendaItem:
    (item,) = add_to_agenda(
        meeting=meeting, actor=mentee, now=timezone.now(), texts=["What is next"]
    )
    return item


def _offer(match: Match, mentee: User) -> MeetingProposal:
    now = timezone.now()
    starts = [now + timedelta(days=days) for days in (6, 7)]
    return propose_times(match=match, actor=mentee, now=now, starts=starts, plan=Plan(minutes=45))


def _goal(match: Match, mentee: User) -> dict[str, Any]:
    given: dict[str, Any] = {"actor": mentee, "now": NOW}
    goal = set_goal(match=match, visibility="us", text=GoalText(title="Lead"), **given)
    return {
        "goal": goal,
        "milestone": add_milestone(goal=goal, text="First", **given),
        "progress": add_progress(goal=goal, day=NOW.date(), progress=25, **given),
    }


def _agreement(match: Match, mentee: User) -> AgreementVersion:
    return write_agreement(
        match=match,
        actor=mentee,
        based_on=0,
        before={},
        parts={"goals": f"{AGREEMENT} we lead a team"},
        now=NOW,
    )


def _paired(cohort: Cohort, manager: User) -> PairingRun:
    """Pair two people who are in no match, as the worker does; nothing is published."""
    name = "Elsewhere" if cohort.name == "Cohort 4" else "Waiting"
    for role in ("mentor", "mentee"):
        person = make_person(f"{role}.{cohort.pk}@example.org", f"{role.title()} {name}")
        enrol(cohort, person, role)
    run = request_run(cohort=cohort, actor=manager, now=NOW)
    perform_run(run.pk, clock=lambda: NOW)
    run.refresh_from_db()
    return run


def _seated(run: PairingRun) -> Proposal:
    """Seat somebody in a circle of the draft, as runs of circles do."""
    leader, mentee = (
        enrol(
            run.cohort, make_person(f"{name}.{run.pk}@example.org", f"{name.title()} Round"), role
        )
        for name, role in (("leading", "mentor"), ("seated", "mentee"))
    )
    circle = ProposedCircle.objects.create(run=run, number=1)
    CircleMentor.objects.create(circle=circle, run=run, enrolment=leader)
    return Proposal.objects.create(
        run=run, circle=circle, mentee=mentee, mentor=leader, score=700_000
    )


def _scenario(run: PairingRun, manager: User) -> Scenario:
    return Scenario.objects.create(
        run=run, requested_by=manager, policy_snapshot=run.policy_snapshot, created_at=NOW
    )


def _pair_to_avoid(manager: User, match: Match) -> DoNotPair:
    low, high = sorted(match.members.values_list("user_id", flat=True))
    return DoNotPair.objects.create(low_id=low, high_id=high, created_by=manager, created_at=NOW)


def _profile(person: User) -> SkillSuggestion:
    """Give somebody a photo, and a word that the vocabulary lacks."""
    ProfilePhoto.objects.create(user=person, content=b"RIFF", digest="0" * 64, changed_at=NOW)
    return SkillSuggestion.objects.create(
        profile=person.profile,
        name="Juggling",
        name_key="juggling",
        direction="learn",
        created_at=NOW,
    )


def _line_token(enrolment: Enrolment, manager: User) -> str:
    """Let the mentee's line manager, whom they have named, be told."""
    Cohort.objects.filter(pk=enrolment.cohort_id).update(mentee_line_manager="told")
    NamedLineManager.objects.create(enrolment=enrolment, manager=manager, named_at=NOW)
    contact = LineContact.objects.create(
        enrolment=enrolment,
        manager=manager,
        state="told",
        opened_at=NOW,
        expires_at=timezone.now() + timedelta(days=30),
    )
    return line_token(contact)


def _invitation_token(cohort: Cohort, manager: User) -> str:
    invite_people(
        cohort=cohort, role="mentor", emails=["asked@example.org"], actor=manager, now=NOW
    )
    return invitation_token(Invitation.objects.get(enrolment__cohort=cohort))


def _stop_token(person: User) -> str:
    kind = next(kind for kind in registry.every_kind() if kind.may_stop)
    return stop_url(user_id=person.pk, kinds=[kind.name]).rstrip("/").rpartition("/")[2]


def _feed(cast: Any, manager: User) -> Feed:
    return Feed.objects.create(
        kind="changes",
        dated=NOW.date(),
        requested_by=cast.it_administrator,
        step="preview",
        status="done",
        file_name=f"hr-{manager.pk}.csv",
        content=zlib.compress(b"email\nnew@example.org\n"),
        reading={"headers": ["email"], "facts": {}, "sample": [["new@example.org"]]},
        columns=["email"],
        counts=dict.fromkeys(
            (
                *("rows", "join", "change", "leave", "away", "back", "unchanged", "problem"),
                *("managers", "missing", "unreadable", "participants", "leaving_participants"),
            ),
            0,
        ),
        created_at=NOW,
    )


def _import_run(cohort: Cohort, manager: User) -> ImportRun:
    return start_import(
        cohort=cohort,
        role="mentor",
        file_name=f"people of {cohort}.csv",
        content=b"email,first name\na@example.org,Ada\n",
        actor=manager,
        now=NOW,
    )


def _announced(cast: Any, program: Program) -> str:
    """Mark the draft of the program "own" alone: each program's managers read theirs."""
    return "Zq7announced" if program == cast.program else "Elsewhere"


def _message(recipient: User, program: Program) -> Message:
    return Message.objects.create(
        key=f"test:{recipient.pk}",
        kind="matching.matched",
        recipient=recipient,
        program_id=program.pk,
        due_at=NOW,
        message_id=f"<{recipient.pk}@example.org>",
        created_at=NOW,
    )


def _token(person: User) -> PersonalAccessToken:
    return PersonalAccessToken.objects.create(
        user=person,
        name="script",
        prefix="alng_",
        digest=bytes([person.pk % 256]) * 32,
        scopes=["read"],
        created_at=NOW,
        expires_at=NOW.replace(year=2099),
    )


def _webhook() -> dict[str, Any]:
    usual = {"url": "https://hr.example.org/in", "topics": ["match"], "created_at": NOW}
    secrets = {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "old_secret": ""}
    webhook, _is_new = Webhook.objects.get_or_create(
        name="Personnel system", defaults={**usual, **secrets}
    )
    delivery, _is_new = WebhookDelivery.objects.get_or_create(
        webhook=webhook,
        event_id=1,
        defaults={"kind": "match.ended", "body": "{}", "due_at": NOW, "created_at": NOW},
    )
    return {"webhook": webhook, "delivery": delivery}
