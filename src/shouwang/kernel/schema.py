"""Migration operations for what the database itself must refuse."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import migrations
from django.db.migrations.operations.base import Operation

_SCOPE = "(select nullif(current_setting('app.areas', true), '')::int8multirange)"
_EVENTS = "(select nullif(current_setting('app.events', true), '')::int8multirange)"


def scoped(table: str, column: str = "area_code") -> Operation:
    """Row-level security: a row is there only when its area lies in the connection's scope.

    The sub-select is evaluated once a query (about 5% of it; without the sub-select 40%); nullif because an empty
    setting is no multirange.
    """
    return migrations.RunSQL(
        f"alter table {table} enable row level security;"
        f"create policy {table}_scope on {table} using ({column} <@ {_SCOPE}) with check ({column} <@ {_SCOPE});",
        f"drop policy {table}_scope on {table}; alter table {table} disable row level security;",
    )


def scoped_for_command(table: str, column: str = "area_code") -> Operation:
    """As `scoped`, and open to who holds an event role in the row's area as well (`Scope.event_spans`)."""
    inside = f"({column} <@ {_SCOPE} or {column} <@ {_EVENTS})"
    return migrations.RunSQL(
        f"alter table {table} enable row level security;"
        f"create policy {table}_scope on {table} using {inside} with check {inside};",
        f"drop policy {table}_scope on {table}; alter table {table} disable row level security;",
    )


def reaching(table: str, spans: str, column: str = "area_code") -> Operation:
    """A row that reaches several areas: it is there in each that its `spans` touch, and written in the one it lies in."""
    touches = f"({spans} && {_SCOPE} or {spans} && {_EVENTS})"
    inside = f"({column} <@ {_SCOPE} or {column} <@ {_EVENTS})"
    return migrations.RunSQL(
        f"alter table {table} enable row level security;"
        f"create policy {table}_scope on {table} using {touches} with check {inside};",
        f"drop policy {table}_scope on {table}; alter table {table} disable row level security;",
    )


def open_to_append(table: str) -> Operation:
    """Beside `scoped`: a row may be added about any area; reading it still needs the scope.

    For the audit: who signs in has no scope yet, and the system administrator's stays closed. For events: the last
    township's word hands a county's list on.
    """
    return migrations.RunSQL(
        f"create policy {table}_append on {table} for insert with check (true);",
        f"drop policy {table}_append on {table};",
    )


def append_only(table: str, *, but: tuple[str, ...] = ()) -> Operation:
    """Refuse delete, and refuse update except of the columns `but`, for every role."""
    columns = ", ".join(f"'{column}'" for column in but)
    return migrations.RunSQL(
        f"""create trigger {table}_append_only before update or delete on {table}
            for each row execute function shouwang_append_only({columns});""",
        f"drop trigger {table}_append_only on {table};",
    )


def append_only_function() -> Operation:
    """The trigger function behind `append_only`; its arguments name the columns that may change."""
    return migrations.RunSQL(
        """create function shouwang_append_only() returns trigger language plpgsql as $$
        begin
            if tg_op = 'DELETE' then
                raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
            end if;
            -- Without arguments tg_argv is null, and null would let every edit pass.
            if to_jsonb(new) - coalesce(tg_argv, '{}') <> to_jsonb(old) - coalesce(tg_argv, '{}') then
                raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
            end if;
            return new;
        end $$;""",
        "drop function shouwang_append_only();",
    )


def referenced(table: str, columns: Mapping[str, str]) -> Operation:
    """References (column: referenced table, by its id) checked once a statement instead of once a row.

    For tables that are filled by the hundred thousand: a foreign key asks for every row by itself and writes a lock
    onto every row it finds. The same is refused with the same error, at the end of the statement, whoever writes and
    whatever their scope. It holds because the referenced rows are never deleted: see `never_deleted` and `append_only`.
    """
    by_row = " or ".join(f"new.{column} is distinct from old.{column}" for column in columns)
    return migrations.RunSQL(
        f"""create function {table}_references() returns trigger language plpgsql security definer
            set search_path = public, pg_temp
            -- A look-up a row: the plan of the few is kept, and must not become one that reads a whole table.
            set enable_hashjoin = off set enable_mergejoin = off as $$
        declare is_missing boolean;
        begin
            if (select count(*) from (select from inserted limit {MANY_ROWS}) first_rows) = {MANY_ROWS} then
                perform set_config('enable_hashjoin', 'on', true), set_config('enable_mergejoin', 'on', true);
                {"".join(_missing_of_many(table, column, to) for column, to in columns.items())}
                return null;
            end if;
            {"".join(_missing(table, column, to, "inserted") for column, to in columns.items())}
            return null;
        end $$;
        create trigger {table}_references after insert on {table} referencing new table as inserted
            for each statement execute function {table}_references();
        create function {table}_references_again() returns trigger language plpgsql security definer
            set search_path = public, pg_temp as $$
        begin
            {"".join(_missing(table, column, to, "(select new.*)") for column, to in columns.items())}
            return null;
        end $$;
        create trigger {table}_references_again after update on {table}
            for each row when ({by_row}) execute function {table}_references_again();""",
        f"""drop trigger {table}_references on {table}; drop function {table}_references();
            drop trigger {table}_references_again on {table}; drop function {table}_references_again();""",
    )


MANY_ROWS = 2_000
"""From this many rows a statement's references are looked up by a plan made for them: one join instead of a look-up a row."""


def _missing(table: str, column: str, to: str, rows: str) -> str:
    return f"""
            if exists ({_without_target(column, to, rows)}) then
                {_refusal(table, column, to)}
            end if;"""


def _missing_of_many(table: str, column: str, to: str) -> str:
    return f"""
                execute 'select exists ({_without_target(column, to, "inserted")})' into is_missing;
                if is_missing then
                    {_refusal(table, column, to)}
                end if;"""


def _without_target(column: str, to: str, rows: str) -> str:
    return (
        f"select from {rows} row_of where row_of.{column} is not null"
        f" and not exists (select from {to} target where target.id = row_of.{column})"
    )


def _refusal(table: str, column: str, to: str) -> str:
    return f"""raise exception 'insert or update on table "{table}" violates the reference {column} to {to}'
                    using errcode = 'foreign_key_violation', table = '{table}', column = '{column}';"""


def never_deleted(table: str) -> Operation:
    """Refuse delete, and a change of the id, for every role."""
    return migrations.RunSQL(
        f"""create trigger {table}_never_deleted before delete on {table}
            for each row execute function shouwang_append_only();
            create trigger {table}_same_id before update of id on {table}
            for each row when (new.id is distinct from old.id) execute function shouwang_append_only();""",
        f"drop trigger {table}_never_deleted on {table}; drop trigger {table}_same_id on {table};",
    )
