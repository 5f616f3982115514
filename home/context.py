"""What the shell shows around every page: where one can go, and as whom."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.access import may_merge
from accounts.http import PersonRequest
from home.sheet import OwnEnrolment, Sheet, read_sheet
from sessions.selectors import EventCard, card_of
from support.access import keeps_hr_lists

COHORT_KEY = "cohort"
EVENTS_AHEAD = timedelta(days=21)


def sheet_of(request: PersonRequest) -> Sheet:
    """Return the signed-in person's sheet, read once per request."""
    if not hasattr(request, "_sheet"):
        request._sheet = read_sheet(request.user)  # type: ignore[attr-defined]
    sheet: Sheet = request._sheet  # type: ignore[attr-defined]
    return sheet


def chosen_enrolment(request: PersonRequest, sheet: Sheet) -> OwnEnrolment | None:
    """Return the enrolment whose cohort was chosen last; else the one with an open match."""
    chosen = request.GET.get("cohort") or request.session.get(COHORT_KEY)
    for enrolment in sheet.enrolments:
        if str(enrolment.id) == str(chosen):
            if request.session.get(COHORT_KEY) != enrolment.id:
                request.session[COHORT_KEY] = enrolment.id
            return enrolment
    with_match = [enrolment for enrolment in sheet.enrolments if enrolment.open_matches]
    return next(iter(with_match or sheet.enrolments), None)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Give templates ``nav`` and ``own_events``, read only where a template asks for them."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"demo_logins": SimpleLazyObject(demo_logins)} if settings.DEMO else {}
    asked = cast("PersonRequest", request)
    return {
        "nav": SimpleLazyObject(lambda: _build(asked)),
        "own_events": SimpleLazyObject(lambda: _events_ahead(asked)),
    }


def _events_ahead(request: PersonRequest) -> list[EventCard]:
    """Return the events of the next three weeks that the person is invited to."""
    now = timezone.now()
    return [
        card_of(event, request.user)
        for event in sheet_of(request).events
        if event.is_open(now) and event.starts_at <= now + EVENTS_AHEAD
    ]


def demo_logins() -> list[dict[str, str]]:
    """Return the invented people one may sign in as, in a demo."""
    try:
        logins = json.loads((settings.VAR_DIR / "demo-logins.json").read_text())
    except (OSError, ValueError):
        return []
    names = {
        "program_manager": _("Program manager"),
        "other_program_manager": _("Manager of another program"),
        "mentor": _("Mentor"),
        "mentee": _("Mentee"),
        "hr_analyst": _("HR analyst"),
        "it_administrator": _("IT administrator"),
    }
    return [
        {"role": names[role], "email": logins[role]["email"], "password": logins[role]["password"]}
        for role in names
        if role in logins
    ]


@dataclass
class _Link:
    label: str
    icon: str
    url: str
    current: bool = False
    go: bool = False
    count: int = 0
    count_label: str = ""


def _build(request: PersonRequest) -> dict[str, Any]:
    sheet = sheet_of(request)
    enrolment = chosen_enrolment(request, sheet)
    inbox = _link(
        request,
        _("Inbox"),
        "inbox",
        "notifications:inbox",
        count=sheet.unread_count,
        count_label=_("new"),
    )
    groups = [{"title": "", "items": [_link(request, _("Home"), "house", "home"), inbox]}]
    if sheet.is_participant:
        groups[0]["items"] += _participant_links(request, sheet, enrolment)  # type: ignore[operator]
    staff = _staff_links(request, sheet)
    if staff:
        groups.append({"title": _("Programs") if sheet.is_participant else "", "items": staff})
    return {
        "groups": groups,
        "inbox": inbox,
        "tabs": _tabs(groups, but=inbox, is_participant=bool(enrolment)),
        "switcher": _switcher(sheet, enrolment),
        "account": {
            "name": str(request.user),
            "role": _role_name(sheet, enrolment),
            "links": [
                {
                    "label": _("Your profile"),
                    "icon": "user-round-pen",
                    "url": reverse("participants:me"),
                },
                {
                    "label": _("Your account"),
                    "icon": "user-cog",
                    "url": reverse("accounts:profile"),
                },
                {
                    "label": _("Your calendar"),
                    "icon": "calendar-days",
                    "url": reverse("meetings:calendar"),
                },
                {
                    "label": _("What you get"),
                    "icon": "mail",
                    "url": reverse("notifications:settings"),
                },
                {"label": _("Get help"), "icon": "life-buoy", "url": reverse("support:help")},
                {
                    "label": _("Access tokens"),
                    "icon": "key-round",
                    "url": reverse("accounts:tokens"),
                },
            ],
        },
    }


def _link(
    request: PersonRequest, label: str, icon: str, name: str, *args: Any, **options: Any
) -> _Link:
    url = reverse(name, args=args)
    exact = name in ("home", "notifications:inbox", "programs:cohorts", "reports:outcomes")
    current = request.path == url if exact else request.path.startswith(url)
    return _Link(label, icon, url, current, **options)


def _participant_links(
    request: PersonRequest, sheet: Sheet, enrolment: OwnEnrolment | None
) -> list[_Link]:
    links = []
    for match in (enrolment.open_matches if enrolment else [])[:3]:
        label = _("%(name)s and me") % {"name": match.short_names}
        links.append(
            _link(
                request,
                label,
                "users-round",
                "match",
                match.id,
                count=match.unread_count,
                count_label=_("new messages"),
            )
        )
    links.append(_link(request, _("Meetings"), "calendar-days", "meetings:list"))
    links.append(_link(request, _("Goals"), "goal", "goals:list"))
    links.append(_link(request, _("Notes"), "sticky-note", "notes:own"))
    if enrolment is not None:
        links.append(_link(request, _("Guide and training"), "book-open", "training:library"))
        links.append(
            _link(request, _("Where you stand"), "map-pin", "enrolment_status", enrolment.id)
        )
    links.append(
        _link(
            request,
            _("Check-ins"),
            "message-circle-heart",
            "feedback:mine",
            count=sheet.open_questions,
            count_label=_("open"),
        )
    )
    links.append(_link(request, _("Get help"), "life-buoy", "support:help"))
    return links


def _staff_links(request: PersonRequest, sheet: Sheet) -> list[_Link]:
    user, roles, links = request.user, sheet.roles, []
    if user.is_superuser or roles & {"owner", "manager"}:
        links.append(_link(request, _("Cohorts"), "layout-dashboard", "programs:cohorts"))
        links.append(_link(request, _("To do"), "list-todo", "support:queue"))
    if user.is_superuser or roles & {"owner", "manager", "hr_analyst"}:
        links.append(_link(request, _("Reports"), "chart-no-axes-column", "reports:outcomes"))
    if keeps_hr_lists(user):
        links.append(_link(request, _("HR lists"), "file-up", "support:feeds"))
    if may_merge(user):
        links.append(_link(request, _("Doubles"), "users-round", "doubles:index"))
    if user.is_staff:
        links.append(_link(request, _("Admin"), "settings-2", "admin:index"))
    return links


def _tabs(groups: list[dict[str, Any]], *, but: _Link, is_participant: bool) -> list[_Link]:
    """Return at most four tabs for small screens; the shell adds “More”, and the inbox on top."""
    links = [link for group in groups for link in group["items"] if link is not but]
    if not is_participant:
        return links[:4]
    log = _Link(_("Log"), "notebook-pen", reverse("meetings:choose"), go=True)
    home, *rest = links
    picked = [link for link in rest if link.icon in ("calendar-days", "message-circle-heart")]
    return [home, *picked[:1], log, *picked[1:2]]


def _switcher(sheet: Sheet, enrolment: OwnEnrolment | None) -> dict[str, Any] | None:
    if enrolment is None:
        return None
    home = reverse("home")
    return {
        "title": enrolment.program,
        "subtitle": enrolment.cohort,
        "options": [
            {
                "title": other.program,
                "subtitle": f"{other.cohort}, {_role(other)}",
                "url": f"{home}?cohort={other.id}",
                "current": other.id == enrolment.id,
            }
            for other in sheet.enrolments
        ],
    }


def _role(enrolment: OwnEnrolment) -> str:
    if enrolment.is_of_peers:
        return _("Peer")
    return _("Mentor") if enrolment.role == "mentor" else _("Mentee")


def _role_name(sheet: Sheet, enrolment: OwnEnrolment | None) -> str:
    if enrolment is not None:
        return _role(enrolment)
    names = {
        "owner": _("Program owner"),
        "manager": _("Program manager"),
        "hr_analyst": _("HR analyst"),
        "it_administrator": _("IT administrator"),
    }
    return next((names[role] for role in names if role in sheet.roles), "")
