"""Doubles: who looks like one person twice, two accounts side by side, and the merge."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from accounts.merging import obstacles_of
from accounts.models import User
from core.errors import DomainError
from core.ui.forms import take_refusal
from support import doubles
from support.access import check_may_merge, get_pair_for
from support.forms.merging import MergeForm, SearchForm, TwoAccountsForm
from support.services.merging import keep_apart, merge_accounts

PER_PAGE = 25
INVALID = 422


@login_required
@require_safe
def index(request: PersonRequest) -> HttpResponse:
    """List accounts that may belong to one person, the most likely first."""
    check_may_merge(request.user)
    search = SearchForm(request.GET)
    text = search.cleaned_data["q"].strip() if search.is_valid() else ""
    two = TwoAccountsForm(request.GET if "first" in request.GET else None)
    if two.is_bound and two.is_valid():
        return _to_pair(two.cleaned_data["first"], two.cleaned_data["second"])
    number = _page_number(request)
    found, total = doubles.candidates(text=text, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    if not found and number > 1:
        return redirect("doubles:index")
    context = {
        "search": search,
        "text": text,
        "two": two,
        "found": found,
        "total": total,
        "page_obj": Paginator(range(total), PER_PAGE).get_page(number),
        "latest": doubles.latest_merges(),
    }
    status = INVALID if two.is_bound else 200
    return render(request, "support/doubles/index.html", context, status=status)


@login_required
@require_safe
def pair(request: PersonRequest, low: int, high: int) -> HttpResponse:
    """Show two accounts side by side, which one would stay, and what stands in the way."""
    first, second = get_pair_for(request.user, low, high)
    keep = _kept(request.GET.get("keep", ""), first, second)
    double = second if keep == first else first
    return _pair_page(request, keep, double, MergeForm(double=double))


@login_required
@require_POST
def merge(request: PersonRequest, low: int, high: int) -> HttpResponse:
    """Make the two accounts one."""
    first, second = get_pair_for(request.user, low, high)
    keep = _kept(request.POST.get("keep", ""), first, second)
    double = second if keep == first else first
    form = MergeForm(request.POST, double=double)
    if form.is_valid():
        try:
            merge_accounts(
                keep=keep,
                double=double,
                actor=request.user,
                now=timezone.now(),
                reason=form.cleaned_data["reason"],
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            messages.success(
                request,
                _("The two accounts are one now, under %(email)s. Both addresses are told.")
                % {"email": keep.email},
            )
            return redirect("doubles:index")
    return _pair_page(request, keep, double, form, status=INVALID)


@login_required
@require_http_methods(["POST"])
def apart(request: PersonRequest, low: int, high: int) -> HttpResponse:
    """Remember that these are two people."""
    first, second = get_pair_for(request.user, low, high)
    keep_apart(first=first, second=second, actor=request.user, now=timezone.now())
    messages.success(request, _("Remembered: these are two people. You are not asked again."))
    return redirect("doubles:index")


def _page_number(request: PersonRequest) -> int:
    text = request.GET.get("page", "")
    return min(max(int(text), 1), 10_000) if text.isascii() and text.isdigit() else 1


def _kept(text: str, first: User, second: User) -> User:
    for person in (first, second):
        if text == str(person.pk):
            return person
    return doubles.likely_kept(first, second)


def _to_pair(first: User, second: User) -> HttpResponse:
    low, high = sorted((first.pk, second.pk))
    return redirect("doubles:pair", low, high)


def _pair_page(
    request: PersonRequest, keep: User, double: User, form: MergeForm, *, status: int = 200
) -> HttpResponse:
    low, high = sorted((keep.pk, double.pk))
    sides = doubles.sides_of((keep, double))
    context: dict[str, Any] = {
        "sides": [sides[low], sides[high]],
        "keep": keep,
        "double": double,
        "low": low,
        "high": high,
        "is_own": request.user.pk in (low, high),
        "obstacles": obstacles_of(keep, double),
        "form": form,
    }
    return render(request, "support/doubles/pair.html", context, status=status)
