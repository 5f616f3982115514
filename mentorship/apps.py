from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class ProjectConfig(AppConfig):
    """Project-wide commands, system checks and the workers' pulse."""

    name = "mentorship"
    verbose_name = "Alongside"

    def ready(self) -> None:
        from mentorship import checks, key_check  # noqa: F401


class AdminConfig(DjangoAdminConfig):
    """The admin with our entrance: who may come in is decided by roles."""

    default_site = "mentorship.admin_site.ProgramAdminSite"
