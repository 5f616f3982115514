"""Matches in the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets

from accounts.access import MANAGER, OWNER, has_role
from accounts.http import PersonApiRequest
from accounts.models import User
from matching.models import EndReason, Match, MatchMember, MatchStatus
from matching.reasons import told_to


def matches_visible_to(user: User) -> QuerySet[Match]:
    """Return the person's matches and those they manage, each with ``is_member``."""
    own = Exists(MatchMember.objects.filter(match=OuterRef("pk"), user=user))
    rows = Match.objects.of(user)
    if user.is_superuser or has_role(user, OWNER, MANAGER):
        rows = rows | Match.objects.managed_by(user)
    return rows.annotate(is_member=own)


class MemberSerializer(serializers.ModelSerializer):
    person = serializers.IntegerField(source="user_id", read_only=True)
    name = serializers.CharField(source="user", read_only=True)

    class Meta:
        model = MatchMember
        fields = ("person", "name", "enrolment", "role", "joined_at", "left_at")
        read_only_fields = fields


class MatchSerializer(serializers.ModelSerializer):
    """A match. Why it ended is for its managers only; its members know."""

    is_mine = serializers.BooleanField(source="is_member", read_only=True)
    end_reason = serializers.ChoiceField(choices=list(EndReason), allow_blank=True, read_only=True)
    members = MemberSerializer(many=True, read_only=True)
    reasons = serializers.SerializerMethodField(help_text="Why you were matched, for members.")

    class Meta:
        model = Match
        fields = (
            "id",
            "cohort",
            "status",
            "started_on",
            "ended_on",
            "end_reason",
            "is_mine",
            "members",
            "reasons",
        )
        read_only_fields = fields

    def get_reasons(self, match: Any) -> list[str]:
        if not match.is_member:
            return []
        me, members = self.context["request"].user.pk, match.members.all()
        names = {member.user_id: member.user.get_short_name() for member in members}
        role = next(member.role for member in members if member.user_id == me)
        told = told_to(me, role, match.contributions, names=names)
        return [sentence.text for sentence in told]

    def to_representation(self, instance: Match) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if shown["is_mine"]:
            shown["end_reason"] = ""
        return shown


class MatchFilter(django_filters.FilterSet):
    cohort = django_filters.NumberFilter(field_name="cohort_id", min_value=1)
    status = django_filters.ChoiceFilter(choices=MatchStatus)
    since = django_filters.DateFilter(
        field_name="started_on", lookup_expr="gte", label=_("Started on this day or later.")
    )

    class Meta:
        model = Match
        fields = ("cohort", "status", "since")


@extend_schema(tags=["matches"])
class MatchViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Match]
):
    """Your own matches, and those in cohorts that you manage."""

    queryset = Match.objects.none()
    serializer_class = MatchSerializer
    filterset_class = MatchFilter
    lookup_value_regex = "[0-9]{1,18}"
    request: PersonApiRequest

    def get_queryset(self) -> QuerySet[Match]:
        members = MatchMember.objects.select_related("user")
        return matches_visible_to(self.request.user).prefetch_related(Prefetch("members", members))
