"""The pages of a linked programme's run in a real browser."""

from __future__ import annotations

import pytest

from shouwang.assistance.commands.runs import run_month
from shouwang.assistance.models import RunLine
from tests.assistance.payments.setting import MARCH, County, acting_as
from tests.assistance.payments.test_pages_in_browser import Desk, address, county, desk
from tests.factories import HANTING

__all__ = ["address", "county", "desk"]  # fixtures

pytestmark = pytest.mark.browser


def test_run_of_the_price_subsidy_and_its_explanation(desk: Desk, county: County) -> None:
    opener = county.officers.opener
    with acting_as(opener):
        result = run_month(actor=opener, programme="price_subsidy", benefit_month=MARCH, area_code=HANTING)
        line = RunLine.objects.filter(run=result.run).order_by("number")[0]
    desk.sit(opener)
    desk.look("run_new")
    desk.look("run_page", result.run.id)
    desk.look("run_line", line.id)
    desk.look("household_detail", county.families[1].household.id)
