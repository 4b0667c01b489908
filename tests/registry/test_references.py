"""References of the register's bulk tables: refused like a foreign key's, by the database, whoever writes."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from shouwang.kernel.ids import new_id
from shouwang.registry.models import HouseholdFact
from tests.factories import HANTING, acting

from .families import household_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("table", "column", "rest"),
    [
        ("membership", "person_id", "relation, household_id) select 'other', id from registry_household limit 1"),
        ("membership", "household_id", "relation, person_id) select 'other', id from registry_person limit 1"),
        ("personfact", "person_id", "kind, amount) values ('death', 1)"),
        ("householdfact", "household_id", "kind, amount) values ('urban', 1)"),
        (
            "bankaccount",
            "person_id",
            "bank_name, holder_name, account, account_index, account_tail, agreement) values ('', '', '', '', '', '')",
        ),
    ],
)
def test_row_that_refers_to_nothing_is_refused(table: str, column: str, rest: str) -> None:
    head = f"insert into registry_{table} (id, valid_from, recorded_at, source, area_code, {column}, "
    first = "%s, '2020-01-01', now(), '测试', %s, %s, "
    body = rest.replace("select ", f"select {first}").replace("values (", f"values ({first}")
    with acting(area_code=HANTING) as actor:
        household_of(actor, "张永福")
        with (
            pytest.raises(IntegrityError, match=f"the reference {column} to"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(head + body, [new_id(), HANTING, new_id()])


@pytest.mark.parametrize("table", ["registry_household", "registry_person"])
def test_what_is_referred_to_is_never_deleted(table: str) -> None:
    with acting(area_code=HANTING) as actor:
        household_of(actor, "张永福")
        assert HouseholdFact.objects.exists()
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"delete from {table}")
