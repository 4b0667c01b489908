"""Errors that a person can act on.

A domain error has a stable `code`, an HTTP `status`, a message in the user's words that says what was refused, on which
record, why, and what to do next, and named `data`. Programmer errors are ordinary exceptions and crash.
"""

from __future__ import annotations

from typing import ClassVar


class DomainError(Exception):
    """Something the user asked for was refused; nothing was written."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400

    def __init__(self, message: str, *, reason: str | None = None, **data: object) -> None:
        """`reason` refines the class's code, e.g. code `invalid` with reason `id.checksum`."""
        super().__init__(message)
        self.message = str(message)
        self.reason = reason or self.code
        self.data = data

    def __str__(self) -> str:
        return self.message


class Invalid(DomainError):
    """An input cannot be what it claims to be."""

    code = "invalid"
    status = 422


class NotAllowed(DomainError):
    """The actor may see the thing, but not do this with it."""

    code = "not_allowed"
    status = 403


class NotFound(DomainError):
    """There is no such thing, or it is not yours: the two answers are the same on purpose."""

    code = "not_found"
    status = 404


class Conflict(DomainError):
    """The thing changed since it was shown, or another record forbids this one."""

    code = "conflict"
    status = 409


class StateConflict(Conflict):
    """The state the record is in does not allow this step."""

    code = "state_conflict"
