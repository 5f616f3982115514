from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrainingConfig(AppConfig):
    name = "training"
    verbose_name = _("Training")

    def ready(self) -> None:
        from programs.templating import register as register_section
        from programs.wording import register_wording
        from training import merging, privacy
        from training.checklist import register_checks
        from training.library import all_modules
        from training.template_section import SECTION

        privacy.register()
        merging.register()
        register_checks()
        register_section(SECTION)
        register_wording(all_modules)
