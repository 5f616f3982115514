"""Look at one's goals when a phase begins; and what a program suggests."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import PersonRequest
from goals import access, services
from goals.models import GoalSuggestion
from goals.suggestions import delivered


@login_required
@require_POST
def review(request: PersonRequest, phase_pk: int) -> HttpResponse:
    """Keep that the person has looked at their goals in this phase."""
    phase = access.get_own_phase(request.user, phase_pk)
    services.mark_reviewed(phase=phase, actor=request.user, now=timezone.now())
    messages.success(request, _("Good. The next phase asks again."))
    return redirect("home")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def suggestions(request: PersonRequest, pk: int) -> HttpResponse:
    """Show managers what their program suggests, and let them make it their own."""
    program = access.get_managed_program(request.user, pk)
    if request.method == "POST":
        services.adopt_suggestions(program=program, actor=request.user, now=timezone.now())
        messages.success(request, _("They are yours now: change, remove and add as you like."))
        return redirect("goals:suggestions", pk)
    own = list(GoalSuggestion.objects.filter(program=program))
    context = {
        "program": program,
        "offers": own or delivered(),
        "is_own": bool(own),
        "admin_url": reverse("admin:goals_goalsuggestion_changelist"),
        "add_url": f"{reverse('admin:goals_goalsuggestion_add')}?program={program.pk}",
    }
    return render(request, "goals/suggestions.html", context)
