"""What the components page shows: invented people and numbers, in English only."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from django import forms

from core.ui.forms import ChoiceChips, DateInput, Switch, TimeInput
from core.ui.lines import Point

TOKENS = [
    "canvas",
    "surface",
    "sunken",
    "line",
    "line-strong",
    "ink",
    "ink-2",
    "ink-3",
    "brand",
    "brand-ink",
    "brand-mid",
    "brand-soft",
    "good",
    "good-soft",
    "warn",
    "warn-soft",
    "bad",
    "bad-soft",
]
HUES = (20, 60, 150, 200, 272, 330)
MOODS = {"1": "frown", "2": "annoyed", "3": "meh", "4": "smile", "5": "laugh"}


class SampleForm(forms.Form):
    """One field of every kind."""

    held_on = forms.DateField(label="Date", widget=DateInput)
    starts_at = forms.TimeField(
        label="Start time", widget=TimeInput, help_text="09:00 in Toronto for Daniel"
    )
    zone = forms.ChoiceField(label="Time zone", choices=[("b", "Berlin, 09:12 now (UTC+1)")])
    minutes = forms.ChoiceField(
        label="How many minutes?",
        choices=[(text, text) for text in ("30", "45", "60", "90", "Other")],
        widget=ChoiceChips(columns="five"),
    )
    way = forms.ChoiceField(
        label="How did you meet?",
        required=False,
        choices=[
            ("video", "Video"),
            ("person", "In person"),
            ("phone", "Phone"),
            ("chat", "Messages"),
        ],
        widget=ChoiceChips(
            icons={
                "video": "video",
                "person": "map-pin",
                "phone": "phone",
                "chat": "message-circle",
            }
        ),
    )
    mood = forms.ChoiceField(
        label="How did it go?",
        required=False,
        choices=[("1", "Rough"), ("2", "Slow"), ("3", "Okay"), ("4", "Good"), ("5", "Great")],
        widget=ChoiceChips(icons=MOODS, mood=True, columns="five"),
    )
    summary = forms.CharField(
        label="Shared summary",
        required=False,
        widget=forms.Textarea,
        help_text="Two or three sentences are plenty.",
    )
    goals = forms.MultipleChoiceField(
        label="Goals you worked on",
        required=False,
        choices=[("a", "Be ready for the promotion panel"), ("b", "Speak at the data guild")],
        widget=forms.CheckboxSelectMultiple,
    )
    rhythm = forms.ChoiceField(
        label="How often?",
        choices=[("2", "Every two weeks"), ("4", "Every four weeks")],
        widget=forms.RadioSelect,
    )
    file = forms.FileField(label="File", required=False, help_text="CSV or XLSX, up to 30 MB")
    share = forms.BooleanField(label="Share this goal with Daniel", required=False)
    weekly = forms.BooleanField(label="Weekly summary by email", required=False, widget=Switch)


def _wrong_form() -> SampleForm:
    return SampleForm({"held_on": "2026-13-01", "starts_at": "15:00", "zone": "b"}, prefix="wrong")


def context() -> dict[str, Any]:
    """Return the sample content of the components page."""
    named = SimpleNamespace
    return {
        "tokens": TOKENS,
        "hues": HUES,
        "sample": SampleForm(),
        "wrong": _wrong_form(),
        "day": date(2026, 11, 26),
        "phases": [
            named(name="Apply and match", when="14 to 25 Sep", state="done"),
            named(name="Kick-off", when="28 Sep to 11 Oct", state="done"),
            named(name="Build momentum", when="Now, until 20 Dec", state="now"),
            named(name="Midpoint review", when="4 to 17 Jan", state="next"),
            named(name="Wrap up", when="15 to 28 Mar", state="next"),
        ],
        "steps": [
            named(label="Collect", state="done", url=""),
            named(label="Propose", state="done", url="#c1"),
            named(label="Review", state="now", url=""),
            named(label="Publish", state="next", url=""),
        ],
        "weekly": list(enumerate((14, 31, 22, 25, 19, 27, 21, 19, 9, 16, 12), start=1)),
        "booked": [10, 11],
        "talks": [
            Point(day, value)
            for day, value in (
                (date(2026, 9, 28), 0),
                (date(2026, 10, 12), 1),
                (date(2026, 11, 2), 2.5),
                (date(2026, 11, 23), 3),
            )
        ],
        "departments": [("Engineering", 47), ("Sales", 31), ("Operations", 40)],
        "funnel": [("Invited", 214), ("Applied", 131), ("Matched", 96)],
        "strips": [("Samir and Rosa", ".mm.x..x..."), ("Mateus and Keiko", "mmM.mmM.mp.")],
        "ordered": "-people",
    }
