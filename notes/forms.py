"""What people write down."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from notes.services.rules import LONGEST_TEXT, LONGEST_TITLE


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Your note"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 6})
    )


class SharedNoteForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=LONGEST_TITLE)
    text = forms.CharField(
        label=_("Text"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 10})
    )


class ReflectionForm(forms.Form):
    text = forms.CharField(
        label=_("Your answer"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 8})
    )
