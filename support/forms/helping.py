"""The forms of help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from programs.models import Cohort
from support.help import Desk
from support.models import HelpAbout, HelpContact, HelpGuide, HelpOutcome
from support.services import Named
from support.services.helping import LONGEST_WORDS

POSITIONS = (1, 2)


@dataclass(frozen=True)
class Choice:
    """A contact at the desk of one cohort."""

    cohort: Cohort
    contact: HelpContact


class AskForm(forms.Form):
    contact = forms.ChoiceField(label=_("Whom would you like to ask?"), widget=forms.RadioSelect)
    about = forms.ChoiceField(
        label=_("What is it about?"), choices=HelpAbout, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("In your own words"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=LONGEST_WORDS,
        required=False,
        help_text=_("As little as you like; you can tell the rest in person."),
    )

    def __init__(self, *args: Any, desks: Sequence[Desk], **options: Any) -> None:
        super().__init__(*args, **options)
        self.choices = {
            f"{desk.cohort.pk}-{contact.pk}": Choice(desk.cohort, contact)
            for desk in desks
            for contact in desk.contacts
        }
        several = sum(bool(desk.contacts) for desk in desks) > 1
        field = cast(forms.ChoiceField, self.fields["contact"])
        field.choices = [
            (
                key,
                f"{choice.contact.person}: {choice.contact.about}"
                + (f" ({choice.cohort.program}, {choice.cohort})" if several else ""),
            )
            for key, choice in self.choices.items()
        ]

    def clean_contact(self) -> Choice:
        return self.choices[self.cleaned_data["contact"]]


class CloseHelpForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("What came of it?"), choices=HelpOutcome, widget=forms.RadioSelect
    )


class ContactsForm(forms.Form):
    """Two contacts, each with a deputy, by e-mail address; and the signposts."""

    mark_optional = False

    def __init__(
        self,
        *args: Any,
        contacts: Mapping[int, HelpContact],
        guide: HelpGuide | None,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        for position in POSITIONS:
            self._add(position, contacts.get(position))
        self.fields["signposts"] = forms.CharField(
            label=_("Signposts for urgent need"),
            widget=forms.Textarea(attrs={"rows": 4}),
            max_length=2_000,
            required=False,
            initial=guide.signposts if guide else "",
            help_text=_("One a line. Left empty, the ones below are shown."),
        )

    def _add(self, position: int, contact: HelpContact | None) -> None:
        self.fields[f"person_{position}"] = forms.EmailField(
            label=_("E-mail of contact %(number)s") % {"number": position},
            initial=contact.person.email if contact else "",
        )
        self.fields[f"about_{position}"] = forms.CharField(
            label=_("Who contact %(number)s is") % {"number": position},
            max_length=160,
            initial=contact.about if contact else "",
            help_text=_("For example: works in HR, has nothing to do with the pairing."),
        )
        self.fields[f"deputy_{position}"] = forms.EmailField(
            label=_("E-mail of the deputy of contact %(number)s") % {"number": position},
            initial=contact.deputy.email if contact else "",
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        names = [f"{what}_{position}" for position in POSITIONS for what in ("person", "deputy")]
        wanted = {name: data[name].lower() for name in names if data.get(name)}
        found = {
            user.email.lower(): user
            for user in User.objects.filter(is_active=True, email__in=wanted.values())
        }
        for name, email in wanted.items():
            if email not in found:
                self.add_error(name, _("Nobody here has this address. Check it, or ask IT."))
            data[name] = found.get(email)
        return data

    def named(self) -> dict[int, Named]:
        """Return the contacts by position."""
        data = self.cleaned_data
        return {
            position: Named(
                data[f"person_{position}"], data[f"about_{position}"], data[f"deputy_{position}"]
            )
            for position in POSITIONS
        }
