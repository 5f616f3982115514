"""Write to the people of a cohort: the history, a draft, and what one does with it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from core.errors import DomainError
from feedback.access import get_cohort_for
from programs.models import Cohort
from support import announcing as reading
from support import services
from support.access import get_announcement_for
from support.forms import AnnouncementForm, ScheduleForm
from support.models import NAMED, Announcement, Segment

PER_PAGE = 30


@login_required
@require_safe
def announcements(request: PersonRequest, pk: int) -> HttpResponse:
    """List what was written to a cohort, and the groups one may write to."""
    cohort = get_cohort_for(request.user, pk)
    rows = Announcement.objects.managed_by(request.user).filter(cohort=cohort)
    page = Paginator(rows.select_related("author", "words", "cohort__program"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    found = reading.outcomes(page.object_list)
    context = {
        "cohort": cohort,
        "page_obj": page,
        "lines": [(row, reading.shown_subject(row), found.get(row.pk)) for row in page.object_list],
        "segments": reading.segment_counts(cohort),
    }
    return render(request, "support/announcements.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: PersonRequest, pk: int) -> HttpResponse:
    """Write a message from a template of its group; it is a draft until it is sent."""
    cohort = get_cohort_for(request.user, pk)
    segment = request.GET.get("segment", "")
    segment = segment if segment in Segment.values and segment not in NAMED else Segment.ALL
    template = reading.template_for(segment)
    initial = {"segment": segment, "subject": template.subject, "text": template.text}
    departments = reading.departments_of(cohort)
    form = AnnouncementForm(request.POST or None, departments=departments, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.draft_announcement(
                cohort=cohort, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            form.add_error(error.field or None, str(error))
        else:
            return redirect("support:announcement", pk=row.pk)
    return _form_page(request, cohort, form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PersonRequest, pk: int) -> HttpResponse:
    """Change a draft."""
    row = get_announcement_for(request.user, pk)
    initial = {
        "segment": row.segment,
        "department": row.department,
        "subject": row.words.subject,
        "text": row.words.text,
    }
    form = AnnouncementForm(
        request.POST or None,
        departments=reading.departments_of(row.cohort),
        is_about_people=row.segment in NAMED,
        initial=initial,
    )
    if request.method == "POST" and form.is_valid():
        values = {"segment": row.segment, "department": row.department, **form.cleaned_data}
        try:
            services.change_announcement(
                announcement=row, actor=request.user, now=timezone.now(), **values
            )
        except DomainError as error:
            form.add_error(error.field or None, str(error))
        else:
            return redirect("support:announcement", pk=row.pk)
    return _form_page(request, row.cohort, form, row=row)


def _form_page(
    request: PersonRequest,
    cohort: Cohort,
    form: AnnouncementForm,
    row: Announcement | None = None,
) -> HttpResponse:
    context = {
        "cohort": cohort,
        "form": form,
        "row": row,
        "merge_words": reading.MERGE_WORDS,
    }
    status = 422 if form.is_bound else 200
    return render(request, "support/announcement_form.html", context, status=status)


@login_required
@require_safe
def announcement(request: PersonRequest, pk: int) -> HttpResponse:
    """Show one message: who is meant, how it reads, and what became of it."""
    return _page(request, get_announcement_for(request.user, pk))


def _page(request: PersonRequest, row: Announcement, **forms: Any) -> HttpResponse:
    meant = reading.preview(row) if row.is_open else None
    known = meant.people if meant else list(reading.recipients(row)[:1])
    example = known[0] if known else request.user
    values = reading.values_for(row, example)
    context = {
        "row": row,
        "cohort": row.cohort,
        "preview": meant,
        "example": example if known else None,
        "subject": reading.merged(row.words.subject, values),
        "text": reading.merged(row.words.text, values),
        "outcome": reading.outcomes([row]).get(row.pk),
        "skipped": reading.reasons_skipped(row) if row.state == "sent" else [],
        "form": None,
        "schedule_form": ScheduleForm(),
        **forms,
    }
    status = 422 if forms else 200
    return render(request, "support/announcement.html", context, status=status)


@login_required
@require_POST
def act(request: PersonRequest, pk: int, what: str) -> HttpResponse:
    """Try, send, schedule or call off."""
    row = get_announcement_for(request.user, pk)
    doing = ACTS.get(what)
    if doing is None:
        raise Http404
    try:
        answer = doing(request, row)
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
        answer = None
    return answer or redirect("support:announcement", pk=pk)


def _try(request: PersonRequest, row: Announcement) -> None:
    services.try_announcement(announcement=row, actor=request.user, now=timezone.now())
    messages.success(request, _("It is on its way to you alone."))


def _send(request: PersonRequest, row: Announcement) -> None:
    sent = services.send_announcement(announcement=row, actor=request.user, now=timezone.now())
    text = _("On its way to %(count)d people.") % {"count": sent.audience_count}
    messages.success(request, text)


def _schedule(request: PersonRequest, row: Announcement) -> HttpResponse | None:
    form = ScheduleForm(request.POST)
    if form.is_valid():
        try:
            services.schedule_announcement(
                announcement=row, due_at=form.due_at(), actor=request.user, now=timezone.now()
            )
        except DomainError as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, _("Scheduled. You can call it off until then."))
            return None
    return _page(request, row, form=form, schedule_form=form)


def _cancel(request: PersonRequest, row: Announcement) -> None:
    services.cancel_announcement(announcement=row, actor=request.user, now=timezone.now())
    messages.success(request, _("Called off. Nobody gets it."))


ACTS = {"try": _try, "send": _send, "schedule": _schedule, "cancel": _cancel}
