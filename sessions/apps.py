from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeetingsConfig(AppConfig):
    """The label is ``meetings``: Django's own app holds the label of the folder's name."""

    name = "sessions"
    label = "meetings"
    verbose_name = _("Meetings")

    def ready(self) -> None:
        from anymail.signals import inbound
        from django.db.models import Q

        from audit.registry import register
        from participants.importing.removing import register_untouched
        from sessions import event_messages, merging, messages, privacy
        from sessions.concerns import own_events
        from sessions.inbound import take_mail
        from sessions.models import EventGuest

        register(own_events)
        messages.register()
        event_messages.register()
        privacy.register()
        merging.register()
        register_untouched(EventGuest, "enrolment", Q(answer="", attended__isnull=True))
        inbound.connect(take_mail, dispatch_uid="sessions.take_mail")
