"""Meetings in the API: read what one may see, and log a meeting."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.response import Response

from accounts.access import MANAGER, OWNER, has_role
from accounts.http import PersonApiRequest
from accounts.models import User
from matching.models import Match, MatchMember
from sessions import services
from sessions.models import (
    LONGEST_MINUTES,
    ActionItem,
    Meeting,
    MeetingHow,
    MeetingRating,
    MeetingStatus,
    PrivateNote,
)
from sessions.services.actions import LONGEST_ACTION


def meetings_visible_to(user: User) -> QuerySet[Meeting]:
    """Return meetings of the person's matches and of those they manage, each with ``is_mine``."""
    own = MatchMember.objects.filter(match=OuterRef("match"), user=user)
    rows = Meeting.objects.of(user)
    if user.is_superuser or has_role(user, OWNER, MANAGER):
        rows = rows | Meeting.objects.managed_by(user)
    return rows.annotate(is_mine=Exists(own))


def with_words_of(meetings: QuerySet[Meeting], user: User) -> QuerySet[Meeting]:
    """Load what this person may read of each meeting's words; only the detail view does so."""
    return meetings.select_related("summary").prefetch_related(
        "action_items",
        Prefetch("private_notes", PrivateNote.objects.filter(author=user), to_attr="own_notes"),
        Prefetch("ratings", MeetingRating.objects.filter(author=user), to_attr="own_ratings"),
    )


class MeetingSerializer(serializers.ModelSerializer):
    """That a meeting took place, its date and minutes. How and by whom logged: members only."""

    how = serializers.ChoiceField(choices=list(MeetingHow), allow_blank=True, read_only=True)
    is_mine = serializers.BooleanField(read_only=True)

    class Meta:
        model = Meeting
        fields: tuple[str, ...] = (
            "id",
            "match",
            "status",
            "held_on",
            "starts_at",
            "minutes",
            "how",
            "logged_by",
            "is_mine",
        )
        read_only_fields = fields

    def to_representation(self, instance: Meeting) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if not shown["is_mine"]:
            shown.update(how="", logged_by=None)
        return shown


class ActionItemSerializer(serializers.ModelSerializer):
    text = serializers.CharField(max_length=LONGEST_ACTION)

    class Meta:
        model = ActionItem
        fields = ("id", "text", "owner", "due_on", "done_at")
        read_only_fields = ("id", "done_at")


class WordsSerializer(serializers.Serializer):
    """The shared summary and action items, and the reader's own private note and rating."""

    summary = serializers.CharField()
    private_note = serializers.CharField()
    rating = serializers.IntegerField(allow_null=True)
    action_items = ActionItemSerializer(many=True)


class MeetingDetailSerializer(MeetingSerializer):
    """A meeting with its words; null for managers, who never read them."""

    words = serializers.SerializerMethodField()

    class Meta(MeetingSerializer.Meta):
        fields = (*MeetingSerializer.Meta.fields, "words")
        read_only_fields = fields

    @extend_schema_field(WordsSerializer(allow_null=True))
    def get_words(self, meeting: Any) -> dict[str, Any] | None:
        if not meeting.is_mine:
            return None
        summary = getattr(meeting, "summary", None)
        note = next(iter(meeting.own_notes), None)
        rating = next(iter(meeting.own_ratings), None)
        return {
            "summary": summary.text if summary else "",
            "private_note": note.text if note else "",
            "rating": rating.rating if rating else None,
            "action_items": ActionItemSerializer(meeting.action_items.all(), many=True).data,
        }


class NewActionItemSerializer(serializers.Serializer):
    text = serializers.CharField(max_length=LONGEST_ACTION)
    owner = serializers.IntegerField(
        required=False, allow_null=True, help_text="Somebody of the match; you if left out."
    )
    due_on = serializers.DateField(required=False, allow_null=True)


class OwnMatchField(serializers.PrimaryKeyRelatedField):
    def get_queryset(self) -> QuerySet[Match]:
        return Match.objects.of(self.context["request"].user)


class LogMeetingSerializer(serializers.Serializer):
    """What a meeting is logged with. Only the match and the day are needed."""

    match = OwnMatchField(queryset=Match.objects.none())
    held_on = serializers.DateField()
    minutes = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=LONGEST_MINUTES
    )
    how = serializers.ChoiceField(choices=list(MeetingHow), required=False, allow_blank=True)
    start_time = serializers.TimeField(
        required=False, allow_null=True, help_text="Wall-clock time in your own zone."
    )
    summary = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    private_note = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    rating = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=5)
    action_items = NewActionItemSerializer(many=True, required=False)
    another_same_day = serializers.BooleanField(
        required=False, help_text="True when the match met twice on this day."
    )


class MeetingFilter(django_filters.FilterSet):
    match = django_filters.NumberFilter(field_name="match_id", min_value=1)
    cohort = django_filters.NumberFilter(field_name="match__cohort_id", min_value=1)
    status = django_filters.ChoiceFilter(choices=MeetingStatus)
    since = django_filters.DateFilter(
        field_name="held_on", lookup_expr="gte", label=_("Held on this day or later.")
    )

    class Meta:
        model = Meeting
        fields = ("match", "cohort", "status", "since")


@extend_schema(tags=["meetings"])
class MeetingViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Meeting]
):
    """Meetings of your matches with their words, and of those you manage without."""

    queryset = Meeting.objects.none()
    serializer_class = MeetingSerializer
    filterset_class = MeetingFilter
    lookup_value_regex = "[0-9]{1,18}"
    request: PersonApiRequest

    def get_queryset(self) -> QuerySet[Meeting]:
        rows = meetings_visible_to(self.request.user)
        return with_words_of(rows, self.request.user) if self.action == "retrieve" else rows

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Meeting]]:
        return MeetingDetailSerializer if self.action == "retrieve" else MeetingSerializer

    @extend_schema(request=LogMeetingSerializer, responses={201: MeetingDetailSerializer})
    def create(self, request: PersonApiRequest) -> Response:
        """Log a meeting of one of your matches."""
        wanted = LogMeetingSerializer(data=request.data, context={"request": request})
        wanted.is_valid(raise_exception=True)
        meeting = services.log_meeting(
            actor=request.user, now=timezone.now(), **wanted.validated_data
        )
        rows = with_words_of(meetings_visible_to(request.user), request.user)
        shown = MeetingDetailSerializer(rows.get(pk=meeting.pk), context={"request": request})
        return Response(shown.data, status=status.HTTP_201_CREATED)
