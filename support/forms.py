"""The forms behind "what counts as healthy" and behind the items of the queue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.ui.forms import DateInput
from support.models import Effect, Outcome
from support.selectors import RuleLine
from support.services import Wish
from support.services.queue import LONGEST_NOTE, LONGEST_REST
from support.signals import Unit

MOST = {Unit.DAYS: 365, Unit.RHYTHMS: 12, Unit.TIMES: 20}


class RulesForm(forms.Form):
    """Two fields for each signal: what it means, and from which number on."""

    mark_optional = False

    def __init__(self, *args: Any, lines: Iterable[RuleLine], **options: Any) -> None:
        super().__init__(*args, **options)
        self.lines = list(lines)
        for line in self.lines:
            self._add(line)

    def _add(self, line: RuleLine) -> None:
        signal = line.signal
        self.fields[f"effect_{signal.name}"] = forms.TypedChoiceField(
            label=_("%(signal)s means") % {"signal": signal.label},
            choices=Effect.choices,
            coerce=lambda value: Effect(int(value)),
            initial=line.effect.value,
        )
        if signal.number is None:
            return
        whole = signal.unit != Unit.RHYTHMS
        self.fields[f"number_{signal.name}"] = forms.DecimalField(
            label=_("%(signal)s, from") % {"signal": signal.label},
            min_value=Decimal(1) if whole else Decimal("0.5"),
            max_value=MOST[signal.unit],
            max_digits=4,
            decimal_places=0 if whole else 1,
            initial=f"{line.number.normalize():f}" if line.number is not None else None,
        )

    def rows(self) -> Iterable[tuple[RuleLine, Any, Any]]:
        """Yield each line with its bound fields; the second is None where there is no number."""
        for line in self.lines:
            name = line.signal.name
            number = f"number_{name}"
            yield line, self[f"effect_{name}"], self[number] if number in self.fields else None

    def wishes(self) -> dict[str, Wish]:
        """Return what was chosen, by signal."""
        data = self.cleaned_data
        return {
            line.signal.name: Wish(
                effect=data[f"effect_{line.signal.name}"],
                number=data.get(f"number_{line.signal.name}"),
            )
            for line in self.lines
        }


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Note"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST_NOTE,
        help_text=_("Managers of this program read it; the people concerned do not."),
    )


class CloseForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("What came of it?"),
        choices=[choice for choice in Outcome.choices if choice[0] != Outcome.SETTLED],
        widget=forms.RadioSelect,
    )


class SnoozeForm(forms.Form):
    until = forms.DateField(label=_("Until"), widget=DateInput)

    def __init__(self, *args: Any, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = today

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if not self.today < until <= self.today + LONGEST_REST:
            raise forms.ValidationError(_("Choose a day from tomorrow on, within three months."))
        return until


class OwnerForm(forms.Form):
    owner = forms.ModelChoiceField(
        label=_("Who takes care"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Open to all managers"),
    )

    mark_optional = False

    def __init__(self, *args: Any, owners: Sequence[User], **options: Any) -> None:
        super().__init__(*args, **options)
        field = cast("forms.ModelChoiceField[User]", self.fields["owner"])
        field.queryset = User.objects.filter(pk__in=[person.pk for person in owners])
