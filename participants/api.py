"""Enrolments in the API."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets

from accounts.http import PersonApiRequest
from accounts.models import User
from participants.models import Enrolment, EnrolmentStatus, MemberRole


class PersonSerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="__str__", read_only=True)

    class Meta:
        model = User
        fields = ("id", "name", "email")
        read_only_fields = fields


class EnrolmentSerializer(serializers.ModelSerializer):
    person = PersonSerializer(source="user", read_only=True)

    class Meta:
        model = Enrolment
        fields = (
            "id",
            "cohort",
            "person",
            "role",
            "status",
            "capacity",
            "enrolled_at",
            "status_changed_at",
        )
        read_only_fields = fields


class EnrolmentFilter(django_filters.FilterSet):
    cohort = django_filters.NumberFilter(field_name="cohort_id", min_value=1)
    role = django_filters.ChoiceFilter(choices=MemberRole)
    status = django_filters.ChoiceFilter(choices=EnrolmentStatus)
    since = django_filters.DateFilter(
        field_name="status_changed_at",
        lookup_expr="date__gte",
        label=_("Changed on this day or later."),
    )

    class Meta:
        model = Enrolment
        fields = ("cohort", "role", "status", "since")


@extend_schema(tags=["enrolments"])
class EnrolmentViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Enrolment]
):
    """Your own enrolments, and those in cohorts that you manage."""

    queryset = Enrolment.objects.none()
    serializer_class = EnrolmentSerializer
    filterset_class = EnrolmentFilter
    lookup_value_regex = "[0-9]{1,18}"
    request: PersonApiRequest

    def get_queryset(self) -> QuerySet[Enrolment]:
        return Enrolment.objects.visible_to(self.request.user).select_related("user")
