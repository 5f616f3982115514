"""Three lessons at the end of a cohort, for those who run the next one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import PersonRequest
from programs.access import get_managed_cohort
from programs.lesson_forms import LessonsForm
from programs.services.lessons import write_lessons


@login_required
@require_http_methods(["GET", "POST"])
def lessons(request: PersonRequest, pk: int) -> HttpResponse:
    cohort = get_managed_cohort(request.user, pk)
    written = {lesson.position: lesson.text for lesson in cohort.lessons.all()}
    form = LessonsForm(request.POST if request.method == "POST" else None, written=written)
    if request.method == "POST" and form.is_valid():
        write_lessons(cohort=cohort, texts=form.texts(), actor=request.user, now=timezone.now())
        messages.success(request, _("Kept. The next cohort that is made from this one opens so."))
        return redirect("programs:setup", pk=pk)
    context = {"cohort": cohort, "form": form}
    return render(request, "programs/lessons.html", context, status=422 if form.is_bound else 200)
