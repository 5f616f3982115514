"""Dashboards for managers, the report for HR, and exports."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.access import MANAGER, OWNER, has_role_in
from accounts.http import PersonRequest
from core.clock import local_day
from core.errors import DomainError, NotAllowed
from participants.selectors.screening import unscreened
from programs.access import get_managed_cohort
from programs.models import Cohort, CohortStatus
from reports import dashboard, selectors, streams
from reports.access import require_reports
from reports.datasets import DATASETS, Dataset
from reports.evidence import evidence_of
from reports.fit import fit_figures
from reports.forms import ReportForm
from reports.funnel import NEXT, FunnelStep, Names
from reports.objectives import objectives_of
from reports.selectors import Filters, Funnel
from reports.services import start_export
from support.help import help_count
from support.models import Health

PAIRS_A_PAGE = NAMES_A_PAGE = 50
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@login_required
@require_safe
def overview(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a manager how the cohort does."""
    cohort = get_managed_cohort(request.user, pk)
    today = local_day(timezone.now(), request.user.time_zone)
    filters = Filters(cohort, cohort.enrolment_opens_on, today)
    meetings = selectors.meeting_figures(filters)
    counts, check_ins = selectors.match_and_check_in_counts(cohort)
    context = {
        "cohort": cohort,
        "today": today,
        "week": max(0, (today - cohort.starts_on).days // 7 + 1),
        "counts": counts,
        "meetings": meetings,
        "expected": dashboard.expected_meetings(cohort, counts["all"], today=today),
        "check_ins": check_ins,
        "answered_percent": _percent(check_ins["answered"], check_ins["asked"]),
        "funnel": _funnel_rows(selectors.funnel(filters), cohort),
        "unscreened_count": unscreened(cohort, today=today).count(),
        "chart": _chart(meetings.by_week, cohort.starts_on),
        **dashboard.overview_context(cohort, request.user, today=today),
    }
    return render(request, "reports/overview.html", context)


@login_required
@require_safe
def funnel_names(request: PersonRequest, pk: int, step: str) -> HttpResponse:
    """Show a manager who stands behind a number of the funnel, and who did not come further."""
    cohort = get_managed_cohort(request.user, pk)
    if step not in FunnelStep.values:
        raise Http404
    today = local_day(timezone.now(), request.user.time_zone)
    filters = Filters(cohort, cohort.enrolment_opens_on, today)
    chosen = FunnelStep(step)
    only_stopped = chosen in NEXT and request.GET.get("show") == "stopped"
    names = Names(filters, chosen, only_stopped=only_stopped)
    context = {
        "cohort": cohort,
        "step": chosen,
        "stopped_label": NEXT[chosen][1] if chosen in NEXT else "",
        "only_stopped": only_stopped,
        "funnel": _funnel_rows(selectors.funnel(filters), cohort),
        "page_obj": Paginator(names, NAMES_A_PAGE).get_page(request.GET.get("page")),
        "today": today,
    }
    return render(request, "reports/names.html", context)


@login_required
@require_safe
def pairs(request: PersonRequest, pk: int) -> HttpResponse:
    """List all open matches with their health, a page at a time."""
    cohort = get_managed_cohort(request.user, pk)
    today = local_day(timezone.now(), request.user.time_zone)
    order = request.GET.get("sort", "attention")
    only = request.GET.get("health", "")
    matches = dashboard.judged(
        cohort,
        request.user,
        today=today,
        order=order,
        only=only if only in Health.values else "",
    )
    page = Paginator(matches, PAIRS_A_PAGE).get_page(request.GET.get("page"))
    drawn = dashboard.pair_rows(list(page.object_list), cohort=cohort, today=today)
    context = {
        "cohort": cohort,
        "page": page,
        "pairs": drawn,
        "order": order,
        "only": only,
        "states": Health.choices,
        "strip_week": dashboard.strip_week(cohort, today),
        "strip_count": len(drawn[0].code) if drawn else 0,
    }
    return render(request, "reports/pairs.html", context)


@login_required
@require_safe
def evidence(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a manager which criteria went with good fit answers, and which did not."""
    cohort = get_managed_cohort(request.user, pk)
    context = {
        "cohort": cohort,
        "evidence": evidence_of(cohort, reader=request.user),
        "as_of": timezone.now(),
    }
    return render(request, "reports/evidence.html", context)


@login_required
@require_safe
def outcomes(request: PersonRequest) -> HttpResponse:
    """Show HR the funnel, the meetings and the groups of one cohort."""
    require_reports(request.user)
    cohorts = list(selectors.cohorts_reported_to(request.user))
    if not cohorts:
        return render(request, "reports/no_cohorts.html")
    form, filters = _chosen(request, cohorts)
    context: dict[str, Any] = {"form": form}
    if filters is not None:
        context |= _report(filters, request)
    return render(request, "reports/outcomes.html", context, status=200 if filters else 422)


def _chosen(request: PersonRequest, cohorts: list[Cohort]) -> tuple[ReportForm, Filters | None]:
    data = request.GET.copy()
    running = [cohort for cohort in cohorts if cohort.status == CohortStatus.ACTIVE]
    data.setdefault("cohort", str((running or cohorts)[0].pk))
    data.setdefault("group_by", "department")
    today = local_day(timezone.now(), request.user.time_zone)
    form = ReportForm(data, cohorts=cohorts, today=today)
    return form, form.filters() if form.is_valid() else None


def _report(filters: Filters, request: PersonRequest) -> dict[str, Any]:
    funnel = selectors.funnel(filters)
    meetings = selectors.meeting_figures(filters)
    groups = selectors.groups(filters)
    query = urlencode(
        {
            "cohort": filters.cohort.pk,
            "period": "dates",
            "since": filters.since.isoformat(),
            "until": filters.until.isoformat(),
        }
    )
    return {
        "filters": filters,
        "funnel": _funnel_rows(funnel),
        "totals": funnel,
        "meetings": meetings,
        "help_count": help_count(filters.cohort, since=filters.since, until=filters.until),
        "per_match": round(meetings.count / funnel.pairs_met, 1) if funnel.pairs_met else 0,
        "groups": groups,
        "group_top": max((group.people for group in groups), default=1),
        "is_combined": any(len(group.names) > 1 for group in groups),
        "chart": _chart(meetings.by_week, filters.cohort.starts_on),
        "fit": fit_figures(filters.cohort),
        "datasets": [
            {"dataset": dataset, "links": _links(dataset, query)}
            for dataset in DATASETS.values()
            if dataset.audience == "reports"
            or has_role_in(request.user, filters.cohort.program_id, OWNER, MANAGER)
        ],
        "as_of": timezone.now(),
    }


def _links(dataset: Dataset, query: str) -> dict[str, str]:
    return {
        file_format: f"{reverse('reports:export', args=(dataset.key, file_format))}?{query}"
        for file_format in CONTENT_TYPES
    }


@login_required
@require_safe
def export(request: PersonRequest, dataset: str, file_format: str) -> HttpResponseBase:
    """Stream a dataset as a file. Each export stands in the audit log."""
    require_reports(request.user)
    chosen = DATASETS.get(dataset)
    if chosen is None or file_format not in CONTENT_TYPES:
        raise Http404
    cohorts = list(selectors.cohorts_reported_to(request.user))
    if not cohorts:
        raise Http404
    form, filters = _chosen(request, cohorts)
    if filters is None:
        if "cohort" in form.errors:
            raise Http404
        return render(request, "reports/outcomes.html", {"form": form}, status=422)
    now = timezone.now()
    try:
        scope = start_export(
            dataset=chosen,
            filters=filters,
            file_format=file_format,
            actor=request.user,
            now=now,
        )
    except NotAllowed as error:
        return render(request, "403.html", {"message": str(error)}, status=403)
    except DomainError as error:
        return render(request, "400.html", {"message": str(error)}, status=400)
    return _file(chosen, scope, file_format, filters, now)


def _file(
    dataset: Dataset, scope: Any, file_format: str, filters: Filters, now: Any
) -> HttpResponseBase:
    name = f"{slugify(str(filters.cohort))}-{dataset.key}-{filters.until:%Y-%m-%d}.{file_format}"
    if file_format == "xlsx":
        file = streams.xlsx_file(dataset, scope, as_of=now)
        return FileResponse(
            file, as_attachment=True, filename=name, content_type=CONTENT_TYPES[file_format]
        )
    body = (
        streams.csv_stream(dataset, scope)
        if file_format == "csv"
        else streams.json_stream(dataset, scope, as_of=now)
    )
    response = StreamingHttpResponse(body, content_type=CONTENT_TYPES[file_format])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@login_required
@require_safe
def data_dictionary(request: PersonRequest) -> HttpResponse:
    """Explain every column of every export."""
    require_reports(request.user)
    return render(request, "reports/dictionary.html", {"datasets": DATASETS.values()})


def _percent(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None


def _funnel_rows(funnel: Funnel, cohort: Cohort | None = None) -> list[dict[str, Any]]:
    """Return a line for each step; with a cohort, each leads to its names."""
    found: list[dict[str, Any]] = []
    before: int | None = None
    for step in FunnelStep:
        count = getattr(funnel, step.value)
        row = {
            "step": step,
            "name": step.label,
            "count": count,
            "rate": _percent(count, before) if before else None,
            "top": max(funnel.invited, 1),
        }
        if cohort is not None:
            row["url"] = reverse("reports:names", args=(cohort.pk, step.value))
        found.append(row)
        before = count
    return found


def _chart(by_week: list[tuple[date, int]], starts_on: date) -> dict[str, Any]:
    """Return the chart's columns from the week of the start on, at most the last 26."""
    monday = date.fromordinal(starts_on.toordinal() - starts_on.weekday())
    weeks = [
        (str((week - monday).days // 7 + 1), count, week)
        for week, count in by_week
        if week >= monday
    ][-26:]
    total = sum(count for _week, count, _day in weeks)
    busiest = max(weeks, key=lambda row: row[1], default=None)
    sentence = ngettext(
        "Bar chart of meetings by week: %(count)d meeting in all.",
        "Bar chart of meetings by week: %(count)d meetings in all.",
        total,
    ) % {"count": total}
    if busiest and busiest[1]:
        sentence += " " + _("Week %(week)s was busiest with %(count)d.") % {
            "week": busiest[0],
            "count": busiest[1],
        }
    table_hint = _("The table below has every value.")
    return {
        "rows": [(label, count) for label, count, _day in weeks],
        "table": weeks,
        "now": weeks[-1][0] if weeks else "",
        "total": total,
        "sentence": f"{sentence} {table_hint}",
    }


@login_required
@require_safe
def objectives(request: PersonRequest, pk: int) -> HttpResponse:
    """Show what a cohort set out to do, and where that stands."""
    cohort = get_managed_cohort(request.user, pk)
    today = local_day(timezone.now(), request.user.time_zone)
    context = {"cohort": cohort, "today": today, "lines": objectives_of(cohort)}
    return render(request, "reports/objectives.html", context)
