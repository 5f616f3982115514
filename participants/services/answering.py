"""The enrolment form: drafts while one writes, and answers when one sends them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import change_profile
from audit.services import record
from core.clock import local_day
from core.errors import Conflict, DomainError
from notifications.services import queue_message
from participants.consent import consent_text, digest_of, has_agreed
from participants.externals import check_taken
from participants.joining import INSIDE, is_enrolling, link_is_open, takes_invited
from participants.line_managers import rule_for
from participants.models import (
    Answer,
    Consent,
    ConsentText,
    Enrolment,
    EnrolmentDraft,
    EnrolmentSource,
    EnrolmentStatus,
    Invitation,
    MemberRole,
    Profile,
    SignUpLink,
)
from participants.services.externals import note_welcome
from participants.services.line_managers import follow_line_manager
from participants.services.places import has_place, lock_cohort
from participants.services.screening import steps_before_yes
from programs.models import Cohort, EnrolmentForm, LineManagerRule, Question, QuestionKind

LONGEST_DRAFT = 150_000
S = EnrolmentStatus


@transaction.atomic
def begin(*, link: SignUpLink, user: User, now: datetime) -> EnrolmentDraft | Enrolment:
    """Let somebody begin the form by a link: a draft, or the enrolment they have.

    Effects: locks the link; at most one draft and a profile.

    Raises:
        DomainError: the link is closed, as many people as it allows have used it, or the person is
            from outside and the program takes none in this role.
    """
    enrolled = Enrolment.objects.filter(cohort=link.cohort_id, user=user, role=link.role).first()
    if enrolled is not None:
        return enrolled
    held = SignUpLink.objects.select_for_update(of=("self",)).select_related("cohort__program")
    current = held.get(pk=link.pk)
    check_taken(current.cohort, current.role, user)
    _check_link(current, user, now)
    draft = EnrolmentDraft.objects.filter(user=user, cohort=link.cohort_id, role=link.role).first()
    if draft is None:
        check_link_has_room(current)
        draft = EnrolmentDraft.objects.create(
            user=user, cohort_id=link.cohort_id, role=link.role, link=current, started_at=now
        )
    elif draft.link_id != current.pk:
        check_link_has_room(current)
        draft.link = current
        draft.save(update_fields=("link",))
    Profile.objects.get_or_create(user=user)
    return draft


def check_link_has_room(link: SignUpLink) -> None:
    """Raise ``DomainError`` when as many people as it allows have used the link."""
    if link.most_people is None:
        return
    if link.drafts.count() + link.enrolments.count() >= link.most_people:
        raise DomainError(
            _("As many people as it is meant for have used this link."), code="link_used_up"
        )


def _check_link(link: SignUpLink | None, user: User, now: datetime) -> None:
    if link is None or not link_is_open(link, now, user.time_zone):
        raise DomainError(
            _("This sign-up link is closed. Ask the person who gave it to you."),
            code="link_closed",
        )


@transaction.atomic
def save_draft(
    *,
    user: User,
    cohort: Cohort,
    role: str,
    form: EnrolmentForm | None,
    words: Mapping[str, Sequence[str]],
    now: datetime,
) -> EnrolmentDraft:
    """Keep what somebody has typed so far, unchecked and sealed; it is theirs alone.

    Effects: one row, made or overwritten.

    Raises:
        DomainError: it is longer than 150,000 characters in all.
    """
    text = json.dumps({key: list(values) for key, values in words.items()}, ensure_ascii=False)
    if len(text) > LONGEST_DRAFT:
        raise DomainError(_("This is too long to be kept. Shorten it a little."), code="too_long")
    draft, _made = EnrolmentDraft.objects.select_for_update().get_or_create(
        user=user, cohort=cohort, role=role, defaults={"started_at": now}
    )
    draft.words, draft.saved_at, draft.form = text, now, form
    draft.save(update_fields=("words", "saved_at", "form"))
    return draft


def words_of(draft: EnrolmentDraft | None) -> dict[str, list[str]]:
    """Return what was typed, by key of the question."""
    if draft is None or not draft.words:
        return {}
    found: dict[str, list[str]] = json.loads(draft.words)
    return found


@transaction.atomic
def submit(
    *,
    user: User,
    cohort: Cohort,
    role: str,
    answers: Mapping[Question, Any],
    agrees: bool,
    now: datetime,
    accepts_external: bool | None = None,
    names: Mapping[str, str] | None = None,
) -> Enrolment:
    """Take somebody's answers, and with the first ones their place, turn or request.

    Who was asked personally is in when a place is free; who comes by a link waits for a yes where
    the cohort looks at each sign-up. Without a free place people go on the waitlist. Where line
    managers are asked first, everybody waits for that answer. ``accepts_external`` is what a mentee
    said to a mentor from outside, None where it was not asked; ``names`` how they are called, where
    nobody knew.

    Effects, in one transaction: locks the cohort; the enrolment, typed answers, consent, the draft
    removed, the invitation accepted, one mail with where they stand, an audit row.

    Raises:
        DomainError: sign-up or editing is closed, or the words of consent are not agreed to.
        Conflict: the person has withdrawn or was declined.
    """
    if names:
        change_profile(person=user, now=now, **names)
    locked = lock_cohort(cohort.pk)
    draft = EnrolmentDraft.objects.filter(user=user, cohort=cohort, role=role).first()
    enrolment = (
        Enrolment.objects.select_for_update().filter(cohort=cohort, user=user, role=role).first()
    )
    if not (agrees or has_agreed(user.pk, locked)):
        raise DomainError(
            _("Please read what we keep and who sees it, and agree."),
            code="consent",
            field="agrees",
        )
    if enrolment is not None and enrolment.status in INSIDE:
        check_may_edit(locked, user, now)
    else:
        enrolment = _join(locked, user, role, draft, enrolment, now)
    if agrees:
        record_consent(user=user, cohort=locked, now=now)
    if rule_for(locked, role, user) != LineManagerRule.NOT_TOLD:
        follow_line_manager(enrolment=enrolment, now=now)
    if accepts_external is not None and role == MemberRole.MENTEE:
        note_welcome(enrolment, is_fine=accepts_external, now=now)
    _write(enrolment, answers)
    EnrolmentDraft.objects.filter(user=user, cohort=cohort, role=role).delete()
    Invitation.objects.filter(enrolment=enrolment, accepted_at__isnull=True).update(accepted_at=now)
    record(
        actor=user,
        action="participants.answered",
        about=enrolment,
        now=now,
        program_id=locked.program_id,
        detail={"cohort": locked.pk, "status": enrolment.status, "answers": len(answers)},
    )
    return enrolment


def check_may_edit(cohort: Cohort, user: User, now: datetime) -> None:
    """Raise ``DomainError`` when answers are fixed."""
    if not is_enrolling(cohort, local_day(now, user.time_zone)):
        raise DomainError(
            _("Enrolment has closed, so answers stay as they are. Your program manager can help."),
            code="answers_fixed",
        )


def _join(
    cohort: Cohort,
    user: User,
    role: str,
    draft: EnrolmentDraft | None,
    enrolment: Enrolment | None,
    now: datetime,
) -> Enrolment:
    if enrolment is not None and enrolment.status != S.INVITED:
        raise Conflict(
            _("You have left this cohort. Write to the program manager to come back."),
            code="has_left",
        )
    check_taken(cohort, role, user)
    if enrolment is None:
        _check_link(draft.link if draft else None, user, now)
    elif not takes_invited(cohort):
        raise DomainError(_("This cohort takes nobody any more."), code="cohort_closed")
    is_asked = enrolment is not None
    status = _first_status(cohort, user, role, is_asked=is_asked, now=now)
    if enrolment is None:
        enrolment = Enrolment.objects.create(
            cohort=cohort,
            user=user,
            role=role,
            status=status,
            capacity=1 if role == MemberRole.MENTEE else cohort.mentor_capacity,
            source=EnrolmentSource.SIGN_UP,
            sign_up_link=draft.link if draft else None,
            enrolled_at=now,
            status_changed_at=now,
        )
    else:
        enrolment.status, enrolment.status_changed_at = status, now
        enrolment.save(update_fields=("status", "status_changed_at"))
    Profile.objects.get_or_create(user=user)
    tell_standing(enrolment, now=now)
    return enrolment


def _first_status(cohort: Cohort, user: User, role: str, *, is_asked: bool, now: datetime) -> str:
    if (cohort.needs_approval and not is_asked) or _has_open_steps(cohort, user, role, now):
        return S.APPLIED
    if rule_for(cohort, role, user) == LineManagerRule.ASKED:
        return S.APPLIED
    return S.ENROLLED if has_place(cohort, role, now=now) else S.WAITLISTED


def _has_open_steps(cohort: Cohort, user: User, role: str, now: datetime) -> bool:
    """Tell whether somebody has to pass something before they may be in."""
    return bool(steps_before_yes(Enrolment(cohort=cohort, user=user, role=role), now=now))


def tell_standing(enrolment: Enrolment, *, now: datetime, due_at: datetime | None = None) -> None:
    """Write to somebody where they stand now, at once or at ``due_at`` if they still do."""
    queue_message(
        kind="participants.standing",
        recipient=enrolment.user,
        now=now,
        object_id=enrolment.pk,
        occasion=f"{enrolment.status} {now:%Y-%m-%dT%H:%M:%S}",
        program_id=enrolment.cohort.program_id,
        cohort_id=enrolment.cohort_id,
        due_at=due_at,
    )


def record_consent(*, user: User, cohort: Cohort, now: datetime) -> Consent:
    """Store that somebody agreed to the words on the page, with version and time.

    Effects: the consent; a new version of the text where its words are new. The cohort is locked.
    """
    text = consent_text(cohort.program)
    program = cohort.program
    wording = ConsentText.objects.filter(program=program, digest=digest_of(text)).first()
    if wording is None:
        newest = ConsentText.objects.filter(program=program).order_by("-version").first()
        wording = ConsentText.objects.create(
            program=program,
            version=newest.version + 1 if newest else 1,
            language=translation.get_language() or "en",
            text=text,
            digest=digest_of(text),
            first_used_at=now,
        )
    consent, _made = Consent.objects.get_or_create(
        user=user, cohort=cohort, text=wording, defaults={"given_at": now}
    )
    return consent


def _write(enrolment: Enrolment, answers: Mapping[Question, Any]) -> None:
    """Replace the answers to these questions and to earlier versions of them."""
    keys = [question.key for question in answers]
    Answer.objects.filter(enrolment=enrolment, question__key__in=keys).delete()
    Answer.objects.bulk_create(
        Answer(enrolment=enrolment, question=question, **column_of(question, value))
        for question, value in answers.items()
        if value not in (None, "", [])
    )


def column_of(question: Question, value: Any) -> dict[str, Any]:
    """Return the column that an answer of this kind stands in."""
    match question.kind:
        case QuestionKind.SCALE:
            return {"number": int(value)}
        case QuestionKind.DATE:
            return {"day": value}
        case QuestionKind.CHOICE:
            return {"choices": [value]}
        case QuestionKind.CHOICES:
            return {"choices": list(value)}
    return {"text": value}
