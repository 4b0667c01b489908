"""Who sees which rows.

A scope is the set of area codes, organisations and the person that the work at hand may touch. It is set on the database
connection, where row-level security refuses everything outside it, and it is carried by the queries as well, so that
an index serves them. Closed by default: without a scope no located row exists.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import reduce
from operator import or_
from uuid import UUID

from django.db import connection
from django.db.models import Q
from psycopg.pq import TransactionStatus

Span = tuple[int, int]
"""Half-open range of 15-digit area codes."""

EVERYWHERE: Span = (0, 1_000_000_000_000_000)


def lies_within(area_code: int, spans: Sequence[Span]) -> bool:
    return any(low <= area_code < high for low, high in spans)


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows that may be touched: spans of area codes (half-open), organisations, one person.

    `event_spans` are the areas of the event roles held: they open the rows of the command of an event (its groups, its
    tasks) and no others.
    """

    spans: tuple[Span, ...] = ()
    org_ids: tuple[UUID, ...] = ()
    person_id: UUID | None = None
    event_spans: tuple[Span, ...] = ()

    def contains(self, area_code: int) -> bool:
        return lies_within(area_code, self.spans)

    def covers(self, spans: Sequence[Span]) -> bool:
        """Whether every one of `spans` lies inside this scope."""
        return all(any(low <= a and b <= high for low, high in self.spans) for a, b in spans)

    def q(self, field: str = "area_code") -> Q:
        """The scope as a condition on a located row; an empty scope matches nothing."""
        return spans_q(self.spans, field)

    @property
    def command_spans(self) -> tuple[Span, ...]:
        """Where the rows of the command of events are open: by the post, or by an event role."""
        return self.spans + self.event_spans

    def commands(self, area_code: int) -> bool:
        return lies_within(area_code, self.command_spans)

    def command_q(self, field: str = "area_code") -> Q:
        """The same as a condition on a row of the command of events."""
        return spans_q(self.command_spans, field)


CLOSED = Scope()
FULL = Scope(spans=(EVERYWHERE,))
_current: ContextVar[Scope] = ContextVar("shouwang_scope", default=CLOSED)


def current_scope() -> Scope:
    return _current.get()


def spans_q(spans: Sequence[Span], field: str = "area_code") -> Q:
    """Rows whose `field` lies in one of the half-open spans; no spans match nothing."""
    within = [Q(**{f"{field}__gte": low, f"{field}__lt": high}) for low, high in spans]
    return reduce(or_, within) if within else Q(pk__in=[])


def spans_sql(spans: Sequence[Span], column: str) -> tuple[str, list[int]]:
    """The same condition for hand-written SQL: text with placeholders, and its values."""
    if not spans:
        return "false", []
    return (
        "(" + " or ".join(f"({column} >= %s and {column} < %s)" for _ in spans) + ")",
        [bound for span in spans for bound in span],
    )


def multirange(spans: Sequence[Span]) -> str:
    """PostgreSQL's text for an int8multirange."""
    return "{" + ",".join(f"[{low},{high})" for low, high in spans) + "}"


def intersect(left: Sequence[Span], right: Sequence[Span]) -> tuple[Span, ...]:
    """The codes that lie in both sets of spans."""
    both = ((max(a, c), min(b, d)) for a, b in left for c, d in right)
    return tuple(sorted((low, high) for low, high in both if low < high))


def subtract(left: Sequence[Span], right: Sequence[Span]) -> tuple[Span, ...]:
    """The codes of `left` that lie in none of `right`."""
    remaining = sorted(left)
    for cut_low, cut_high in right:
        pieces: list[Span] = []
        for low, high in remaining:
            pieces.extend(
                piece for piece in ((low, min(high, cut_low)), (max(low, cut_high), high)) if piece[0] < piece[1]
            )
        remaining = pieces
    return tuple(sorted(remaining))


def apply_to_connection(scope: Scope) -> None:
    """Write the scope on the application's connection; an empty one writes empty settings, which match no row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('app.areas', %s, false), set_config('app.orgs', %s, false),"
            " set_config('app.person', %s, false), set_config('app.events', %s, false)",
            [
                multirange(scope.spans) if scope.spans else "",
                ",".join(str(org) for org in scope.org_ids),
                str(scope.person_id or ""),
                multirange(scope.event_spans) if scope.event_spans else "",
            ],
        )


@contextmanager
def use_scope(scope: Scope) -> Iterator[Scope]:
    """Hold `scope` on this connection inside the block, then put back what was there."""
    before = _current.get()
    apply_to_connection(scope)
    token = _current.set(scope)
    try:
        yield scope
    finally:
        _current.reset(token)
        if _can_be_set():
            apply_to_connection(before)


def change_scope(scope: Scope) -> None:
    """Hold `scope` on this connection from here on, outside a transaction.

    For a process that acts for one person after another; whoever serves requests or tasks holds a scope by `use_scope`.
    """
    apply_to_connection(scope)
    _current.set(scope)


def _can_be_set() -> bool:
    """Whether the connection takes a setting: in a failed transaction it does not, whose rollback takes it back anyway."""
    raw = connection.connection
    if raw is None or raw.closed or connection.needs_rollback:
        return False
    return bool(raw.info.transaction_status != TransactionStatus.INERROR)
