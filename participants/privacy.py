"""This app's part of a person's data: profile, enrolments and their answers."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.privacy import (
    Eraser,
    Exporter,
    Row,
    leave_out,
    register_eraser,
    register_exporter,
)
from participants.models import (
    Answer,
    Confidentiality,
    Consent,
    Enrolment,
    EnrolmentDraft,
    EnrolmentNote,
    EnrolmentStatus,
    ImportRow,
    Invitation,
    LineContact,
    LineOverride,
    MoreAsked,
    NamedLineManager,
    Profile,
    ProfilePhoto,
    ProfileSkill,
    Recommendation,
    Referee,
    ScreeningResult,
    SkillDirection,
    SkillSuggestion,
)
from participants.services.answering import words_of


def register() -> None:
    register_exporter(
        Exporter(
            name="profile",
            title=_("Your profile"),
            fields={
                "bio": _("About you"),
                "function": _("Function or profession"),
                "career_goal": _("Role you would like to reach"),
                "goal_text": _("What you would like to reach"),
                "offer_text": _("What you can help with"),
                "offers": _("Can offer"),
                "wants_to_learn": _("Wants to learn"),
                "interests": _("Interests"),
                "languages": _("Languages"),
                "language_levels": _("How well"),
                "links": _("Links"),
                "suggested_skills": _("Suggested"),
                "available_hours": _("Hours of the week that suit, from Monday midnight"),
                "mentored_before_count": _("Mentees before"),
            },
            rows=_profile,
            covers=("participants.Profile.user",),
        )
    )
    register_exporter(
        Exporter(
            name="enrolments",
            title=_("Cohorts you are or were in"),
            fields={
                "program": _("Program"),
                "cohort": _("Cohort"),
                "role": _("Role"),
                "status": _("Status"),
                "capacity": _("Capacity"),
                "enrolled_at": _("Enrolled"),
                "note": _("What the program manager wrote"),
                "asked": _("What the program manager asked"),
                "answered": _("What you answered to that"),
                "line_manager": _("Line manager who was told or asked"),
                "accepts_external": _("A mentor from outside is fine with me"),
            },
            rows=_enrolments,
            covers=("participants.Enrolment.user",),
        )
    )
    register_exporter(
        Exporter(
            name="answers",
            title=_("What you answered when you joined"),
            fields={
                "cohort": _("Cohort"),
                "question": _("Question"),
                "answer": _("Answer"),
                "seen_by": _("Who sees it"),
            },
            rows=_answers,
        )
    )
    _register_joining()
    register_eraser(Eraser(name="participants", erase=_erase))
    leave_out(
        {
            "participants.ImportRun.requested_by": "The file is about others; the act is logged.",
            "participants.SignUpLink.created_by": "A link is for others; the act is in the log.",
            "participants.Invitation.invited_by": "An invitation is to others; the act is logged.",
            "participants.NamedLineManager.manager": "Somebody else named them; the act is logged.",
            "participants.LineOverride.decided_by": "The words are about somebody else.",
            "participants.Recommendation.decided_by": "It is about others; the act is logged.",
            "participants.EnrolmentNote.written_by": "The words are to somebody else.",
            "participants.MoreAsked.asked_by": "The words are to somebody else.",
            "participants.BulkDecision.decided_by": "It is about others and gone after a day.",
            "participants.ScreeningResult.decided_by": "It is about others; the act is logged.",
        }
    )


def _register_joining() -> None:
    register_exporter(
        Exporter(
            name="sign_ups",
            title=_("Sign-ups you have begun"),
            fields={
                "cohort": _("Cohort"),
                "role": _("Role"),
                "saved_at": _("Saved"),
                "words": _("Answer"),
            },
            rows=_drafts,
            covers=("participants.EnrolmentDraft.user",),
        )
    )
    register_exporter(
        Exporter(
            name="recommendations",
            title=_("Colleagues you recommended"),
            fields={
                "cohort": _("Cohort"),
                "role": _("Role"),
                "name": _("Name"),
                "email": _("E-mail"),
                "reason": _("Why it would fit"),
                "state": _("Status"),
                "made_at": _("Said"),
            },
            rows=_recommendations,
            covers=("participants.Recommendation.by",),
        )
    )
    register_exporter(
        Exporter(
            name="consents",
            title=_("What you agreed to"),
            fields={
                "cohort": _("Cohort"),
                "version": _("Version"),
                "given_at": _("Agreed"),
                "text": _("Words"),
            },
            rows=_consents,
            covers=("participants.Consent.user",),
        )
    )
    register_exporter(
        Exporter(
            name="confidentiality",
            title=_("What you keep to yourself"),
            fields={
                "program": _("Program"),
                "version": _("Version"),
                "agreed_at": _("Agreed"),
                "text": _("Words"),
            },
            rows=_confidentialities,
            covers=("participants.Confidentiality.user",),
        )
    )
    register_exporter(
        Exporter(
            name="answers_as_line_manager",
            title=_("What you were told or asked as a line manager"),
            fields={
                "person": _("Person"),
                "cohort": _("Cohort"),
                "state": _("Answer"),
                "opened_at": _("Told or asked"),
                "sentence": _("What you wrote"),
            },
            rows=_as_line_manager,
            covers=("participants.LineContact.manager",),
        )
    )
    register_exporter(
        Exporter(
            name="screening",
            title=_("Screening steps"),
            fields={
                "program": _("Program"),
                "step": _("Step"),
                "state": _("Outcome"),
                "decided_at": _("Noted"),
                "checked_on": _("Day of the check"),
                "holds_until": _("Holds until"),
                "reason": _("What the program manager wrote"),
            },
            rows=_screening,
            covers=("participants.ScreeningResult.user",),
        )
    )
    register_exporter(
        Exporter(
            name="referees",
            title=_("Whom you named for a reference"),
            fields={
                "program": _("Program"),
                "step": _("Step"),
                "name": _("Name"),
                "email": _("E-mail"),
                "named_at": _("Named"),
            },
            rows=_referees,
            covers=("participants.Referee.user",),
        )
    )
    register_exporter(
        Exporter(
            name="photo",
            title=_("Photo"),
            fields={"changed_at": _("Changed"), "webp_base64": _("Photo, as WebP in base64")},
            rows=_photo,
            covers=("participants.ProfilePhoto.user",),
        )
    )


def _profile(person: User) -> Iterator[Row]:
    rows = Profile.objects.filter(user=person)
    for profile in rows.prefetch_related("skills__skill", "suggested_skills"):
        skills = list(profile.skills.all())
        yield {
            "bio": profile.bio,
            "function": profile.function,
            "career_goal": profile.career_goal,
            "goal_text": profile.goal_text,
            "offer_text": profile.offer_text,
            "offers": _names(skills, SkillDirection.OFFER),
            "wants_to_learn": _names(skills, SkillDirection.LEARN),
            "interests": profile.interests,
            "languages": profile.languages,
            "language_levels": [f"{code} {level}" for code, level in profile.spoken().items()],
            "links": profile.links or [],
            "suggested_skills": [row.name for row in profile.suggested_skills.all()],
            "available_hours": profile.available_hours,
            "mentored_before_count": profile.mentored_before_count,
        }


def _names(skills: list[ProfileSkill], direction: str) -> list[str]:
    return [str(row.skill) for row in skills if row.direction == direction]


def _enrolments(person: User) -> Iterator[Row]:
    rows = Enrolment.objects.filter(user=person).select_related(
        "cohort__program", "note", "more_asked"
    )
    for enrolment in rows.prefetch_related("line_contacts__manager").order_by("pk"):
        yield {
            "program": str(enrolment.cohort.program),
            "cohort": str(enrolment.cohort),
            "role": enrolment.get_role_display(),
            "status": enrolment.get_status_display(),
            "capacity": enrolment.capacity,
            "enrolled_at": enrolment.enrolled_at,
            "note": note.text if (note := getattr(enrolment, "note", None)) else "",
            "asked": more.text if (more := getattr(enrolment, "more_asked", None)) else "",
            "answered": more.answer if more else "",
            "line_manager": [str(row.manager) for row in enrolment.line_contacts.all()],
            "accepts_external": enrolment.accepts_external,
        }


def _as_line_manager(person: User) -> Iterator[Row]:
    rows = LineContact.objects.filter(manager=person, closed_at__isnull=True)
    for contact in rows.select_related("enrolment__user", "enrolment__cohort", "sentence"):
        yield {
            "person": str(contact.enrolment.user),
            "cohort": str(contact.enrolment.cohort),
            "state": contact.get_state_display(),
            "opened_at": contact.opened_at,
            "sentence": said.text if (said := getattr(contact, "sentence", None)) else "",
        }


def _drafts(person: User) -> Iterator[Row]:
    rows = EnrolmentDraft.objects.filter(user=person).select_related("cohort")
    for draft in rows.order_by("started_at"):
        yield {
            "cohort": str(draft.cohort),
            "role": draft.get_role_display(),
            "saved_at": draft.saved_at,
            "words": [f"{key}: {', '.join(typed)}" for key, typed in words_of(draft).items()],
        }


def _recommendations(person: User) -> Iterator[Row]:
    for row in Recommendation.objects.filter(by=person).select_related("cohort"):
        yield {
            "cohort": str(row.cohort),
            "role": row.get_role_display(),
            "name": row.name,
            "email": row.email,
            "reason": row.reason,
            "state": row.get_state_display(),
            "made_at": row.made_at,
        }


def _consents(person: User) -> Iterator[Row]:
    rows = Consent.objects.filter(user=person).select_related("cohort", "text")
    for consent in rows.order_by("given_at"):
        yield {
            "cohort": str(consent.cohort),
            "version": consent.text.version,
            "given_at": consent.given_at,
            "text": consent.text.text,
        }


def _confidentialities(person: User) -> Iterator[Row]:
    rows = Confidentiality.objects.filter(user=person).select_related("text__program")
    for row in rows.order_by("agreed_at", "pk"):
        yield {
            "program": str(row.text.program),
            "version": row.text.version,
            "agreed_at": row.agreed_at,
            "text": row.text.text,
        }


def _screening(person: User) -> Iterator[Row]:
    rows = ScreeningResult.objects.filter(user=person).select_related("step__program")
    for row in rows.order_by("decided_at"):
        yield {
            "program": str(row.step.program),
            "step": row.step.name,
            "state": row.get_state_display(),
            "decided_at": row.decided_at,
            "checked_on": row.checked_on,
            "holds_until": row.holds_until,
            "reason": row.reason,
        }


def _referees(person: User) -> Iterator[Row]:
    rows = Referee.objects.filter(user=person).select_related("step__program")
    for row in rows.order_by("step_id", "position"):
        yield {
            "program": str(row.step.program),
            "step": row.step.name,
            "name": row.name,
            "email": row.email,
            "named_at": row.named_at,
        }


def _photo(person: User) -> Iterator[Row]:
    for photo in ProfilePhoto.objects.filter(user=person):
        content = base64.b64encode(bytes(photo.content)).decode("ascii")
        yield {"changed_at": photo.changed_at, "webp_base64": content}


def _answers(person: User) -> Iterator[Row]:
    rows = Answer.objects.filter(enrolment__user=person)
    for answer in rows.select_related("question", "enrolment__cohort").order_by("pk"):
        said = answer.text or answer.number or answer.day or answer.choices
        yield {
            "cohort": str(answer.enrolment.cohort),
            "question": answer.question.label,
            "answer": said,
            "seen_by": answer.question.get_visibility_display(),
        }


def _erase(person: User, now: datetime) -> None:
    """Empty the profile, delete answers, drafts, photo and rows of imports.

    Enrolments stay as figures, and that somebody agreed to which words as proof.
    """
    profiles = Profile.objects.filter(user=person)
    ProfileSkill.objects.filter(profile__in=profiles).delete()
    profiles.update(
        bio="",
        function="",
        career_goal="",
        goal_text="",
        offer_text="",
        interests=[],
        languages=[],
        language_levels={},
        links=[],
        available_hours=[],
    )
    SkillSuggestion.objects.filter(profile__in=profiles).delete()
    ProfilePhoto.objects.filter(user=person).delete()
    EnrolmentDraft.objects.filter(user=person).delete()
    Recommendation.objects.filter(Q(by=person) | Q(email__iexact=person.email)).delete()
    EnrolmentNote.objects.filter(enrolment__user=person).delete()
    MoreAsked.objects.filter(enrolment__user=person).delete()
    ScreeningResult.objects.filter(user=person).delete()
    Referee.objects.filter(user=person).delete()
    Invitation.objects.filter(enrolment__user=person).delete()
    LineContact.objects.filter(Q(enrolment__user=person) | Q(manager=person)).delete()
    NamedLineManager.objects.filter(Q(enrolment__user=person) | Q(manager=person)).delete()
    LineOverride.objects.filter(enrolment__user=person).delete()
    enrolments = Enrolment.objects.filter(user=person)
    Answer.objects.filter(enrolment__in=enrolments).delete()
    rows = ImportRow.objects.filter(enrolment_id__in=list(enrolments.values_list("pk", flat=True)))
    for row in rows.select_related("run"):
        row.run.content = b""
        row.run.save(update_fields=["content"])
    rows.update(cells=[], values={}, differences=[], problems=[], before=None)
    enrolments.exclude(status=EnrolmentStatus.WITHDRAWN).update(
        status=EnrolmentStatus.WITHDRAWN, status_changed_at=now
    )
