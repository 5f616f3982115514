"""The question of a phase, answered for oneself."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import PersonRequest
from core.errors import DomainError
from core.ui.forms import take_refusal
from notes import access, selectors, services
from notes.forms import ReflectionForm
from notes.models import Reflection


@login_required
@require_safe
def reflections(request: PersonRequest) -> HttpResponse:
    """Show what the person answered so far."""
    context = {"reflections": selectors.reflections_of(request.user)}
    return render(request, "notes/reflections.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reflect(request: PersonRequest, phase_pk: int) -> HttpResponse:
    phase = access.get_phase_to_reflect(request.user, phase_pk)
    before = Reflection.objects.filter(phase=phase, author=request.user).first()
    form = ReflectionForm(request.POST or None, initial={"text": before.text} if before else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.reflect(
                phase=phase, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            messages.success(request, _("Kept for you. You find it under “Reflections”."))
            return redirect("notes:reflections")
    context = {"form": form, "phase": phase, "before": before}
    return render(request, "notes/reflect.html", context, status=422 if form.is_bound else 200)
