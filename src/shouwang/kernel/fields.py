"""Model fields of the trade: area codes, fen, encrypted text."""

from __future__ import annotations

from typing import Any

from django.db import models

from . import crypto
from .scope import Span, multirange


class AreaCodeField(models.BigIntegerField):  # type: ignore[type-arg]  # subscripted for the type checker only
    """A 15-digit area code: the 12-digit statistical code x 1000 + grid."""


class FenField(models.BigIntegerField):  # type: ignore[type-arg]
    """An amount of money in fen."""


class NumbersField(models.TextField):  # type: ignore[type-arg]
    """A short list of whole numbers, kept as they are written: "0,114000,1".

    A third of an array's bytes, and as many times less work to load by the million; one of them is
    `split_part(column, ',', place)`, counted from 1.
    """

    def from_db_value(self, value: Any, expression: object, connection: object) -> tuple[int, ...]:
        return tuple(map(int, value.split(","))) if value else ()

    def get_prep_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else ",".join(map(str, value))

    def to_python(self, value: Any) -> Any:
        return value


class EncryptedTextField(models.BinaryField):  # type: ignore[type-arg]
    """Text that is AES-256-GCM ciphertext in the database; its purpose is `table.column`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        return name, path, args, kwargs

    @property
    def purpose(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, str):
            value = crypto.encrypt(value, purpose=self.purpose) if value else None
        return super().get_db_prep_value(value, connection, prepared)

    def from_db_value(self, value: Any, expression: object, connection: object) -> str:
        return "" if value is None else crypto.decrypt(value, purpose=self.purpose)

    def to_python(self, value: Any) -> Any:
        return value


class SpansField(models.Field):  # type: ignore[type-arg]
    """A set of half-open spans of area codes, an int8multirange; in Python a tuple of (low, high)."""

    def db_type(self, connection: object) -> str:
        return "int8multirange"

    def from_db_value(self, value: Any, expression: object, connection: object) -> tuple[Span, ...]:
        return () if value is None else tuple((piece.lower, piece.upper) for piece in value)

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else multirange(value)
