"""Nothing that points at a person, or at their enrolment, is forgotten when two become one."""

from __future__ import annotations

import pgtrigger
import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from accounts import merging
from accounts.models import User
from participants.merging import absorbed, gone
from participants.models import Enrolment


def keys_to(target: type) -> set[str]:
    """Return every key to this model, as ``app.Model.field``."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if not field.auto_created and getattr(field, "related_model", None) is target
    }


def test_every_key_to_a_person_is_carried_or_left_for_a_reason():
    forgotten = keys_to(User) - set(merging.carried()) - set(merging.left())

    assert not forgotten, (
        f"Say in the app's merging.py how these rows find the kept account: {sorted(forgotten)}"
    )


def test_every_key_to_an_enrolment_is_absorbed_or_goes_along_for_a_reason():
    assert keys_to(Enrolment) == absorbed() | set(gone())
    assert absorbed() & set(gone()) == set()


def test_ways_name_nothing_that_is_gone_and_nothing_twice():
    carried = merging.carried()

    assert set(carried) | set(merging.left()) == keys_to(User)
    assert len(carried) == len(set(carried))
    assert set(carried) & set(merging.left()) == set()


def test_every_reason_is_a_sentence():
    assert all(text.endswith(".") for text in (*merging.left().values(), *gone().values()))


def test_enrolments_are_carried_before_members_and_members_before_what_they_wrote():
    order = merging.carried()

    assert order.index("participants.Enrolment.user") < order.index("matching.MatchMember.user")
    assert order.index("matching.MatchMember.user") < order.index("matching.DoNotPair.low")
    assert order.index("matching.MatchMember.user") < order.index("goals.Goal.owner")


@pytest.mark.django_db
def test_triggers_are_passed_within_and_hold_again_afterwards(cast):
    name = "matching.ThreadMessage:final"
    ((model, trigger),) = pgtrigger.registered(name)
    setting = "SELECT coalesce(current_setting('pgtrigger.ignore', true), '')"

    with connection.cursor() as cursor, transaction.atomic():
        with merging.past_triggers(name):
            cursor.execute(setting)
            assert cursor.fetchone() == (f"{{{trigger.get_pgid(model)}}}",)
        cursor.execute(setting)
        assert cursor.fetchone() == ("{}",)


@pytest.mark.django_db
def test_database_refuses_an_account_that_is_merged_and_switched_on(cast):
    with pytest.raises(IntegrityError, match="user_merged_is_inactive"), transaction.atomic():
        User.objects.filter(pk=cast.stranger.pk).update(merged_into=cast.mentor)
    with pytest.raises(IntegrityError, match="user_not_merged_into_self"), transaction.atomic():
        User.objects.filter(pk=cast.stranger.pk).update(merged_into=cast.stranger, is_active=False)
