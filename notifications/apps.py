from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Messages")

    def ready(self) -> None:
        from anymail.signals import inbound, tracking

        from notifications import merging, privacy
        from notifications.inbound import take_event, take_mail

        privacy.register()
        merging.register()
        inbound.connect(take_mail, dispatch_uid="notifications.take_mail")
        tracking.connect(take_event, dispatch_uid="notifications.take_event")
