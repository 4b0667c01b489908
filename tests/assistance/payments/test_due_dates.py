"""By which day a month's money should have arrived: dated data, shown with the list that waits."""

from __future__ import annotations

from datetime import date

import pytest

from shouwang.assistance.queries.waiting import lists_waiting_for
from shouwang.assistance.rules.payment import payment_rule_on
from shouwang.kernel.errors import Invalid

from .setting import County, acting_as, walk
from .test_chain import run


@pytest.mark.parametrize(
    ("month", "version", "due_on", "is_placeholder"),
    [
        (date(2013, 1, 1), "民发〔2012〕220号", date(2013, 1, 10), False),
        (date(2021, 6, 1), "民发〔2012〕220号", date(2021, 6, 10), False),
        (date(2021, 7, 1), "民发〔2021〕57号", date(2021, 7, 10), True),
    ],
)
def test_day_is_read_from_the_version_that_holds_for_the_month(
    month: date, version: str, due_on: date, is_placeholder: bool
) -> None:
    rule = payment_rule_on(month)
    assert (rule.version, rule.due_on(month), rule.is_placeholder) == (version, due_on, is_placeholder)


def test_month_before_the_first_version_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        payment_rule_on(date(2012, 12, 1))
    assert refusal.value.reason == "payment.no_rule"


@pytest.mark.django_db
def test_list_that_has_not_left_is_due_on_the_tenth_of_its_month(county: County) -> None:
    batch = run(county)
    with acting_as(county.officers.townships[0]) as township:
        (item,) = lists_waiting_for(township, 50)
    assert (item.due_on, item.is_overdue) == (date(2020, 3, 10), True)
    walk(batch, county.officers)
    with acting_as(county.officers.sender) as sender:
        (item,) = lists_waiting_for(sender, 50)
    assert (item.action, item.due_on) == ("读入回盘", None)
