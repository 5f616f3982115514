"""What counts as healthy in a cohort, for its managers."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import PersonRequest
from core.clock import local_day
from programs.access import get_managed_cohort
from support import selectors, services
from support.forms import RulesForm
from support.models import Health


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: PersonRequest, pk: int) -> HttpResponse:
    """Show and change which signals turn a match of this cohort, and from when on."""
    cohort = get_managed_cohort(request.user, pk)
    now = timezone.now()
    today = local_day(now, request.user.time_zone)
    lines = selectors.rule_lines(cohort, today=today, without=request.user)
    form = RulesForm(request.POST or None, lines=lines)
    if request.method == "POST" and form.is_valid():
        changed = services.set_rules(
            cohort=cohort, wishes=form.wishes(), actor=request.user, now=now
        )
        count = len(changed)
        if count:
            text = ngettext("%(count)d rule changed.", "%(count)d rules changed.", count)
            messages.success(request, text % {"count": count})
        else:
            messages.info(request, _("Nothing was different."))
        return redirect("support:rules", pk=cohort.pk)
    context = {
        "cohort": cohort,
        "form": form,
        "rows": [
            (line, effect, number, selectors.meant_days(line, cohort))
            for line, effect, number in form.rows()
        ],
        "has_changes": any(not line.is_default for line in lines),
        "states": Health,
    }
    return render(request, "support/rules.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def reset(request: PersonRequest, pk: int) -> HttpResponse:
    """Go back to the defaults."""
    cohort = get_managed_cohort(request.user, pk)
    if services.reset_rules(cohort=cohort, actor=request.user, now=timezone.now()):
        messages.success(request, _("The defaults hold again."))
    return redirect("support:rules", pk=cohort.pk)
