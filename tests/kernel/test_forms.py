"""Days, spans of days and amounts as they are typed."""

from __future__ import annotations

from datetime import date

import pytest

from shouwang.kernel.forms import PeriodQuery, YuanField


class Sample(PeriodQuery):
    amount = YuanField(label="金额", required=False)


@pytest.mark.parametrize(("typed", "fen"), [("1,200.50", 1_200_50), ("", None), ("０.１２", 12)])
def test_amount_is_fen(typed: str, fen: int | None) -> None:
    form = Sample({"amount": typed})
    assert form.is_valid()
    assert form.cleaned_data["amount"] == fen


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"amount": "12元5"}, "amount"),
        ({"since": "0001-01-01"}, "since"),
        ({"until": "9999-12-31"}, "until"),
        ({"since": "2020-03-02", "until": "2020-03-01"}, "until"),
    ],
)
def test_what_cannot_be_counted_from_is_refused(typed: dict[str, str], wrong: str) -> None:
    form = Sample(typed)
    assert not form.is_valid()
    assert list(form.errors) == [wrong]


def test_one_day_is_a_span() -> None:
    form = Sample({"since": "2020-03-01", "until": "2020-03-01"})
    assert form.is_valid()
    assert form.cleaned_data["since"] == date(2020, 3, 1)
