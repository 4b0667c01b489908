"""One row by hand: every step of a case and of a list writes some, and a model's own save costs many times its statement.

Guarantees what `save` does: all columns of a new row or the named ones of a row that is there, as its fields store them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import Field, Model


def insert_row(row: Model) -> None:
    """A new row. Raises IntegrityError."""
    statement, fields = _insert(type(row))
    with connection.cursor() as cursor:
        cursor.execute(statement, _values(row, fields))


def update_row(row: Model, names: tuple[str, ...]) -> None:
    """The fields `names` of a row that the caller has locked. Raises RuntimeError when it is not to be written."""
    statement, fields = _update(type(row), names)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*_values(row, fields), row.pk])
        if cursor.rowcount != 1:
            raise RuntimeError(f"{row._meta.label} {row.pk} is not there to be written")


@lru_cache(maxsize=16)
def _insert(model: type[Model]) -> tuple[str, Sequence[Field[Any, Any]]]:
    fields = model._meta.concrete_fields
    columns, places = ", ".join(str(field.column) for field in fields), ", ".join(map(_place, fields))
    return f"insert into {model._meta.db_table} ({columns}) values ({places})", fields


@lru_cache(maxsize=16)
def _update(model: type[Model], names: tuple[str, ...]) -> tuple[str, Sequence[Field[Any, Any]]]:
    fields = [field for field in model._meta.concrete_fields if field.name in names]
    assignments = ", ".join(f"{field.column} = {_place(field)}" for field in fields)
    return f"update {model._meta.db_table} set {assignments} where id = %s", fields


def _place(field: Field[Any, Any]) -> str:
    return f"%s::{field.db_type(connection)}" if isinstance(field, ArrayField) else "%s"


def _values(row: Model, fields: Sequence[Field[Any, Any]]) -> list[Any]:
    return [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
