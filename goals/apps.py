from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GoalsConfig(AppConfig):
    name = "goals"
    verbose_name = _("Goals")

    def ready(self) -> None:
        from audit.registry import register
        from goals import merging, messages, privacy
        from goals.concerns import own_events

        register(own_events)
        messages.register()
        privacy.register()
        merging.register()
