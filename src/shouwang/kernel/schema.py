"""Migration operations for what the database itself must refuse."""

from __future__ import annotations

from django.db import migrations
from django.db.migrations.operations.base import Operation

_SCOPE = "(select nullif(current_setting('app.areas', true), '')::int8multirange)"


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
