"""A rehearsal tells which grants and cases a measure of assistance would meet, and what it would cost."""

from __future__ import annotations

from datetime import date

import pytest

from shouwang.areas.public import get_area
from shouwang.assistance import measures
from shouwang.assistance.public import run_month
from shouwang.kernel import clock
from shouwang.response.kinds import get_kind
from shouwang.response.public import Effect, Target
from tests.assistance.payments.setting import County, acting_as, everywhere, make_county, make_family, take_over
from tests.factories import FANGZI, HANTING

from .test_runs_by_rules import earn

pytestmark = pytest.mark.django_db

MARCH = date(2020, 3, 1)
"""One family's income is over the standard: March's run stops it, unless exits are paused."""


@pytest.fixture
def county(db: None) -> County:
    with clock.at(clock.instant(2020, 3, 10, 9)):
        with acting_as(everywhere()):
            made = make_county(money_fen=1_000_000_00)
            over, same = make_family(), make_family()
            earn(over, 900)
            earn(same, 0)
        take_over(made, [(over, 520_00), (same, 460_00)])
        with acting_as(made.officers.opener) as opener:
            run_month(actor=opener, programme="dibao", benefit_month=MARCH, area_code=HANTING)
    return made


def told(county: County, kind: str, area_code: int = HANTING, **values: int) -> list[tuple[int, int | None]]:
    target = Target(area_code, tuple(get_area(area_code).span), (), (), clock.instant(2020, 3, 11), None)
    with clock.at(clock.instant(2020, 3, 10, 10)), acting_as(county.officers.opener) as opener:
        effects: list[Effect] = list(get_kind(kind).rehearse(opener, target, values))
    return [(effect.count, effect.fen) for effect in effects]


def test_pause_of_exits_tells_the_grants_and_what_they_would_cost(county: County) -> None:
    assert told(county, measures.EXIT_PAUSED) == [(2, None), (1, 520_00)]


def test_pause_elsewhere_meets_nobody(county: County) -> None:
    assert told(county, measures.REVIEW_PAUSED, FANGZI) == [(0, None)]


def test_relief_first_tells_the_cases_that_wait(county: County) -> None:
    assert told(county, measures.RELIEF_FIRST, papers_due_working_days=10) == [(0, None)]
