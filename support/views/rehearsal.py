"""Look at what will be sent, before it is."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import PersonRequest
from core.errors import DomainError
from core.jobs import JobStatus
from programs.access import get_managed_cohort
from support import rehearsal as reading
from support import services
from support.access import get_rehearsal_for
from support.forms import RehearsalForm

PER_PAGE = 30


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rehearsals(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask for a look ahead, and find the latest ones."""
    cohort = get_managed_cohort(request.user, pk)
    form = RehearsalForm(request.POST or None, cohort=cohort)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.ask_rehearsal(
                cohort=cohort,
                weeks=form.cleaned_data["weeks"],
                changes=form.changes(),
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return redirect("support:rehearsal", pk=row.pk)
    context = {"cohort": cohort, "form": form, "latest": reading.latest(cohort)}
    status = 422 if form.errors else 200
    return render(request, "support/rehearsals.html", context, status=status)


@login_required
@require_safe
def rehearsal(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a look ahead: its progress, then its calendar, or one day of it."""
    row = get_rehearsal_for(request.user, pk)
    other = row.compared_with
    is_open = row.is_open or (other is not None and other.is_open)
    is_alone = not is_open and other is not None and other.status != JobStatus.DONE
    if is_alone:
        other = None
    context: dict[str, Any] = {
        "row": row,
        "cohort": row.cohort,
        "other": other,
        "is_open": is_open,
        "is_alone": is_alone,
        "end": reading.common_end(row, other) or row.reached_at,
    }
    if is_open and request.headers.get("HX-Request"):
        return render(request, "support/_rehearsal_job.html", context)
    if is_open:
        return render(request, "support/rehearsal.html", context)
    day = _day(request)
    reader = reading.Reader.of(request.user, until=reading.common_end(row, other))
    if day is not None:
        mails = reading.mails_on(row, reader, day)
        page = Paginator(mails, PER_PAGE).get_page(request.GET.get("page"))
        lines = [(mail, reading.title_of(mail.kind)) for mail in page.object_list]
        context |= {"day": day, "page_obj": page, "lines": lines}
        return render(request, "support/rehearsal_day.html", context)
    context |= {
        "days": reading.days_of(row, reader),
        "kinds": reading.kind_lines(row, other, reader),
        "busiest": reading.busiest_week(row, reader),
    }
    if other is not None:
        found, count = reading.differences(row, other, reader)
        context |= {"differences": found, "difference_count": count}
        context["busiest_before"] = reading.busiest_week(other, reader)
    answer = render(request, "support/rehearsal.html", context)
    if request.headers.get("HX-Request"):
        answer["HX-Refresh"] = "true"
    return answer


def _day(request: PersonRequest) -> date | None:
    raw = request.GET.get("day", "")
    if not raw:
        return None
    try:
        return date.fromisoformat(raw)
    except ValueError:
        raise Http404 from None
