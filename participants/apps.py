from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ParticipantsConfig(AppConfig):
    name = "participants"
    verbose_name = _("Participants")

    def ready(self) -> None:
        from participants import external_messages, merging, messages, privacy, screening_messages
        from participants.checklist import register_checks
        from participants.template_section import SECTION
        from programs.templating import register as register_section

        register_section(SECTION)
        register_checks()
        messages.register()
        screening_messages.register()
        external_messages.register()
        privacy.register()
        merging.register()
