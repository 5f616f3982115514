from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MatchingConfig(AppConfig):
    name = "matching"
    verbose_name = _("Pairing")

    def ready(self) -> None:
        from audit.registry import register, register_discreet
        from matching import merging, messages, privacy, privacy_together
        from matching.checklist import register_checks
        from matching.concerns import own_events
        from matching.consequences import of_matches
        from matching.template_section import SECTION
        from programs.consequences import register as register_consequences
        from programs.templating import register as register_section

        register(own_events)
        register_discreet("traits.changed", "wishes.changed")
        register_section(SECTION)
        register_consequences(of_matches)
        register_checks()
        messages.register()
        privacy.register()
        merging.register()
        privacy_together.register()
