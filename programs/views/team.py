"""Who runs a program: two owners at least, cover while somebody is away, handing over."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import OWNER, may_grant
from accounts.http import PersonRequest
from accounts.models import RoleGrant, User
from core.clock import local_day
from core.errors import DomainError, NotAllowed
from core.ui.forms import take_refusal
from programs.models import Cover, Program
from programs.services.team import RUNNING, hand_over, remove_cover, set_cover
from programs.team_forms import CoverForm, HandOverForm


@login_required
@require_http_methods(["GET", "POST"])
def team(request: PersonRequest, pk: int) -> HttpResponse:
    """Show who runs a program; a post says who stands in for whom."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    people = _people(program)
    form = CoverForm(request.POST if request.method == "POST" else None, people=people)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                set_cover(
                    program=program,
                    actor=request.user,
                    now=timezone.now(),
                    **form.cleaned_data,
                )
            except DomainError as error:
                take_refusal(form, error)
            else:
                messages.success(request, _("Kept. Participants see it from that day on."))
                return redirect("programs:team", pk=pk)
    grants = list(
        program.grants.filter(role__in=RUNNING).select_related("user").order_by("role", "pk")
    )
    today = local_day(timezone.now(), request.user.time_zone)
    context = {
        "program": program,
        "rows": [
            {"grant": grant, "successors": [one for one in people if one != grant.user]}
            for grant in grants
        ],
        "owners": [grant.user for grant in grants if grant.role == OWNER],
        "covers": Cover.objects.filter(program=program, ends_on__gte=today).select_related(
            "away", "covered_by"
        ),
        "form": form,
        "can_cover": len(people) > 1,
        "may_give_roles": may_grant(request.user, OWNER, program.pk),
    }
    return render(request, "programs/team.html", context, status=status)


def _people(program: Program) -> list[User]:
    grants = program.grants.filter(role__in=RUNNING, user__is_active=True).select_related("user")
    return list({grant.user_id: grant.user for grant in grants}.values())


@login_required
@require_POST
def end_cover(request: PersonRequest, pk: int) -> HttpResponse:
    cover = get_object_or_404(
        Cover.objects.select_related("program"),
        pk=pk,
        program__in=Program.objects.managed_by(request.user),
    )
    remove_cover(cover=cover, actor=request.user, now=timezone.now())
    messages.success(request, _("Taken away."))
    return redirect("programs:team", pk=cover.program_id)


@login_required
@require_POST
def pass_on(request: PersonRequest, pk: int) -> HttpResponse:
    """Hand a role of a program over to another of its people."""
    grant = get_object_or_404(
        RoleGrant.objects.select_related("user", "program"),
        pk=pk,
        role__in=RUNNING,
        program__in=Program.objects.managed_by(request.user),
    )
    if grant.program is None or not may_grant(request.user, grant.role, grant.program_id):
        raise PermissionDenied
    form = HandOverForm(request.POST, people=_people(grant.program))
    if form.is_valid():
        try:
            hand_over(
                grant=grant,
                successor=form.cleaned_data["successor"],
                actor=request.user,
                now=timezone.now(),
            )
        except (DomainError, NotAllowed) as error:
            messages.error(request, str(error), extra_tags="stay")
        else:
            said = _("Handed over to %(name)s.") % {"name": form.cleaned_data["successor"]}
            messages.success(request, said)
    else:
        messages.error(request, _("Choose who takes over."), extra_tags="stay")
    if not Program.objects.managed_by(request.user).filter(pk=grant.program_id).exists():
        return redirect("home")
    return redirect("programs:team", pk=grant.program_id)
