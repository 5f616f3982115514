"""Whom one would like to be matched with, and whom not."""

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
from matching.models import PairingWish
from matching.selectors import OVER
from matching.services.wishes import save_wishes
from matching.wish_forms import WishesForm
from participants.access import get_own_enrolment

INVALID = 422


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def wishes(request: PersonRequest, pk: int) -> HttpResponse:
    """Name up to three people gladly, and up to three please not."""
    enrolment = get_own_enrolment(request.user, pk)
    if enrolment.status in OVER:
        raise Http404
    told = list(PairingWish.objects.filter(enrolment=enrolment))
    form = WishesForm(request.POST or None, wishes=told)
    if request.method == "POST" and form.is_valid():
        try:
            save_wishes(
                enrolment=enrolment, actor=request.user, now=timezone.now(), **form.values()
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            messages.success(request, _("Saved. The next pairing takes it into account."))
            return redirect("enrolment_status", pk)
    context = {"enrolment": enrolment, "cohort": enrolment.cohort, "form": form}
    return render(request, "matching/wishes.html", context, status=INVALID if form.errors else 200)
