"""Cohorts in the API."""

from __future__ import annotations

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets

from accounts.http import PersonApiRequest
from accounts.models import User
from programs.models import Cohort, CohortStatus, Program


def cohorts_visible_to(user: User) -> QuerySet[Cohort]:
    """Return the cohorts that the person is enrolled in, manages or reports on."""
    enrolled = Cohort.enrolments.rel.related_model._default_manager.filter(
        cohort=OuterRef("pk"), user=user
    )
    return Cohort.objects.reported_to(user) | Cohort.objects.filter(Exists(enrolled))


class ProgramSerializer(serializers.ModelSerializer):
    class Meta:
        model = Program
        fields = ("id", "name", "format")


class CohortSerializer(serializers.ModelSerializer):
    program = ProgramSerializer(read_only=True)

    class Meta:
        model = Cohort
        fields = (
            "id",
            "name",
            "program",
            "status",
            "enrolment_opens_on",
            "enrolment_closes_on",
            "starts_on",
            "ends_on",
            "rhythm_days",
        )
        read_only_fields = fields


class CohortFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=CohortStatus)
    program = django_filters.NumberFilter(field_name="program_id", min_value=1)
    since = django_filters.DateFilter(
        field_name="starts_on", lookup_expr="gte", label=_("Starts on this day or later.")
    )

    class Meta:
        model = Cohort
        fields = ("status", "program", "since")


@extend_schema(tags=["cohorts"])
class CohortViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Cohort]
):
    """Cohorts that you take part in, manage or report on."""

    queryset = Cohort.objects.none()
    serializer_class = CohortSerializer
    filterset_class = CohortFilter
    lookup_value_regex = "[0-9]{1,18}"
    request: PersonApiRequest

    def get_queryset(self) -> QuerySet[Cohort]:
        return cohorts_visible_to(self.request.user).select_related("program")
