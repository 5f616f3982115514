"""What one agrees to have compared by the pairing."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.http import PersonRequest
from core.errors import DomainError
from core.ui.forms import take_refusal
from matching.models import TraitConsent
from matching.selectors import OVER, traits_for
from matching.services.traits import save_traits
from matching.trait_forms import TraitsForm
from matching.views.wishes import INVALID
from participants.access import get_own_enrolment


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def traits(request: PersonRequest, pk: int) -> HttpResponse:
    """Choose, agree, or take it back, also after leaving; not there where nothing is asked."""
    enrolment = get_own_enrolment(request.user, pk)
    asked = list(traits_for(enrolment))
    if not asked:
        raise Http404
    told = {row.trait_id: row.choice for row in TraitConsent.objects.filter(enrolment=enrolment)}
    form = TraitsForm(request.POST or None, traits=asked, told=told)
    if request.method == "POST" and form.is_valid():
        try:
            save_traits(
                enrolment=enrolment, actor=request.user, now=timezone.now(), **form.values()
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            is_over = enrolment.status in OVER
            said = _("Saved.") if is_over else _("Saved. The next pairing takes it into account.")
            messages.success(request, said)
            return redirect("enrolment_status", pk)
    context = {"enrolment": enrolment, "cohort": enrolment.cohort, "form": form}
    return render(request, "matching/traits.html", context, status=INVALID if form.errors else 200)
