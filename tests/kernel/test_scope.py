"""Spans as sets of codes, and the scope on the connection."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from shouwang.kernel.scope import (
    CLOSED,
    Scope,
    Span,
    current_scope,
    intersect,
    multirange,
    spans_sql,
    subtract,
    use_scope,
)

span_lists = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40)).filter(lambda pair: pair[0] < pair[1]), max_size=4
)


def codes(spans: object) -> set[int]:
    return {code for low, high in spans for code in range(low, high)}  # type: ignore[attr-defined]


@given(span_lists, span_lists)
def test_subtract_and_intersect_are_set_operations(left: list[Span], right: list[Span]) -> None:
    assert codes(subtract(left, right)) == codes(left) - codes(right)
    assert codes(intersect(left, right)) == codes(left) & codes(right)


def test_scope_contains_is_half_open() -> None:
    scope = Scope(spans=((10, 20), (30, 40)))
    assert [code for code in (9, 10, 19, 20, 29, 30, 39, 40) if scope.contains(code)] == [10, 19, 30, 39]


def test_scope_covers_needs_each_span_inside_one_of_its_own() -> None:
    scope = Scope(spans=((10, 20), (30, 40)))
    assert scope.covers([(10, 20), (35, 36)])
    assert not scope.covers([(19, 21)])
    assert CLOSED.covers([])


def test_closed_scope_is_false_in_sql() -> None:
    assert spans_sql(CLOSED.spans, "area_code") == ("false", [])
    assert multirange(((1, 2), (3, 4))) == "{[1,2),[3,4)}"


def setting() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(current_setting('app.areas', true), '')")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_nested_scopes_are_put_back_one_by_one() -> None:
    with use_scope(Scope(spans=((1, 2),))):
        with use_scope(Scope(spans=((3, 4),))):
            assert setting() == "{[3,4)}"
        assert setting() == "{[1,2)}"
    assert (setting(), current_scope()) == ("", CLOSED)


@pytest.mark.django_db
def test_error_that_dooms_the_transaction_is_not_hidden_by_putting_the_scope_back() -> None:
    with (
        pytest.raises(KeyError, match="the real error"),
        transaction.atomic(),
        use_scope(Scope(spans=((1, 2),))),
        transaction.atomic(savepoint=False),
    ):
        raise KeyError("the real error")
    assert (setting(), current_scope()) == ("", CLOSED)
