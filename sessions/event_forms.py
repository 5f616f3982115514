"""Forms of events: plan and change one, call it off."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from core.ui.forms import ChoiceChips
from programs.models import Audience
from sessions.links import LONGEST_LINK
from sessions.models import LONGEST_MINUTES, EventKind
from sessions.plan_forms import OneTimeForm
from sessions.services import EventFacts
from sessions.services.events import LONGEST_PLACE, LONGEST_REASON, LONGEST_TEXT, LONGEST_TITLE

KIND_ICONS = {
    "kick_off": "rocket",
    "training": "graduation-cap",
    "round": "users-round",
    "gathering": "coffee",
    "closing": "party-popper",
}


class EventForm(OneTimeForm):
    """An event; ``with_audience`` while it is planned, since guests stay invited."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What kind of event?"),
        choices=EventKind.choices,
        widget=ChoiceChips(icons=KIND_ICONS),
        error_messages={"required": gettext_lazy("Choose what kind of event it is.")},
    )
    title = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_TITLE,
        error_messages={"required": gettext_lazy("Give it a name.")},
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"),
        min_value=1,
        max_value=LONGEST_MINUTES,
        initial=60,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    audience = forms.ChoiceField(
        label=gettext_lazy("For whom?"),
        choices=Audience.choices,
        initial=Audience.BOTH,
        widget=ChoiceChips(columns="three"),
        help_text=gettext_lazy("Who joins the cohort later is invited too."),
    )
    place = forms.CharField(label=gettext_lazy("Place"), max_length=LONGEST_PLACE, required=False)
    link = forms.CharField(
        label=gettext_lazy("Video link"),
        max_length=LONGEST_LINK,
        required=False,
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
        help_text=gettext_lazy("Shown on the page to those invited, never in a mail."),
    )
    text = forms.CharField(
        label=gettext_lazy("What to know"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("What happens, what to bring, who leads."),
    )

    def __init__(self, *args: Any, with_audience: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_audience:
            del self.fields["audience"]

    def facts(self, starts_at: datetime) -> EventFacts:
        """Return what was filled in."""
        names = ("kind", "minutes", "title", "place", "link", "text")
        values = {name: self.cleaned_data[name] for name in names}
        return EventFacts(starts_at=starts_at, **values)


class CallOffForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Shown on the page to those invited."),
    )
