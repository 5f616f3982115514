"""What people fill in about themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.forms.boundfield import BoundField
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.ui.forms import ChoiceChips
from participants.importing.languages import language_choices
from participants.models import HOURS_A_WEEK, Profile, SkillDirection
from participants.services.profiles import LEVELS

LONGEST_TEXT = 2_000
MOST_INTERESTS = 12
MOST_LANGUAGES = 8
MOST_LINKS = 3
BY_DAY = range(7, 21)
LEVEL_WORDS = {
    "A1": _("A1, a few words"),
    "A2": _("A2, simple talk"),
    "B1": _("B1, gets by"),
    "B2": _("B2, fluent in most things"),
    "C1": _("C1, at ease"),
    "C2": _("C2, like a first language"),
}


class WeekGrid(forms.SelectMultiple):
    """Hours of a week as a grid of ticks: days across, hours down."""

    template_name = "forms/week.html"
    use_fieldset = True

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        chosen = {str(hour) for hour in value or ()}
        early_late = [hour for hour in range(24) if hour not in BY_DAY]
        context["widget"].update(
            days=[(WEEKDAYS[day], WEEKDAYS_ABBR[day]) for day in range(7)],
            rows=[_row(hour, chosen) for hour in BY_DAY],
            more=[_row(hour, chosen) for hour in early_late],
            has_more=any(int(hour) % 24 in early_late for hour in chosen if hour.isdecimal()),
        )
        return context


def _row(hour: int, chosen: set[str]) -> dict[str, Any]:
    cells = [
        {
            "value": 24 * day + hour,
            "label": f"{WEEKDAYS[day]} {hour:02}:00",
            "is_on": str(24 * day + hour) in chosen,
        }
        for day in range(7)
    ]
    return {"clock": f"{hour:02}:00", "cells": cells}


class ProfileForm(forms.Form):
    """A profile's words, languages, hours and links; skills and photo have forms of their own."""

    mark_optional = False  # nothing has to be filled in, and the page says so once

    bio = forms.CharField(
        label=_("About you"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What you do, how you came here, what you like to talk about."),
    )
    function = forms.CharField(
        label=_("Function or profession"),
        required=False,
        max_length=120,
        help_text=_("For example Finance."),
    )
    career_goal = forms.CharField(
        label=_("Role you would like to reach"),
        required=False,
        max_length=120,
        help_text=_("If you want to change or grow: for example Product management."),
    )
    goal_text = forms.CharField(
        label=_("What you would like to reach"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    offer_text = forms.CharField(
        label=_("What you can help with"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    interests = forms.CharField(
        label=_("Interests"),
        required=False,
        max_length=800,
        help_text=_("With commas between, such as hiking, books, chess. Up to 12."),
    )
    mentored_before_count = forms.IntegerField(
        label=_("Mentees before"), required=False, min_value=0, max_value=1_000
    )
    hours = forms.TypedMultipleChoiceField(
        label=_("Hours that suit you"),
        required=False,
        coerce=int,
        choices=[(str(hour), str(hour)) for hour in range(HOURS_A_WEEK)],
        widget=WeekGrid,
    )

    def __init__(self, *args: Any, profile: Profile, **kwargs: Any) -> None:
        kwargs.setdefault("initial", _initial(profile))
        super().__init__(*args, **kwargs)
        spoken = list(profile.spoken().items())
        self.language_rows = min(MOST_LANGUAGES, len(spoken) + 2)
        for at in range(self.language_rows):
            code, level = spoken[at] if at < len(spoken) else ("", "")
            self.fields[f"language_{at}"] = forms.ChoiceField(
                label=_("Language"),
                required=False,
                choices=lazy(_languages_or_none, list),
                initial=code,
            )
            self.fields[f"level_{at}"] = forms.ChoiceField(
                label=_("How well"),
                required=False,
                choices=[("", _("Not told")), *LEVEL_WORDS.items()],
                initial=level,
            )
        links = profile.links or []
        for at in range(MOST_LINKS):
            self.fields[f"link_{at}"] = forms.CharField(
                label=_("Link"),
                required=False,
                max_length=200,
                initial=links[at] if at < len(links) else "",
                widget=forms.URLInput(attrs={"placeholder": "https://"}),
                validators=[_https],
            )

    def languages(self) -> Iterator[tuple[BoundField, BoundField]]:
        for at in range(self.language_rows):
            yield self[f"language_{at}"], self[f"level_{at}"]

    def links(self) -> Iterator[BoundField]:
        for at in range(MOST_LINKS):
            yield self[f"link_{at}"]

    def clean_interests(self) -> list[str]:
        words = [" ".join(part.split()) for part in self.cleaned_data["interests"].split(",")]
        found = list(dict.fromkeys(word for word in words if word))
        if len(found) > MOST_INTERESTS:
            raise ValidationError(gettext("Twelve are plenty. Leave some out."))
        if any(len(word) > 60 for word in found):
            raise ValidationError(gettext("Keep each to 60 characters, with commas between."))
        return found

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        data = self.cleaned_data
        pairs = [
            (data.get(f"language_{at}", ""), data.get(f"level_{at}", ""))
            for at in range(self.language_rows)
        ]
        return {
            **{
                name: data[name]
                for name in ("bio", "function", "career_goal", "goal_text", "offer_text")
            },
            "mentored_before_count": data["mentored_before_count"] or 0,
            "interests": data["interests"],
            "hours": data["hours"],
            "languages": {code: level for code, level in pairs if code},
            "links": [link for at in range(MOST_LINKS) if (link := data[f"link_{at}"])],
        }


def _initial(profile: Profile) -> dict[str, Any]:
    return {
        "bio": profile.bio,
        "function": profile.function,
        "career_goal": profile.career_goal,
        "goal_text": profile.goal_text,
        "offer_text": profile.offer_text,
        "interests": ", ".join(profile.interests),
        "mentored_before_count": profile.mentored_before_count or None,
        "hours": [str(hour) for hour in profile.available_hours],
    }


def _languages_or_none() -> list[tuple[str, Any]]:
    return [("", _("Choose")), *language_choices()]


def _https(value: str) -> None:
    """Take only addresses that are safe to show: https, with a host, without a login in them."""
    try:
        URLValidator(schemes=["https"])(value)
        parts = urlsplit(value)
    except (ValidationError, ValueError):
        parts = None
    if parts is None or parts.username or parts.password:
        raise ValidationError(
            gettext("Write an address that starts with https://, such as https://example.org/me.")
        )


class SkillNameForm(forms.Form):
    """A skill by its name, and how much it matters."""

    name = forms.CharField(
        label=_("Skill"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    direction = forms.ChoiceField(
        label=_("What about it"),
        choices=[
            (SkillDirection.LEARN, _("To learn")),
            (SkillDirection.OFFER, _("To offer")),
        ],
        widget=ChoiceChips(columns="three"),
    )
    importance = forms.TypedChoiceField(
        label=_("How much it matters to you"),
        coerce=int,
        choices=[("1", _("A little")), ("2", _("Quite")), ("3", _("Very"))],
        initial="2",
        widget=ChoiceChips(columns="three"),
    )


class PhotoForm(forms.Form):
    """A picture of oneself."""

    photo = forms.FileField(
        label=_("Photo"),
        help_text=_("JPEG, PNG or WebP, up to 8 MB. We cut it square and remove place and camera."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )


assert tuple(LEVEL_WORDS) == LEVELS  # noqa: S101 (one list of levels, told in words here)
