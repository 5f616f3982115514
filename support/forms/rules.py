"""The form behind "what counts as healthy"."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from support.models import Effect
from support.selectors import RuleLine
from support.services import Wish
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
