"""A cohort as its mentors or mentees will see it, for those who set it up."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.http import PersonRequest
from core.clock import local_day
from matching.drafting import clauses_of
from participants.models import Enrolment, MemberRole
from participants.selectors import current_questions
from programs.access import get_managed_cohort
from programs.models import AgreementPart, Audience, ExpectationQuestion
from programs.wording import delivered
from training.reading import chapters_of
from training.selectors import library_of

READERS = {"private": "lock", "manager": "eye", "partner": "users-round"}


@login_required
@require_safe
def cohort_preview(request: PersonRequest, pk: int, role: str) -> HttpResponse:
    """Show what somebody of a role reads and is asked, from signing up to the end."""
    cohort = get_managed_cohort(request.user, pk)
    if role not in MemberRole.values:
        raise Http404
    today = local_day(timezone.now(), request.user.time_zone)
    invented = Enrolment(cohort=cohort, user=request.user, role=role)
    library = library_of(invented, today=today)
    clauses = clauses_of(cohort)
    context = {
        "cohort": cohort,
        "role": role,
        "roles": MemberRole.choices,
        "is_mentor": role == MemberRole.MENTOR,
        "questions": [
            {"question": question, "icon": READERS[question.visibility]}
            for question in current_questions(cohort, role)
        ],
        "expectations": ExpectationQuestion.objects.filter(
            form__cohort=cohort, form__is_current=True
        ),
        "clauses": [
            (part.label, clauses[part.value]) for part in AgreementPart if part.value in clauses
        ],
        "library": library,
        "chapters": chapters_of(invented, library, today=today),
        "objectives": [delivered(one.text) for one in cohort.objectives.all()],
        "closing": cohort.closing_questions.filter(audience__in=(role, Audience.BOTH)),
    }
    return render(request, "home/preview.html", context)
