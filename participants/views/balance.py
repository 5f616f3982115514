"""Who is missing in a cohort."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.http import PersonRequest
from participants import access
from participants.balance import balance_of


@login_required
@require_safe
def balance(request: PersonRequest, pk: int) -> HttpResponse:
    """Show demand against supply, and whom to ask."""
    cohort = access.get_managed_cohort(request.user, pk)
    now = timezone.now()
    found = balance_of(cohort, manager=request.user, now=now)
    context = {"cohort": cohort, "balance": found, "now": now}
    return render(request, "participants/balance.html", context)
