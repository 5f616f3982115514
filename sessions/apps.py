from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeetingsConfig(AppConfig):
    """The label is ``meetings``: Django's own app holds the label of the folder's name."""

    name = "sessions"
    label = "meetings"
    verbose_name = _("Meetings")

    def ready(self) -> None:
        from audit.registry import register
        from sessions import messages, privacy
        from sessions.concerns import own_events

        register(own_events)
        messages.register()
        privacy.register()
