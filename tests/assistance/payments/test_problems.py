"""What is owed and not on its way: counted without looking at what is settled."""

from __future__ import annotations

import pytest
from django.db import connection

from shouwang.assistance.commands.returns import receive_return
from shouwang.assistance.models import Payable
from shouwang.assistance.queries.problems import list_problems_for
from shouwang.kernel.scope import use_scope
from tests.factories import GUDI_VILLAGE

from .setting import County, acting_as, answers, everywhere, make_family, take_over, walk
from .test_chain import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(county: County) -> County:
    """One line came back, one household has no account, two were paid."""
    with use_scope(everywhere().scope):
        without = make_family(GUDI_VILLAGE, with_account=False)
    take_over(county, [(without, 77_00)])
    batch = walk(run(county), county.officers)
    with acting_as(county.officers.spare) as spare:
        receive_return(actor=spare, batch_id=batch.id, answers=answers(batch, failing=[2]))
    return county


def test_what_came_back_and_what_has_no_account_wait(waiting: County) -> None:
    with acting_as(waiting.officers.opener) as opener:
        problems = list_problems_for(opener)
        assert (problems.count(), len(problems)) == (2, 2)
        assert {(one.household_id, one.was_returned) for one in problems} == {  # type: ignore[attr-defined]
            (waiting.families[1].household.id, True),
            (waiting.families[3].household.id, False),
        }


def test_payables_with_a_line_are_marked_as_listed(waiting: County) -> None:
    with use_scope(everywhere().scope):
        listed = dict(Payable.objects.values_list("household_id", "was_listed_at_once"))
    assert [listed[family.household.id] for family in waiting.families] == [True, True, True, False]


def test_settled_payables_are_not_looked_at(waiting: County) -> None:
    """The city has hundreds of thousands: both halves of the list are found by an index of its own."""
    with acting_as(waiting.officers.opener) as opener, connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        sql, values = list_problems_for(opener).query.sql_with_params()
        cursor.execute(f"explain {sql}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "payable_not_listed" in plan
    assert "attempt_returned" in plan
