from django import forms
from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.utils.translation import gettext_lazy as _


class ProjectConfig(AppConfig):
    """Project-wide commands, system checks and the workers' pulse."""

    name = "mentorship"
    verbose_name = "Alongside"

    def ready(self) -> None:
        from mentorship import checks, key_check  # noqa: F401

        _say_what_to_do()


def _say_what_to_do() -> None:
    """Ask for what is missing in every form, where Django's words only state that it is."""
    forms.Field.default_error_messages["required"] = _("Please fill this in.")
    forms.ChoiceField.default_error_messages["required"] = _("Please choose.")


class AdminConfig(DjangoAdminConfig):
    """The admin with our entrance: who may come in is decided by roles."""

    default_site = "mentorship.admin_site.ProgramAdminSite"
