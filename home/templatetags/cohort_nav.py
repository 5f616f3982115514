"""The pages of a cohort, beside every page that is about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django import template
from django.db.models import Model
from django.template.context import Context
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import has_role_in
from programs.models import Cohort

register = template.Library()

Text = str | Promise
MATCHES = "reports:pairs"
# Label, icon, page, and what belongs to it: pages by their name or all pages of an app.
PAGES = (
    (_("Overview"), "layout-dashboard", "reports:overview", ("reports:overview",)),
    (_("People"), "users-round", "participants:people", ("participants",)),
    (
        _("Pairing"),
        "handshake",
        "matching:cohort",
        ("matching", "reports:evidence", "support:rematch"),
    ),
    (_("Pairs"), "heart-handshake", MATCHES, (MATCHES, "match")),
    (_("Check-ins"), "message-circle-heart", "feedback:cohort", ("feedback",)),
    (
        _("Write"),
        "send",
        "support:announcements",
        tuple(
            f"support:{name}"
            for name in (
                "announcements",
                "new_announcement",
                "announcement",
                "edit_announcement",
                "act_on_announcement",
            )
        ),
    ),
    (_("Events"), "calendar-heart", "events:cohort", ("events",)),
    (_("Training"), "graduation-cap", "training:cohort", ("training:cohort", "training:preview")),
    (_("Set up"), "list-checks", "programs:setup", ("programs",)),
)


@dataclass(frozen=True)
class CohortPage:
    label: str
    icon: str
    url: str
    is_current: bool


@register.simple_tag(takes_context=True)
def cohort_pages(context: Context) -> dict[str, Any]:
    """Return title and links where the page is about a cohort that the reader manages.

    Asks the database nothing: the cohort is the page's own, the roles were read for the navigation.
    """
    cohort = _cohort_of(context)
    request = context.get("request")
    if cohort is None or request is None or not request.user.is_authenticated:
        return {}
    if not has_role_in(request.user, cohort.program_id, "owner", "manager"):
        return {}
    here = request.resolver_match.view_name if request.resolver_match else ""
    links = [
        CohortPage(
            str(_label(label, page, cohort)),
            icon,
            reverse(page, args=(cohort.pk,)),
            _is_within(here, parts),
        )
        for label, icon, page, parts in PAGES
    ]
    return {"title": cohort.name, "links": links}


def _label(label: Text, page: str, cohort: Cohort) -> Text:
    """Return what a page is called here: matches of circles are no pairs."""
    program = cohort._state.fields_cache.get("program")
    return _("Circles") if page == MATCHES and program and program.is_of_circles else label


def _cohort_of(context: Context) -> Cohort | None:
    for name in ("cohort", "run", "enrolment", "match"):
        found = context.get(name)
        if isinstance(found, Cohort):
            return found
        if isinstance(found, Model) and "cohort" in found._state.fields_cache:
            return cast(Cohort, found._state.fields_cache["cohort"])
    return None


def _is_within(view_name: str, parts: tuple[str, ...]) -> bool:
    return view_name in parts or view_name.partition(":")[0] in parts
