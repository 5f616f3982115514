"""Look through a cohort's mail, and hold some of it back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.names import sort_key
from notifications.models import Message, MessageState, PauseScope
from support.mail import kinds

LONGEST = 200


class MailFilterForm(forms.Form):
    """What to show of the ledger. Kept in the address, so that a page can be sent to others."""

    q = forms.CharField(label=_("Name or email"), max_length=100, required=False)
    kind = forms.ChoiceField(label=_("What about"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    mark_optional = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("Everything")), *kinds()]  # type: ignore[attr-defined]
        states = [(state.value, state.label) for state in MessageState]
        self.fields["state"].choices = [("", _("All")), *states]  # type: ignore[attr-defined]

    def narrow(self, rows: QuerySet[Message]) -> QuerySet[Message]:
        if not self.is_valid():
            return rows
        chosen = self.cleaned_data
        if chosen["q"]:
            words = chosen["q"]
            rows = rows.filter(
                Q(recipient__name_key__contains=sort_key(words))
                | Q(recipient__email__icontains=words)
            )
        for name in ("kind", "state"):
            if chosen[name]:
                rows = rows.filter(**{name: chosen[name]})
        return rows


class PauseForm(forms.Form):
    """Which mail to hold back, and why."""

    scope = forms.ChoiceField(label=_("Hold back"), widget=forms.RadioSelect)
    why = forms.CharField(
        label=_("Why"),
        help_text=_("For whoever finds the pause. The people themselves do not see it."),
        max_length=LONGEST,
    )

    def __init__(self, *args: Any, scopes: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].choices = scopes  # type: ignore[attr-defined]
        self.fields["scope"].initial = scopes[0][0]


PROGRAM = "program"
SCOPE_OF = {
    "person": PauseScope.PERSON,
    "match": PauseScope.MATCH,
    "cohort": PauseScope.COHORT,
    PROGRAM: PauseScope.EVERYTHING,
    "all": PauseScope.EVERYTHING,
}
