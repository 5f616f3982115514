"""The report's filters: they live in the address, so that a link shows the same figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.ui.forms import DateInput
from programs.models import Cohort
from reports.selectors import Filters

PERIODS = (
    ("", gettext_lazy("Since the start")),
    ("30", gettext_lazy("Last 30 days")),
    ("90", gettext_lazy("Last 90 days")),
    ("dates", gettext_lazy("Between two days")),
)


class ReportForm(forms.Form):
    mark_optional = False

    cohort = forms.TypedChoiceField(label=gettext_lazy("Cohort"))
    period = forms.ChoiceField(label=gettext_lazy("Period"), choices=PERIODS, required=False)
    since = forms.DateField(label=gettext_lazy("From"), widget=DateInput, required=False)
    until = forms.DateField(label=gettext_lazy("To"), widget=DateInput, required=False)
    group_by = forms.ChoiceField(
        label=gettext_lazy("Group by"),
        choices=(
            ("department", gettext_lazy("Department")),
            ("location", gettext_lazy("Location")),
            ("level", gettext_lazy("Level")),
        ),
        required=False,
    )

    def __init__(self, data: Any, *, cohorts: Sequence[Cohort], today: date) -> None:
        super().__init__(data)
        self.today = today
        by_id = {str(cohort.pk): cohort for cohort in cohorts}
        field: Any = self.fields["cohort"]
        field.choices = [(pk, f"{row.program.name}, {row.name}") for pk, row in by_id.items()]
        field.coerce = lambda value: by_id[value]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        since, until = values.get("since"), values.get("until")
        if values.get("period") == "dates" and not (since or until):
            self.add_error("since", _("Choose the first day, the last day or both."))
        if since and until and until < since:
            self.add_error("until", _("The last day lies before the first. Swap the two."))
        return values

    def filters(self) -> Filters:
        """Return the cleaned choice with its days filled in."""
        values = self.cleaned_data
        cohort: Cohort = values["cohort"]
        since, until = cohort.enrolment_opens_on, self.today
        if values["period"] in ("30", "90"):
            since = until - timedelta(days=int(values["period"]))
        elif values["period"] == "dates":
            since, until = values.get("since") or since, values.get("until") or until
        return Filters(cohort, since, until, values["group_by"] or "department")
