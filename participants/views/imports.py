"""Import people from a file: upload, columns, preview, confirm, progress, result, undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts.http import PersonRequest
from accounts.models import Level
from core.errors import DomainError
from core.ui.forms import take_refusal
from participants import access, presenting, stepped
from participants.forms import LevelsForm, MappingForm, UploadForm
from participants.importing.sentences import said_problem
from participants.models import ImportRun, MemberRole
from participants.services import importing
from participants.services.carrying import record_download
from participants.services.ladder import extend_ladder, may_extend_ladder
from participants.views.people import INVALID
from programs.models import Cohort

EARLIER = 20


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_new(request: PersonRequest, pk: int) -> HttpResponse:
    """Upload a file; below, the earlier imports of the cohort."""
    cohort = access.get_managed_cohort(request.user, pk)
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        cohort=cohort,
        initial={"role": request.GET.get("role", "")},
    )
    if form.is_valid():
        try:
            run = _start(request, cohort, form)
        except DomainError as error:
            take_refusal(form, error, instead="file")
        else:
            return redirect("participants:import_run", run.token)
    earlier = cohort.imports.select_related("requested_by")[:EARLIER]
    context = {
        "cohort": cohort,
        "form": form,
        "earlier": [(run, stepped.phase_of(run)) for run in earlier],
        "steps": stepped.steps_of(None, last=_("Import")),
    }
    status = INVALID if form.is_bound else 200
    return render(request, "participants/import_new.html", context, status=status)


def _start(request: PersonRequest, cohort: Cohort, form: UploadForm) -> ImportRun:
    file = form.cleaned_data["file"]
    return importing.start_import(
        cohort=cohort,
        role=form.cleaned_data["role"],
        file_name=file.name,
        content=file.read(),
        actor=request.user,
        now=timezone.now(),
    )


@login_required
@require_safe
def import_run(request: PersonRequest, token: UUID) -> HttpResponse:
    """Show where an import stands: columns, progress, preview or result."""
    run = access.get_managed_import(request.user, token)
    pages: dict[str, Callable[[PersonRequest, ImportRun], HttpResponse]] = {
        stepped.MAP: _columns_page,
        stepped.WORKING: _working_page,
        stepped.PREVIEW: _preview_page,
        stepped.STOPPED: _stopped_page,
        stepped.DONE: _result_page,
        stepped.UNDONE: _result_page,
    }
    return pages[stepped.phase_of(run)](request, run)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_columns(request: PersonRequest, token: UUID) -> HttpResponse:
    """Say what each column means, the first time or again."""
    run = access.get_managed_import(request.user, token)
    if request.method != "POST":
        return _columns_page(request, run)
    form = MappingForm(request.POST, run=run)
    if form.is_valid():
        try:
            importing.map_columns(run=run, columns=form.chosen(), now=timezone.now())
        except DomainError as error:
            take_refusal(form, error)
        else:
            return redirect("participants:import_run", run.token)
    return _columns_page(request, run, form=form)


@login_required
@require_POST
def import_levels(request: PersonRequest, token: UUID) -> HttpResponse:
    """Add the levels that the ladder lacks, then look at the file again."""
    run = access.get_managed_import(request.user, token)
    form = LevelsForm(request.POST)
    if form.is_valid():
        try:
            now = timezone.now()
            extend_ladder(names=form.cleaned_data["levels"], actor=request.user, now=now)
            importing.check_again(run=run, now=now)
        except DomainError as error:
            take_refusal(form, error, instead="levels")
        else:
            return redirect("participants:import_run", run.token)
    if stepped.phase_of(run) != stepped.PREVIEW:
        return redirect("participants:import_run", run.token)
    return _preview_page(request, run, form=form)


@login_required
@require_safe
def import_progress(request: PersonRequest, token: UUID) -> HttpResponse:
    """Answer the progress card's question; when the work has ended, have the page loaded anew."""
    run = access.get_managed_import(request.user, token)
    if not request.htmx:
        return redirect("participants:import_run", run.token)
    if not run.is_open:
        return HttpResponseClientRefresh()
    return render(request, "parts/job.html", presenting.progress_of(run))


@login_required
@require_POST
def import_confirm(request: PersonRequest, token: UUID) -> HttpResponse:
    """Import what the preview shows."""
    return _act(
        request,
        token,
        lambda run: importing.confirm_import(
            run=run, seen=request.POST.get("seen", ""), actor=request.user, now=timezone.now()
        ),
    )


@login_required
@require_POST
def import_check(request: PersonRequest, token: UUID) -> HttpResponse:
    """Look at the file again."""
    return _act(request, token, lambda run: importing.check_again(run=run, now=timezone.now()))


@login_required
@require_POST
def import_cancel(request: PersonRequest, token: UUID) -> HttpResponse:
    """Stop the work under way."""
    return _act(request, token, lambda run: importing.cancel_import(run=run, now=timezone.now()))


@login_required
@require_POST
def import_undo(request: PersonRequest, token: UUID) -> HttpResponse:
    """Take an import back."""
    return _act(
        request,
        token,
        lambda run: importing.undo_import(run=run, actor=request.user, now=timezone.now()),
    )


@login_required
@require_POST
def import_discard(request: PersonRequest, token: UUID) -> HttpResponse:
    """Delete an import that was not applied."""
    run = access.get_managed_import(request.user, token)
    try:
        importing.discard_import(run=run)
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
        return redirect("participants:import_run", token)
    messages.success(request, _("The file is deleted. Nothing was imported."))
    return redirect("participants:import_new", run.cohort_id)


@login_required
@require_safe
def import_problems(request: PersonRequest, token: UUID) -> StreamingHttpResponse:
    """Download the problem rows with a column that says why."""
    run = access.get_managed_import(request.user, token)
    record_download(run=run, actor=request.user, now=timezone.now())
    response = StreamingHttpResponse(
        presenting.as_csv(stepped.problem_file(run, said_problem=said_problem)),
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="problems-{run.pk}.csv"'
    return response


def _act(request: PersonRequest, token: UUID, act: Callable[[ImportRun], Any]) -> HttpResponse:
    """Do one thing with an import and show its page; a refusal becomes a message there."""
    run = access.get_managed_import(request.user, token)
    try:
        act(run)
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    return redirect("participants:import_run", token)


def _page(
    request: PersonRequest, run: ImportRun, template: str, status: int = 200, **context: Any
) -> HttpResponse:
    shared = {"run": run, "cohort": run.cohort, "steps": stepped.steps_of(run, last=_("Import"))}
    return render(request, f"participants/{template}.html", {**shared, **context}, status=status)


def _columns_page(
    request: PersonRequest, run: ImportRun, form: MappingForm | None = None
) -> HttpResponse:
    if stepped.phase_of(run) not in (stepped.MAP, stepped.PREVIEW, stepped.STOPPED):
        return redirect("participants:import_run", run.token)
    status = INVALID if form else 200
    form = form or MappingForm(run=run)
    return _page(request, run, "import_columns", status, form=form)


def _working_page(request: PersonRequest, run: ImportRun) -> HttpResponse:
    return _page(request, run, "import_working", progress=presenting.progress_of(run))


def _preview_page(
    request: PersonRequest, run: ImportRun, form: LevelsForm | None = None
) -> HttpResponse:
    show, number = request.GET.get("show", ""), request.GET.get("page", "")
    page, show = presenting.rows_page(run, show=show, number=number)
    missing = run.counts.get("levels", [])
    ladder = list(Level.objects.values_list("name", flat=True)) if missing else []
    return _page(
        request,
        run,
        "import_preview",
        INVALID if form else 200,
        page=page,
        filters=presenting.filters_of(run, show),
        seen=importing.preview_stamp(run),
        can_import=importing.importable_count(run),
        missing_levels=missing[: presenting.LEVELS_SHOWN],
        more_levels=max(0, len(missing) - presenting.LEVELS_SHOWN),
        may_add_levels=bool(missing) and may_extend_ladder(request.user),
        levels_url=request.build_absolute_uri(
            presenting.page_for_levels([name for name, _count in missing])
        ),
        form=form
        or LevelsForm(
            initial={"levels": "\n".join([*ladder, *(name for name, _count in missing)])}
        ),
    )


def _stopped_page(request: PersonRequest, run: ImportRun) -> HttpResponse:
    return _page(request, run, "import_stopped")


def _result_page(request: PersonRequest, run: ImportRun) -> HttpResponse:
    may_undo = stepped.may_undo(run, now=timezone.now())
    until = stepped.undo_until(run)
    return _page(
        request,
        run,
        "import_result",
        may_undo=may_undo,
        undo_until=until,
        next_role=_missing_role(run.cohort),
    )


def _missing_role(cohort: Cohort) -> str:
    """Return the role that nobody has in the cohort yet, or nothing."""
    if cohort.program.is_of_peers:
        return ""
    here = set(cohort.enrolments.order_by().values_list("role", flat=True).distinct())
    missing = [role for role in MemberRole.values if role not in here]
    return missing[0] if len(missing) == 1 else ""
