"""The admin: who may come in is decided by roles, signing in by the product's own page."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from unfold.sites import UnfoldAdminSite

from accounts.access import MANAGER, OWNER, has_role

COHORTS_SHOWN = 12


class ProgramAdminSite(UnfoldAdminSite):
    site_header = site_title = "Alongside"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and request.user.is_staff

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show managers their cohorts, with the step that comes next."""
        from programs.models import CohortStatus
        from programs.selectors import cohorts_for_manager
        from programs.services.cohorts import next_step

        extra = dict(extra_context or {})
        if request.user.is_superuser or has_role(request.user, OWNER, MANAGER):
            cohorts = cohorts_for_manager(request.user).exclude(status=CohortStatus.ARCHIVED)
            extra["own_cohorts"] = [
                {"cohort": cohort, "next": CohortStatus(step).label if step else ""}
                for cohort in cohorts[:COHORTS_SHOWN]
                for step in (next_step(cohort),)
            ]
        return super().index(request, extra)

    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponseBase:
        """Send strangers to the product's own sign-in, which knows second factors."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            return render(request, "403.html", status=403)
        target = request.GET.get("next") or reverse("admin:index")
        return redirect_to_login(target, reverse("account_login"))

    def password_change(
        self, request: HttpRequest, extra_context: dict | None = None
    ) -> HttpResponse:
        """There is one page to change a password, with its limits and its mail."""
        return redirect("account_change_password")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not self.has_permission(request):
                return render(request, "403.html", status=403)
            return inner(request, *args, **kwargs)

        return guarded
