"""References of the bulk tables: refused like a foreign key's, by the database, whoever writes."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from shouwang.assistance.models import PaymentAttempt
from shouwang.kernel.ids import new_id
from shouwang.kernel.schema import MANY_ROWS
from shouwang.kernel.scope import use_scope

from .setting import MARCH, County, everywhere
from .test_chain import run

pytestmark = pytest.mark.django_db

REFERENCES = {
    "assistance_payable": ("household_id", "person_id", "payee_id", "grant_id", "case_id", "run_id"),
    "assistance_payableperson": ("payable_id", "person_id"),
    "assistance_paymentattempt": ("payable_id", "batch_id", "part_id", "account_id"),
    "assistance_paymentoutcome": ("payable_id", "entry_id"),
    "assistance_runline": ("run_id", "grant_id", "payable_id"),
}
KEPT = (
    "registry_household", "registry_person", "registry_bankaccount", "assistance_grant", "assistance_benefitrun",
    "assistance_reliefcase", "assistance_paymentbatch", "assistance_batchpart", "assistance_payable", "ledger_entry",
)  # fmt: skip


def columns_of(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped",
            [table],
        )
        return [name for (name,) in cursor.fetchall()]


def copy_of_a_row(table: str, **changed: UUID | str | None) -> None:
    """A second row like the first, with a new id and what is changed."""
    values = {"id": new_id(), **changed}
    columns = columns_of(table)
    picked = ", ".join(f"%({name})s" if name in values else name for name in columns)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"insert into {table} ({', '.join(columns)}) select {picked} from {table} limit 1", values)


@pytest.mark.parametrize(("table", "column"), [(table, name) for table, names in REFERENCES.items() for name in names])
def test_row_that_refers_to_nothing_is_refused(county: County, table: str, column: str) -> None:
    run(county)
    with use_scope(everywhere().scope):
        if table == "assistance_paymentoutcome":
            line = lines_of_march(county)[0]
            values = [new_id(), line.id, new_id() if column == "payable_id" else line.payable_id, MARCH, line.area_code]
            with pytest.raises(IntegrityError, match=column), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    f"""insert into {table} (id, attempt_id, payable_id, kind, programme, paid_on, amount_fen, area_code,
                               reason, recorded_at, entry_id)
                        values (%s, %s, %s, 'paid', 'dibao', %s, 1, %s, '', now(), %s)""",
                    [*values, new_id() if column == "entry_id" else None],
                )
            return
        others: dict[str, UUID | str | None] = {
            "assistance_payable": {"reason_key": "another"},
            "assistance_paymentattempt": {"state": "cancelled", "line_number": 999},
            "assistance_runline": {"number": 999, "payable_id": None},
        }.get(table, {})  # type: ignore[assignment]
        changed = {**others, column: new_id()}
        if changed.get("payable_id") and table == "assistance_runline":
            changed["id"] = changed["payable_id"]  # a line that is owed has the id of its payable
        with pytest.raises(IntegrityError, match=f"the reference {column} to"):
            copy_of_a_row(table, **changed)


def test_one_wrong_row_among_thousands_is_refused(county: County) -> None:
    """Above `MANY_ROWS` the references are looked up by another plan."""
    run(county)
    with use_scope(everywhere().scope):
        line = lines_of_march(county)[0]
        rows = """insert into assistance_payableperson (id, payable_id, person_id, area_code)
                  select gen_random_uuid(), case when n = %s then gen_random_uuid() else %s end, person_id, area_code
                    from generate_series(1, %s) n, (select * from assistance_payableperson limit 1) one"""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(rows, [0, line.payable_id, MANY_ROWS])
            assert cursor.rowcount == MANY_ROWS
            transaction.set_rollback(True)
        for wrong in (1, MANY_ROWS):
            with (
                pytest.raises(IntegrityError, match="the reference payable_id to assistance_payable"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(rows, [wrong, line.payable_id, MANY_ROWS])


def lines_of_march(county: County) -> list[PaymentAttempt]:
    return list(PaymentAttempt.objects.filter(area_code__gte=county.area_code).order_by("id"))


def test_line_is_not_moved_to_a_list_that_is_not_there(county: County) -> None:
    run(county)
    with use_scope(everywhere().scope):
        line = lines_of_march(county)[0]
        for column in ("batch_id", "part_id", "payable_id", "account_id"):
            with pytest.raises(IntegrityError, match=f"the reference {column} to"), transaction.atomic():
                PaymentAttempt.objects.filter(id=line.id).update(**{column: new_id()})


@pytest.mark.parametrize("table", KEPT)
def test_what_is_referred_to_is_never_deleted(county: County, table: str) -> None:
    run(county)
    with connection.cursor() as cursor:
        cursor.execute(
            "select tgtype & 8 > 0 from pg_trigger where tgrelid = %s::regclass and not tgisinternal", [table]
        )
        assert (True,) in cursor.fetchall()  # before delete, for every role
    with use_scope(everywhere().scope), connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")
        if cursor.fetchone()[0]:
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                cursor.execute(f"delete from {table}")
