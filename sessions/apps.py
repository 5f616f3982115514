from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeetingsConfig(AppConfig):
    """The folder is ``sessions``; the label is ``meetings``, as Django's own app holds the other."""

    name = "sessions"
    label = "meetings"
    verbose_name = _("Meetings")
