"""The forms of lists from HR."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from core.ui.forms import ChoiceChips, DateInput
from participants.importing.targets import grouped
from support.feed.targets import TARGETS
from support.models import Feed, FeedKind


class FeedForm(forms.Form):
    """A list, what it holds, and of which day it is."""

    kind = forms.ChoiceField(
        label=_("The list holds"),
        choices=((FeedKind.FULL, _("Everybody")), (FeedKind.CHANGES, _("Changes only"))),
        widget=ChoiceChips,
        help_text=_("Whoever HR knows and a list of everybody does not name has left."),
        error_messages={"required": _("Choose whether it holds everybody or changes only.")},
    )
    dated = forms.DateField(
        label=_("As of"),
        widget=DateInput,
        required=False,
        help_text=_("The day HR made it. Empty: the day in the file’s name, else today."),
    )
    file = forms.FileField(
        label=_("File"),
        max_length=200,
        help_text=_("CSV or XLSX, with headings in the first row."),
        error_messages={
            "empty": _("This file is empty. Choose the file with your list."),
            "required": _("Choose the file with your list."),
        },
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.IMPORT_MAX_BYTES:
            raise ValidationError(
                _("The file is larger than %(megabytes)d MB. Split it into several files."),
                params={"megabytes": settings.IMPORT_MAX_BYTES // 1_048_576},
            )
        return file


class FeedColumnsForm(forms.Form):
    """One choice for each column of the list."""

    def __init__(self, *args: Any, feed: Feed, **options: Any) -> None:
        super().__init__(*args, **options)
        self.feed = feed
        choices = [("", _("Do not import")), *grouped(TARGETS)]
        for index, header in enumerate(feed.reading["headers"]):
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=header, choices=choices, required=False, initial=feed.columns[index]
            )

    def columns(self) -> Iterator[tuple[BoundField, list[str]]]:
        """Yield each field with a few cells of its column."""
        sample = self.feed.reading["sample"]
        for index, name in enumerate(self.fields):
            yield self[name], list(dict.fromkeys(row[index] for row in sample if row[index]))

    def chosen(self) -> list[str]:
        """Return the target of each column, in order."""
        return [self.cleaned_data[name] for name in self.fields]
