"""What a connection may see is closed by default, and the database itself refuses the rest."""

from __future__ import annotations

from datetime import date

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from shouwang.kernel import clock
from shouwang.kernel.fields import AreaCodeField, EncryptedTextField
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import CLOSED, Scope, current_scope, use_scope
from shouwang.registry.models import Household
from tests.factories import FANGZI, GUDI, GUDI_VILLAGE, HANTING, WEIFANG, acting

pytestmark = pytest.mark.django_db

UNSCOPED = {
    "areas_area": "areas are public",
    "areas_zonepart": "areas are public",
    "assistance_areagolive": "a date names no person",
    "accounts_post": "staff directory, read before a scope exists",
    "accounts_eventpost": "staff directory, read before a scope exists",
    "ledger_fund": "a fund names no person",
    "gates_building": "a building names no person; residents choose theirs before they are anybody",
    "gates_device": "a phone of the bureau's, known by its key before a scope exists",
    "gates_enrolmentcode": "asked for by a phone before a scope exists; kept as a digest",
    "gates_estate": "an estate names no person; residents choose theirs before they are anybody",
    "gates_publiccount": "keyed digests and numbers; asked before anybody is somebody",
    "gates_signingkey": "the bureau's keys, sealed; passes of every area are signed by them",
    "response_document": "what is in force is for everyone to read",
    "response_measure": "what is in force is for everyone to read",
}


def make_household(area_code: int = GUDI_VILLAGE) -> Household:
    return Household.objects.create(
        number=f"H{new_id().hex[:12]}", area_code=area_code, registered_on=date(2020, 1, 1), recorded_at=clock.now()
    )


def test_application_role_cannot_pass_by_policies() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select current_user, rolsuper, rolbypassrls from pg_roles where rolname = current_user")
        assert cursor.fetchone() == ("shouwang_app", False, False)
        cursor.execute("select count(*) from pg_class where pg_get_userbyid(relowner) = current_user")
        assert cursor.fetchone() == (0,)


def test_every_table_with_an_area_or_a_sealed_column_has_a_policy() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_policies where schemaname = 'public'")
        with_policy = {row[0] for row in cursor.fetchall()}
    located = {
        model._meta.db_table
        for model in apps.get_models()
        if any(isinstance(field, AreaCodeField | EncryptedTextField) for field in model._meta.local_concrete_fields)
    }
    assert located - with_policy == set(UNSCOPED) & located


def test_rows_without_a_scope_do_not_exist() -> None:
    with acting(area_code=HANTING):
        make_household()
        assert Household.objects.count() == 1
    assert current_scope() == CLOSED
    assert Household.objects.count() == 0


def test_neighbour_county_sees_and_writes_nothing() -> None:
    with acting(area_code=HANTING):
        household = make_household()
    with acting(area_code=FANGZI):
        assert list(Household.objects.filter(id=household.id)) == []
        assert Household.objects.filter(id=household.id).update(version=9) == 0
        with pytest.raises(DatabaseError), transaction.atomic():
            make_household(GUDI_VILLAGE)


@pytest.mark.parametrize("area_code", [WEIFANG, HANTING, GUDI, GUDI_VILLAGE])
def test_every_level_above_sees_a_village_row(area_code: int) -> None:
    with acting(area_code=WEIFANG):
        make_household()
    with acting(area_code=area_code) as actor:
        assert Household.objects.filter(actor.scope.q()).count() == 1


def test_scope_is_put_back_after_an_error_inside_a_transaction() -> None:
    with acting(area_code=HANTING):
        make_household()
        with pytest.raises(DatabaseError), transaction.atomic(), use_scope(Scope()), connection.cursor() as cursor:
            cursor.execute("select 1/0")
        assert Household.objects.count() == 1
