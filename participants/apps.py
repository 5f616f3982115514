from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ParticipantsConfig(AppConfig):
    name = "participants"
    verbose_name = _("Participants")

    def ready(self) -> None:
        from participants import messages, privacy
        from participants.checklist import register_checks

        register_checks()
        messages.register()
        privacy.register()
