"""Would a household qualify, and why not: by the same rule that a run pays by."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from shouwang.assistance.engine.would_be import would_qualify
from shouwang.assistance.models import Grant, RunLine
from shouwang.assistance.rules.benefits.eligibility import Band
from shouwang.kernel.errors import NotFound
from shouwang.registry.models import Person
from tests.assistance.payments.setting import (
    County,
    Family,
    acting_as,
    everywhere,
    make_county,
    make_family,
    take_over,
)
from tests.assistance.payments.test_pages import client_of
from tests.factories import FANGZI, make_actor

from .setting import know, run
from .test_runs_by_rules import earn

pytestmark = pytest.mark.django_db


@pytest.fixture
def county(db: None) -> County:
    with acting_as(everywhere()):
        return make_county(money_fen=1_000_000_00)


def family(income_yuan: int | None, *, size: int = 2) -> Family:
    with acting_as(everywhere()):
        made = make_family(size=size)
        if income_yuan is not None:
            earn(made, income_yuan)
    return made


@pytest.mark.parametrize(
    ("income_yuan", "expected", "amount_fen"),
    [
        (0, Band.DIBAO, 920_00),
        (919, Band.DIBAO, 1_00),
        (920, Band.BORDERLINE, 0),
        (1_379, Band.BORDERLINE, 0),
        (1_380, Band.ABOVE, 0),
    ],
)
def test_income_of_two_beside_460_yuan_a_head(
    county: County, income_yuan: int, expected: Band, amount_fen: int
) -> None:
    home = family(income_yuan)
    with acting_as(county.officers.opener) as opener:
        found = would_qualify(opener, home.household.id)
        assert found is not None
        assert (found.band, found.explanation.amount_fen, found.is_known) == (expected, amount_fen, True)
        assert not Grant.objects.exists()


def test_it_comes_to_what_the_run_then_pays(county: County) -> None:
    home = family(300)
    with acting_as(county.officers.opener) as opener:
        before = would_qualify(opener, home.household.id)
    take_over(county, [(home, 100_00)])
    result = run(county, "dibao")
    with acting_as(everywhere()):
        line = RunLine.objects.get(run=result.run)
    assert before is not None
    assert (before.explanation.amount_fen, result.run.amount_fen) == (line.amount_fen, 620_00)


def test_who_may_be_taken_in_alone_and_who_is_unable_to_work(county: County) -> None:
    """智力三级 of a borderline family; the other member is over 60."""
    home = family(1_000)
    disabled, old = home.persons[1], home.persons[0]
    with acting_as(everywhere()):
        Person.objects.filter(id=disabled.id).update(birth_on=date(1990, 1, 1))
        Person.objects.filter(id=old.id).update(birth_on=date(1950, 1, 1))
    know(disabled, "disability", code="53")
    with acting_as(county.officers.opener) as opener:
        found = would_qualify(opener, home.household.id)
    assert found is not None
    assert (found.band, list(found.single_ids)) == (Band.BORDERLINE, [disabled.id])
    assert list(found.unable_ids) == [(old.id, "elderly")]  # 智力三级 counts from the text of 2021 on


def test_page_says_what_is_missing(county: County) -> None:
    home = family(None)
    client = client_of(county.officers.opener)
    url = reverse("would_be_page", args=[home.household.id])
    assert url in client.get(reverse("household_detail", args=[home.household.id])).content.decode()
    page = client.get(url).content.decode()
    assert "还没有登记过收入" in page
    assert "920.00" in page
    assert "按收入可以申请低保" in page
    assert client_of(make_actor("county_officer", FANGZI)).get(url).status_code == 404
    with acting_as(make_actor("county_officer", FANGZI)) as neighbour, pytest.raises(NotFound):
        would_qualify(neighbour, home.household.id)
