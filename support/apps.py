from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SupportConfig(AppConfig):
    name = "support"
    verbose_name = _("Support")

    def ready(self) -> None:
        from audit.registry import register
        from participants.resting import register_resting
        from programs.handing_over import register as register_follower
        from programs.templating import register as register_section
        from support import checklist, merging, messages, privacy
        from support.concerns import own_events
        from support.leavers import rests_with_a_note
        from support.services.passing_on import pass_on_work
        from support.template_section import SECTION

        register(own_events)
        register_section(SECTION)
        privacy.register()
        merging.register()
        messages.register()
        checklist.register_checks()
        register_follower(pass_on_work)
        register_resting(rests_with_a_note())
