"""The chat channel of a program in the admin; its address is written and never shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from core.admin import ScopedAdmin
from core.errors import DomainError
from support import services
from support.feed_admin import FeedSettingsAdmin as FeedSettingsAdmin
from support.models import ChatChannel
from support.services.chatting import LONGEST_ADDRESS, check_channel

SHOWN = 5


class ChatChannelForm(forms.ModelForm):
    new_address = forms.CharField(
        label=_("Address"),
        help_text=_(
            "The incoming webhook of a channel in Slack, Mattermost or Teams (a workflow). Kept "
            "encrypted and not shown again; empty keeps the one there is."
        ),
        max_length=LONGEST_ADDRESS,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = ChatChannel
        fields = ("program", "language", "is_active")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        program = data.get("program") or getattr(self.instance, "program", None)
        if program is not None and not self.errors:
            try:
                check_channel(
                    program=program,
                    address=data.get("new_address", ""),
                    is_new=self.instance._state.adding,
                )
            except DomainError as error:
                names = {"address": "new_address", "program": "program"}
                name = names.get(error.field)
                self.add_error(name if name in self.fields else None, str(error))
        return data


@admin.register(ChatChannel)
class ChatChannelAdmin(ScopedAdmin):
    """Where a program's managers read their week: counts and a link, no names."""

    scope = "program"
    form = ChatChannelForm
    list_display = ("program", "host", "is_active", "fails")
    list_select_related = ("program",)
    actions = ("try_out",)
    fields = ("program", "new_address", "language", "is_active", "host", "fault", "last_posts")
    readonly_fields = ("host", "fault", "last_posts")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else self.fields[:4]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("program", *self.readonly_fields) if obj else self.readonly_fields

    @display(description=_("fails"), label={"fails": "danger"})
    def fails(self, row: ChatChannel) -> tuple[str, str] | None:
        return ("fails", row.fault) if row.failed_at else None

    @display(description=_("last posts"))
    def last_posts(self, row: ChatChannel) -> str:
        return "; ".join(
            f"{date_format(timezone.localtime(post.created_at), 'SHORT_DATETIME_FORMAT')}: "
            f"{post.get_state_display()}{' ' + post.answer if post.answer else ''}"
            for post in row.posts.all()[:SHOWN]
        )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        services.keep_channel(
            channel=obj,
            address=form.cleaned_data["new_address"],
            actor=request.user,
            now=timezone.now(),
        )

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        services.remove_channel(channel=obj, actor=request.user, now=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for channel in queryset:
            services.remove_channel(channel=channel, actor=request.user, now=timezone.now())

    @admin.action(description=_("Post a test now"), permissions=["change"])
    def try_out(self, request: HttpRequest, queryset: Any) -> None:
        try:
            for channel in queryset:
                services.try_channel(channel=channel, actor=request.user, now=timezone.now())
        except DomainError as error:
            self.message_user(request, str(error), messages.WARNING)
        else:
            text = _("On its way. Look into the channel, then here for what the server said.")
            self.message_user(request, text, messages.SUCCESS)
