"""The ledger: read by managers and IT, written by the sender."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.validators import URLValidator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminURLInputWidget

from accounts.admin_search import FindsPeople
from core.admin import ReadOnlyAdmin
from core.errors import DomainError
from notifications import registry, services
from notifications.access import deliveries_for
from notifications.models import (
    ClosedDays,
    DeliveryState,
    Message,
    MessageState,
    Notice,
    Topic,
    Webhook,
    WebhookDelivery,
)
from notifications.reasons import shown

SHORTEST_MAIL_ID = 6
TONES = {
    MessageState.SENT: "success",
    MessageState.FAILED: "danger",
    MessageState.UNKNOWN: "warning",
    MessageState.SKIPPED: "info",
}


class KindFilter(admin.SimpleListFilter):
    """Kinds that are registered; asking the table for its kinds would read all of it."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.name, str(kind.title or kind.name)) for kind in registry.every_kind()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Message)
class MessageAdmin(FindsPeople, ReadOnlyAdmin):
    list_display = (
        "recipient",
        "kind_title",
        "state_pill",
        "shown_reason",
        "due_at",
        "sent_at",
        "in_inbox",
        "marked",
    )
    list_filter = ("state", KindFilter, "may_be_doubled")
    list_select_related = ("recipient",)
    search_fields = ("recipient__email", "recipient__name_key")
    person_path = "recipient"
    search_help_text = _(
        "Name or e-mail of the recipient, a Message-ID, or the mail server’s own id"
    )
    ordering = ("-id",)
    actions = ("send_again",)
    fields = (
        *("recipient", "kind_title", "object_id", "occasion", "state", "shown_reason", "attempt"),
        *(
            "may_be_doubled",
            "message_id",
            "answer",
            "created_at",
            "due_at",
            "handed_over_at",
            "sent_at",
        ),
    )
    readonly_fields = fields

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search by what a mail server calls a mail; without such a row, by person.

        Ids have a digit and are long; names and most addresses do not make the ledger be read.
        """
        term = search_term.strip().removeprefix("<").removesuffix(">")
        name, at, _domain = term.partition("@")
        has_digit = any(char.isdigit() for char in name)
        if has_digit and len(name) >= SHORTEST_MAIL_ID and " " not in term:
            given = Q(message_id=f"<{term}>") | Q(mail_id=f"<{term}>")
            found = queryset.filter(given if at else Q(answer__contains=term))
            if found.exists():
                return found, False
        return super().get_search_results(request, queryset, search_term)

    @display(description=_("kind"), ordering="kind")
    def kind_title(self, row: Message) -> str:
        kind = registry.find(row.kind)
        return str((kind and kind.title) or row.kind)

    @display(description=_("state"), ordering="state", label=TONES)
    def state_pill(self, row: Message) -> tuple[str, str]:
        return row.state, row.get_state_display()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        shown = Notice.objects.filter(message=OuterRef("pk"))
        return super().get_queryset(request).annotate(is_shown=Exists(shown))

    @display(description=_("in the inbox"), boolean=True)
    def in_inbox(self, row: Any) -> bool:
        return bool(row.is_shown)

    @display(description=_("why"))
    def shown_reason(self, row: Message) -> str:
        return shown(row.reason)

    @display(description=_("may be doubled"), label={"doubled": "warning"})
    def marked(self, row: Message) -> tuple[str, str] | None:
        return ("doubled", str(_("Perhaps twice"))) if row.may_be_doubled else None

    @admin.action(description=_("Send again (failed or unknown)"), permissions=["view"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        sent = 0
        for message in queryset:
            try:
                services.send_again(message=message, actor=request.user, now=timezone.now())
            except DomainError as error:
                self.message_user(request, str(error), messages.WARNING)
                break
            sent += 1
        if sent:
            sentence = ngettext(
                "%(count)d message goes out again.", "%(count)d messages go out again.", sent
            )
            self.message_user(request, sentence % {"count": sent}, messages.SUCCESS)


@admin.register(ClosedDays)
class ClosedDaysAdmin(ModelAdmin):
    list_display = ("name", "first_on", "last_on")


class WebhookForm(forms.ModelForm):
    url = forms.URLField(
        label=_("Address"),
        assume_scheme="https",
        max_length=400,
        validators=[URLValidator(schemes=["https"])],
        widget=UnfoldAdminURLInputWidget,
    )
    topics = forms.MultipleChoiceField(
        label=_("Topics"), choices=Topic, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        model = Webhook
        fields = ("name", "url", "topics", "program_id", "is_active")


@admin.register(Webhook)
class WebhookAdmin(ModelAdmin):
    """Other systems, kept by IT. What they are told carries ids, never words."""

    form = WebhookForm
    list_display = ("name", "url", "is_active", "failing")
    actions = ("rotate",)
    readonly_fields = ("shown_secret", "created_at")
    fields = ("name", "url", "topics", "program_id", "is_active", "shown_secret", "created_at")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else self.fields[:5]

    @display(description=_("secret"))
    def shown_secret(self, row: Webhook) -> str:
        return row.secret

    @display(description=_("failed lately"))
    def failing(self, row: Any) -> int:
        return row.failed_count

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        failed = Count("deliveries", filter=Q(deliveries__state=DeliveryState.FAILED))
        return super().get_queryset(request).annotate(failed_count=failed)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            services.change_webhook(webhook=obj, actor=request.user, now=timezone.now())
        else:
            services.add_webhook(webhook=obj, actor=request.user, now=timezone.now())

    @admin.action(description=_("Make a new secret; the old one signs for a day more"))
    def rotate(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for webhook in queryset:
            services.rotate_secret(webhook=webhook, actor=request.user, now=timezone.now())
        self.message_user(request, _("The new secret is on the webhook’s page."), messages.SUCCESS)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    list_display = ("webhook", "kind", "state", "attempt", "answer", "due_at", "sent_at")
    list_filter = ("state", "webhook")
    list_select_related = ("webhook",)
    fields = ("webhook", "kind", "body", "state", "attempt", "answer", "due_at", "sent_at")
    readonly_fields = fields
    actions = ("again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return deliveries_for(request.user).select_related("webhook")

    @admin.action(description=_("Deliver again"), permissions=["view"])
    def again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        try:
            for delivery in queryset:
                services.deliver_again(delivery=delivery, actor=request.user, now=timezone.now())
        except DomainError as error:
            self.message_user(request, str(error), messages.WARNING)
        else:
            self.message_user(request, _("It is told again."), messages.SUCCESS)
