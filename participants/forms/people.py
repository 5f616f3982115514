"""Forms of the managers' pages about people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from core.ui.forms import ChoiceChips
from participants.importing.targets import grouped, questions_of, targets_for
from participants.models import Enrolment, EnrolmentStatus, ImportRun, MemberRole
from participants.roles import RoleForm
from participants.services.enrolling import ALLOWED


class UploadForm(RoleForm):
    """A list of people, and what they will be."""

    role = forms.ChoiceField(
        label=_("These people are"),
        choices=[(MemberRole.MENTOR, _("Mentors")), (MemberRole.MENTEE, _("Mentees"))],
        widget=ChoiceChips,
    )
    file = forms.FileField(
        label=_("File"),
        max_length=200,
        help_text=_("CSV or XLSX, with headings in the first row. In one file, one role."),
        error_messages={"empty": _("This file is empty. Choose the file with your list.")},
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


class MappingForm(forms.Form):
    """One choice for each column of the file."""

    def __init__(self, *args: Any, run: ImportRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.run = run
        targets = targets_for(run.role, questions_of(run.cohort, run.role))
        choices = [("", _("Do not import")), *grouped(targets)]
        current = run.mapping["columns"]
        for index, header in enumerate(run.reading["headers"]):
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=header, choices=choices, required=False, initial=current[index]
            )

    def columns(self) -> Iterator[tuple[BoundField, list[str]]]:
        """Yield each field with a few cells of its column."""
        sample = self.run.reading["sample"]
        for index, name in enumerate(self.fields):
            cells = list(dict.fromkeys(row[index] for row in sample if row[index]))
            yield self[name], cells

    def chosen(self) -> list[str]:
        """Return the target of each column, in order."""
        return [self.cleaned_data[name] for name in self.fields]


class LevelsForm(forms.Form):
    """The ladder of levels with those the file adds, from low to high."""

    levels = forms.CharField(
        label=_("Levels, from low to high"),
        max_length=15_000,
        help_text=_("One a line. Put the new ones in their place; the order is what counts."),
        widget=forms.Textarea(attrs={"rows": 12}),
    )

    def clean_levels(self) -> list[str]:
        return [line for line in self.cleaned_data["levels"].splitlines() if line.strip()]


class PersonForm(RoleForm):
    """Somebody whom a manager adds by hand."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("Somebody who has an account keeps their name and profile."),
    )
    first_name = forms.CharField(label=_("First name"), max_length=80, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=80, required=False)
    role = forms.ChoiceField(label=_("They are a"), choices=MemberRole.choices, widget=ChoiceChips)
    capacity = forms.IntegerField(
        label=_("Mentees at once"),
        min_value=0,
        max_value=20,
        required=False,
        help_text=_("For mentors. Empty means what the cohort says."),
    )


class StatusForm(forms.Form):
    """The states an enrolment can move to from where it is."""

    status = forms.ChoiceField(label=_("Status"))

    def __init__(self, *args: Any, enrolment: Enrolment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = ALLOWED.get(enrolment.status, frozenset())
        states = [
            (state.value, state.label)
            for state in EnrolmentStatus
            # Declining has a form of its own, since the person reads why.
            if state in allowed and state != EnrolmentStatus.DECLINED
        ]
        choices = [("", _("Choose")), *states]
        self.fields["status"].choices = choices  # type: ignore[attr-defined]


class CapacityForm(forms.Form):
    """How many mentees a mentor takes at once."""

    capacity = forms.IntegerField(
        label=_("Mentees at once"),
        min_value=0,
        max_value=20,
        help_text=_("0 to 20. More than 3 is seldom kept up."),
    )


LINE_FILTERS = [
    ("", _("All")),
    ("open", _("Waits for an answer")),
    ("late", _("No answer for two weeks")),
    ("not_now", _("Not now")),
    ("agreed", _("Agrees")),
    ("unknown", _("Nobody is known")),
]


class PeopleFilter(forms.Form):
    """Search and filters of the list of people; a wrong value is no filter."""

    mark_optional = False

    q = forms.CharField(
        label=_("Name, e-mail or department"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    role = forms.ChoiceField(
        label=_("Role"), required=False, choices=[("", _("All")), *MemberRole.choices]
    )
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("All")), *EnrolmentStatus.choices]
    )
    screening = forms.ChoiceField(
        label=_("Screening"),
        required=False,
        choices=[("", _("All")), ("open", _("Not passed yet"))],
    )
    line = forms.ChoiceField(label=_("Line manager"), required=False, choices=LINE_FILTERS)

    def __init__(self, *args: Any, asks_line_managers: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_line_managers:
            del self.fields["line"]

    def values(self) -> dict[str, str]:
        self.full_clean()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}
