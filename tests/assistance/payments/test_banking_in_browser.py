"""The pages around a month's payment in a real browser: banks, agreements, notices, the closing."""

from __future__ import annotations

import pytest
from django.urls import reverse

from shouwang.accounts.public import Role
from shouwang.areas.public import format_area_code
from shouwang.assistance.commands.banking import ArrangedBank, arrange_bank
from shouwang.assistance.commands.cards import file_agreement
from shouwang.assistance.commands.publications import post_publication
from shouwang.assistance.commands.returns import receive_return
from shouwang.kernel.ids import new_id
from tests.factories import GUDI, GUDI_VILLAGE, HANTING, make_actor

from .setting import MARCH, County, acting_as, answers, walk
from .test_cards import PAPER, pay_on_the_account_of
from .test_chain import run
from .test_pages_in_browser import Desk, address, county, desk

__all__ = ["address", "county", "desk"]  # fixtures

pytestmark = pytest.mark.browser


def test_pages_around_a_month(desk: Desk, county: County) -> None:
    officers = county.officers
    pay_on_the_account_of(county, 1, of=0)
    batch = run(county)
    desk.sit(officers.opener)
    desk.look("batch_page", batch.id)
    with acting_as(officers.opener) as actor:
        file_agreement(actor=actor, agreement_id=new_id(), person_id=county.families[1].persons[0].id, agreement=PAPER)
    desk.look("agreement_list")
    desk.look("agreement_new", county.families[0].persons[0].id)
    with acting_as(officers.finance) as actor:
        arrange_bank(actor=actor, arrangement_id=new_id(), arranged=ArrangedBank(HANTING, "counter_csv"))
    desk.sit(officers.finance)
    desk.look("bank_list")
    desk.open_dialog("登记代发格式", "登记代发格式")
    assistant = make_actor(Role.TOWNSHIP_ASSISTANT, GUDI)
    with acting_as(assistant) as actor:
        posted = post_publication(
            actor=actor, publication_id=new_id(), area_code=GUDI_VILLAGE, programme="dibao", month=MARCH, kind="notice"
        )
    desk.sit(assistant)
    desk.look("publication_list")
    desk.open_dialog("生成名单", "生成名单")
    desk.look("publication_page", posted.id)
    walk(batch, officers)
    with acting_as(officers.sender) as actor:
        receive_return(actor=actor, batch_id=batch.id, answers=answers(batch, failing=[2]))
    desk.sit(officers.spare)
    desk.look("batch_page", batch.id)
    desk.open_dialog("其他格式", "代发文件格式")
    desk.page.goto(f"{desk.address}{reverse('month_page')}?area={format_area_code(HANTING)}&month=2020-03")
    desk.check()
    desk.look("run_list")
