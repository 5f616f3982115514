from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and roles")

    def ready(self) -> None:
        from allauth.account.signals import password_reset

        from accounts import own_data, own_merging
        from accounts.adapter import confirm_after_reset
        from accounts.second_factor import StoredSecrets
        from core import keys

        own_data.register()
        own_merging.register()
        keys.register(StoredSecrets())
        password_reset.connect(confirm_after_reset, dispatch_uid="accounts.confirm_after_reset")
