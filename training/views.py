"""The library of a cohort, its modules page by page, and what managers see of it."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from core.clock import local_day
from core.errors import DomainError
from participants.models import Enrolment, MemberRole
from programs.access import get_managed_cohort
from programs.models import Audience, Cohort
from training import access, selectors, services
from training.forms import QuizForm
from training.models import ModuleVersion, TrainingModule, TrainingProgress, TrainingRule
from training.reading import chapters_of

LEARNERS_A_PAGE = 50


@login_required
@require_safe
def library(request: PersonRequest) -> HttpResponse:
    """Show the guide of a cohort phase by phase, with its modules."""
    now = timezone.now()
    today = local_day(now, request.user.time_zone)
    enrolments = list(access.learning_enrolments(request.user))
    chosen = request.GET.get("enrolment", "")
    enrolment = next((one for one in enrolments if str(one.pk) == chosen), None) or next(
        iter(enrolments), None
    )
    context: dict[str, Any] = {"enrolment": enrolment, "enrolments": enrolments}
    if enrolment is not None:
        cohort = enrolment.cohort
        own = selectors.library_of(enrolment, today=today)
        context |= {
            "cohort": cohort,
            "library": own,
            "chapters": chapters_of(enrolment, own, today=today),
            "objectives": cohort.objectives.all(),
            "closing": cohort.closing_questions.filter(
                audience__in=(enrolment.role, Audience.BOTH)
            ),
            "is_mentor": enrolment.role == MemberRole.MENTOR,
        }
    return render(request, "training/library.html", context)


@login_required
@require_safe
def module(request: PersonRequest, pk: int) -> HttpResponse:
    """Open a module where the person stopped."""
    progress = _resumed(request, pk)
    page = min(progress.pages_read + 1, services.page_count(progress.version))
    if progress.completed_at is not None:
        page = 1
    return redirect("training:page", pk=pk, page=page)


@login_required
@require_http_methods(["GET", "POST"])
def page(request: PersonRequest, pk: int, page: int) -> HttpResponse:
    """Show one page of a module, or its quiz; a post goes on."""
    progress = _resumed(request, pk)
    parts = list(progress.version.parts.all())
    count = services.page_count(progress.version)
    if not 1 <= page <= count:
        raise Http404
    if page > progress.pages_read + 1 and progress.completed_at is None:
        return redirect("training:page", pk=pk, page=progress.pages_read + 1)
    context = {
        "module": progress.module,
        "version": progress.version,
        "progress": progress,
        "page": page,
        "count": count,
        "before": page - 1,
        "is_last": page == count,
        "share": round(100 * progress.pages_read / count),
    }
    if page > len(parts):
        return _quiz(request, progress, context)
    if request.method == "POST":
        try:
            services.read_page(progress=progress, page=page, now=timezone.now())
        except DomainError as error:
            return _back_to_next(request, progress, error)
        if page < count:
            return redirect("training:page", pk=pk, page=page + 1)
        return _finished(request, progress)
    context["part"] = parts[page - 1]
    return render(request, "training/page.html", context)


def _quiz(
    request: PersonRequest, progress: TrainingProgress, context: dict[str, Any]
) -> HttpResponse:
    form = QuizForm(request.POST if request.method == "POST" else None, version=progress.version)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                wrong = services.answer_quiz(
                    progress=progress, answers=form.answers(), now=timezone.now()
                )
            except DomainError as error:
                return _back_to_next(request, progress, error)
            if not wrong:
                return _finished(request, progress)
            form.mark_wrong(wrong)
    return render(request, "training/quiz.html", {**context, "form": form}, status=status)


def _back_to_next(
    request: PersonRequest, progress: TrainingProgress, error: DomainError
) -> HttpResponse:
    messages.error(request, str(error), extra_tags="stay")
    return redirect("training:page", pk=progress.module_id, page=progress.pages_read + 1)


def _finished(request: PersonRequest, progress: TrainingProgress) -> HttpResponse:
    messages.success(request, _("Finished. You can read it again whenever you like."))
    return redirect("training:done", pk=progress.module_id)


@login_required
@require_safe
def done(request: PersonRequest, pk: int) -> HttpResponse:
    """Say that a module is finished, with the right answers and why."""
    own, enrolment = access.get_own_module(request.user, pk)
    progress = get_object_or_404(
        TrainingProgress.objects.select_related("version"),
        module=own,
        enrolment=enrolment,
        completed_at__isnull=False,
    )
    today = local_day(timezone.now(), request.user.time_zone)
    left = selectors.library_of(enrolment, today=today).open_required
    context = {
        "module": own,
        "version": progress.version,
        "progress": progress,
        "questions": progress.version.questions.all(),
        "next_line": left[0] if left else None,
    }
    return render(request, "training/done.html", context)


@login_required
@require_safe
def part_file(request: PersonRequest, pk: int) -> FileResponse:
    part = access.get_part_with_file(request.user, pk)
    response = FileResponse(
        part.file.open("rb"), as_attachment=True, filename=PurePath(part.file.name or "").name
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _resumed(request: PersonRequest, pk: int) -> TrainingProgress:
    own, enrolment = access.get_own_module(request.user, pk)
    now = timezone.now()
    progress = services.resume(module=own, enrolment=enrolment, now=now)
    return services.take_again(progress=progress, now=now)


@login_required
@require_safe
def cohort(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a manager what is taught, who has finished, and who has not."""
    found = get_managed_cohort(request.user, pk)
    today = local_day(timezone.now(), request.user.time_zone)
    rows = (
        selectors.open_required(found, today=today)
        .filter(pk__in=found.enrolments.in_pool().values("pk"))
        .select_related("user")
        .order_by("user__name_key", "pk")
    )
    pages = Paginator(rows, LEARNERS_A_PAGE).get_page(request.GET.get("page"))
    excused = (
        Enrolment.objects.filter(cohort=found, training__excused_by__isnull=False)
        .select_related("user")
        .order_by("user__name_key", "pk")
        .distinct()
    )
    context = {
        "cohort": found,
        "figures": selectors.figures_of(found, today=today),
        "rule": TrainingRule.objects.filter(cohort=found).first(),
        "page_obj": pages,
        "learners": selectors.learners_of(pages, found, today=today),
        "excused": Paginator(excused, LEARNERS_A_PAGE).get_page(request.GET.get("excused")),
        "trained": selectors.trained_count(found, today=today),
        "people": found.enrolments.in_pool().count(),
    }
    return render(request, "training/cohort.html", context)


@login_required
@require_POST
def gate(request: PersonRequest, pk: int) -> HttpResponse:
    found = get_managed_cohort(request.user, pk)
    gates = request.POST.get("gates") == "1"
    services.set_gate(cohort=found, gates_pairing=gates, actor=request.user, now=timezone.now())
    messages.success(
        request,
        _("From now on, only people who have finished are paired.")
        if gates
        else _("Training is asked for, and pairing does not wait for it."),
    )
    return redirect("training:cohort", pk=pk)


@login_required
@require_POST
def excuse(request: PersonRequest, pk: int) -> HttpResponse:
    """Let somebody through without training, or take that back."""
    enrolment = _managed_enrolment(request, pk)
    if request.POST.get("back"):
        services.take_excuse_back(enrolment=enrolment, actor=request.user, now=timezone.now())
        messages.success(request, _("%(name)s is asked again.") % {"name": enrolment.user})
    else:
        count = services.excuse(enrolment=enrolment, actor=request.user, now=timezone.now())
        messages.success(
            request,
            ngettext(
                "%(name)s is excused from %(count)d module and can be paired.",
                "%(name)s is excused from %(count)d modules and can be paired.",
                count,
            )
            % {"name": enrolment.user, "count": count},
        )
    return redirect("training:cohort", pk=enrolment.cohort_id)


def _managed_enrolment(request: PersonRequest, pk: int) -> Enrolment:
    return get_object_or_404(
        Enrolment.objects.select_related("user", "cohort"),
        pk=pk,
        cohort__in=Cohort.objects.managed_by(request.user),
    )


@login_required
@require_safe
def preview(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a manager one version of a module as its readers get it, on one page."""
    version = get_object_or_404(
        ModuleVersion.objects.select_related("module__cohort__program"),
        pk=pk,
        module__in=TrainingModule.objects.filter(
            cohort__in=Cohort.objects.managed_by(request.user)
        ),
    )
    context = {
        "version": version,
        "module": version.module,
        "parts": version.parts.all(),
        "questions": version.questions.all(),
    }
    return render(request, "training/preview.html", context)


@login_required
@require_POST
def draft(request: PersonRequest, pk: int) -> HttpResponse:
    """Begin the next version of a module and open it in the admin."""
    found = access.get_managed_module(request.user, pk)
    version = services.draft_version(
        version=get_object_or_404(found.versions, is_current=True),
        actor=request.user,
        now=timezone.now(),
    )
    return redirect("admin:training_moduleversion_change", version.pk)


@login_required
@require_POST
def use(request: PersonRequest, pk: int) -> HttpResponse:
    """Put the draft of a module to use."""
    found = access.get_managed_module(request.user, pk)
    newest = found.versions.order_by("-number").first()
    try:
        if newest is None:
            raise Http404
        services.use_version(
            version=newest,
            asks_again=request.POST.get("again") == "1",
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        messages.success(request, _("Version %(number)s is in use.") % {"number": newest.number})
    return redirect("training:cohort", pk=found.cohort_id)
