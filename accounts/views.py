"""A person's own account: profile and tokens."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access, selectors, services
from accounts.adapter import CONTACT
from accounts.forms import ProfileForm, TokenForm
from accounts.http import PersonRequest
from accounts.models import User
from core.errors import DomainError
from core.ui.forms import take_refusal


@never_cache
@require_safe
def ended(request: HttpRequest) -> HttpResponse:
    """Tell somebody from outside that the account has had its last day, and whom to ask."""
    return render(request, "accounts/ended.html", {"contact": request.session.get(CONTACT, "")})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: PersonRequest) -> HttpResponse:
    person = User.objects.select_related("manager", "level", "vouched_by").get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        services.change_profile(person=person, now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("accounts:profile")
    status = 422 if form.is_bound else 200
    return render(request, "accounts/profile.html", {"form": form, "person": person}, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: PersonRequest) -> HttpResponse:
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            token, key = services.make_token(
                person=request.user, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            # The key exists nowhere but in this answer, so there is nothing to redirect to.
            return _show_tokens(request, TokenForm(), new={"token": token, "key": key})
    return _show_tokens(request, form, status=422 if form.is_bound else 200)


def _show_tokens(
    request: PersonRequest, form: TokenForm, *, new: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "new": new,
        "tokens": selectors.tokens_of(request.user),
        "now": timezone.now(),
    }
    return render(request, "accounts/tokens.html", context, status=status)


@login_required
@require_POST
def revoke_token(request: PersonRequest, pk: int) -> HttpResponse:
    token = access.get_token_for(request.user, pk)
    services.revoke_token(token=token, actor=request.user, now=timezone.now())
    messages.success(request, _("%(name)s does not open anything any more.") % {"name": token.name})
    return redirect("accounts:tokens")
