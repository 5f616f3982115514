"""Which rows of the audit log concern the answers given in a person's own matches."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import User
from feedback.models import CheckIn, FitQuestion
from matching.concerns import own_match_ids


def own_events(user: User) -> Q:
    """Answers given in matches the person is in."""
    own = own_match_ids(user)
    check_ins = CheckIn.objects.filter(match__in=own).values_list("pk", flat=True)
    fits = FitQuestion.objects.filter(match__in=own).values_list("pk", flat=True)
    return Q(object_type=CheckIn._meta.label_lower, object_id__in=map(str, check_ins)) | Q(
        object_type=FitQuestion._meta.label_lower, object_id__in=map(str, fits)
    )
