from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotesConfig(AppConfig):
    name = "notes"
    verbose_name = _("Notes")

    def ready(self) -> None:
        from audit.registry import register
        from notes import merging, privacy
        from notes.concerns import own_events

        register(own_events)
        privacy.register()
        merging.register()
