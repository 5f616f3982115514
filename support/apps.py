from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SupportConfig(AppConfig):
    name = "support"
    verbose_name = _("Support")

    def ready(self) -> None:
        from audit.registry import register
        from support import checklist, messages, privacy
        from support.concerns import own_events

        register(own_events)
        privacy.register()
        messages.register()
        checklist.register_checks()
