from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProgramsConfig(AppConfig):
    name = "programs"
    verbose_name = _("Programs")

    def ready(self) -> None:
        from programs import merging, messages, privacy
        from programs.checklist import register_checks
        from programs.consequences import (
            of_dates_and_places,
            of_line_managers,
            of_phases_and_asking,
        )
        from programs.consequences import register as register_consequences
        from programs.templating import all_templates
        from programs.wording import register_wording

        privacy.register()
        merging.register()
        messages.register()
        register_checks()
        register_consequences(of_dates_and_places)
        register_consequences(of_line_managers)
        register_consequences(of_phases_and_asking)
        register_wording(all_templates)
