"""This app's part of a person's data: profile, enrolments and their answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

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
    Enrolment,
    EnrolmentStatus,
    ImportRow,
    Profile,
    ProfileSkill,
    SkillDirection,
)


def register() -> None:
    register_exporter(
        Exporter(
            name="profile",
            title=_("Your profile"),
            fields={
                "bio": _("About you"),
                "function": _("Function or profession"),
                "goal_text": _("What you would like to reach"),
                "offer_text": _("What you can help with"),
                "offers": _("Can offer"),
                "wants_to_learn": _("Wants to learn"),
                "interests": _("Interests"),
                "languages": _("Languages"),
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
    register_eraser(Eraser(name="participants", erase=_erase))
    leave_out(
        {"participants.ImportRun.requested_by": "The file is about others; the act is in the log."}
    )


def _profile(person: User) -> Iterator[Row]:
    for profile in Profile.objects.filter(user=person).prefetch_related("skills__skill"):
        skills = list(profile.skills.all())
        yield {
            "bio": profile.bio,
            "function": profile.function,
            "goal_text": profile.goal_text,
            "offer_text": profile.offer_text,
            "offers": _names(skills, SkillDirection.OFFER),
            "wants_to_learn": _names(skills, SkillDirection.LEARN),
            "interests": profile.interests,
            "languages": profile.languages,
            "available_hours": profile.available_hours,
            "mentored_before_count": profile.mentored_before_count,
        }


def _names(skills: list[ProfileSkill], direction: str) -> list[str]:
    return [str(row.skill) for row in skills if row.direction == direction]


def _enrolments(person: User) -> Iterator[Row]:
    rows = Enrolment.objects.filter(user=person).select_related("cohort__program")
    for enrolment in rows.order_by("pk"):
        yield {
            "program": str(enrolment.cohort.program),
            "cohort": str(enrolment.cohort),
            "role": enrolment.get_role_display(),
            "status": enrolment.get_status_display(),
            "capacity": enrolment.capacity,
            "enrolled_at": enrolment.enrolled_at,
        }


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
    """Empty the profile, delete answers and rows of imports; enrolments stay as figures."""
    profiles = Profile.objects.filter(user=person)
    ProfileSkill.objects.filter(profile__in=profiles).delete()
    profiles.update(
        bio="",
        function="",
        goal_text="",
        offer_text="",
        interests=[],
        languages=[],
        available_hours=[],
    )
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
