from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedbackConfig(AppConfig):
    name = "feedback"
    verbose_name = _("Check-ins")

    def ready(self) -> None:
        from audit.registry import register
        from feedback import merging, messages, privacy
        from feedback.concerns import own_events

        register(own_events)
        messages.register()
        privacy.register()
        merging.register()
