"""A month closes once, when bank file, lines and book agree to the fen, and what is open is listed with its age."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from django.db import connection, transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings

from shouwang.accounts.public import Role
from shouwang.areas.public import format_area_code
from shouwang.assistance.commands.batches import reconcile_batch
from shouwang.assistance.commands.corrections import reverse_payment
from shouwang.assistance.commands.months import close_month
from shouwang.assistance.commands.reissues import reissue_lines
from shouwang.assistance.commands.returns import receive_return
from shouwang.assistance.models import MonthClosing, PaymentBatch
from shouwang.assistance.queries.months import MonthState, age_bands, month_state_for
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import use_scope
from tests.factories import FANGZI, GUDI, HANTING, make_actor

from .setting import MARCH, County, acting_as, answers, everywhere, give_account, lines_of, walk
from .test_chain import run
from .test_pages import client_of
from .test_sums import ACTS, take

pytestmark = pytest.mark.django_db


def state_of(county: County) -> MonthState:
    with acting_as(county.officers.spare) as actor:
        return month_state_for(actor, area_code=county.area_code, month=MARCH)


def answer(county: County, batch: PaymentBatch, **how: object) -> None:
    with acting_as(county.officers.sender) as sender:
        receive_return(actor=sender, batch_id=batch.id, answers=answers(batch, **how))  # type: ignore[arg-type]


def reconciled(county: County) -> PaymentBatch:
    batch = walk(run(county), county.officers)
    answer(county, batch)
    with acting_as(county.officers.spare) as actor:
        reconcile_batch(actor=actor, batch_id=batch.id)
    return batch


def close(county: County, actor: Actor | None = None, *, expected_open: int = 0, note: str = "") -> MonthClosing:
    with acting_as(actor or county.officers.spare) as officer:
        return close_month(
            actor=officer,
            closing_id=new_id(),
            area_code=county.area_code,
            month=MARCH,
            expected_open=expected_open,
            note=note,
        )


def test_month_that_agrees_closes_with_its_sums(county: County) -> None:
    reconciled(county)
    state = state_of(county)
    (row,) = state.rows
    assert row.file_fen == row.lines_fen == row.book_fen == row.lines_paid_fen == 1667_50
    assert (row.agrees, list(state.open_items)) == (True, [])
    closing = close(county)
    assert closing.sums[0]["paid_fen"] == 1667_50
    assert state_of(county).closing == closing
    with pytest.raises(StateConflict) as refusal:
        close(county)
    assert refusal.value.reason == "month.closed"


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_sums_agree_after_any_sequence(county: County, acts: list[tuple[object, ...]]) -> None:
    with transaction.atomic():
        batches = [walk(run(county), county.officers)]
        for act in acts:
            with suppress(DomainError), transaction.atomic():
                take(county, batches, act)
            assert [row for row in state_of(county).rows if not row.agrees] == []
        transaction.set_rollback(True)


def test_what_is_open_is_listed_with_its_age_and_needs_a_word(county: County) -> None:
    batch = walk(run(county), county.officers)
    answer(county, batch, failing=[2], only=[1, 2])
    _first, second, third = (line.amount_fen for line in lines_of(batch))
    with clock.at(clock.instant(2020, 4, 20)):
        state = state_of(county)
        assert [(item.kind, item.amount_fen, item.age_days) for item in state.open_items] == [
            ("no_answer", third, 33),
            ("returned", second, 33),
        ]
        assert [(band.count, band.amount_fen) for band in age_bands(state.open_items)] == [
            *((0, 0), (0, 0), (2, second + third), (0, 0)),
        ]
        with pytest.raises(Invalid) as refusal:
            close(county, expected_open=2)
        assert refusal.value.reason == "month.note_missing"
        with pytest.raises(Conflict) as changed:
            close(county, expected_open=1, note="等银行")
        assert changed.value.reason == "month.changed"
        closing = close(county, expected_open=2, note="等银行")
    assert [item["age_days"] for item in closing.open_items] == [33, 33]
    assert "张" not in str(closing.open_items)


def test_list_that_has_not_left_keeps_the_month_open(county: County) -> None:
    walk(run(county), county.officers, until="finance_approved")
    with pytest.raises(StateConflict) as refusal:
        close(county)
    assert refusal.value.reason == "month.empty"
    assert [item.kind for item in state_of(county).open_items] == ["not_sent"]


def test_reissue_that_has_not_left_keeps_the_month_open(county: County) -> None:
    batch = walk(run(county), county.officers)
    answer(county, batch, failing=[2])
    with use_scope(everywhere().scope):
        payee = lines_of(batch)[1].payable.payee
        assert payee is not None
        give_account(payee, valid_from=date(2020, 3, 18))
    with acting_as(county.officers.opener) as opener:
        reissue_lines(actor=opener, programme="dibao", benefit_month=MARCH, area_code=county.area_code)
    with pytest.raises(StateConflict) as refusal:
        close(county, expected_open=2, note="补发中")
    assert refusal.value.reason == "month.unsent"


def test_reversed_payment_stands_on_both_sides(county: County) -> None:
    batch = reconciled(county)
    with acting_as(county.officers.leader) as leader:
        reverse_payment(actor=leader, attempt_id=(line := lines_of(batch)[0]).id, reason="错发")
    (row,) = state_of(county).rows
    assert (row.lines_reversed_fen, row.book_reversed_fen, row.agrees) == (line.amount_fen, line.amount_fen, True)


DAMAGE = {
    "a list's total": "update assistance_paymentbatch set amount_fen = amount_fen + 1",
    "an outcome": "update assistance_paymentoutcome set amount_fen = amount_fen - 1 where ctid in "
    "(select ctid from assistance_paymentoutcome limit 1)",
    "the book": "update ledger_posting set quantity = quantity + 1 where ctid in (select posting.ctid from ledger_posting "
    "posting join ledger_account account on account.id = posting.account_id join ledger_entry entry on entry.id = "
    "posting.entry_id where account.kind = 'paid_out' and entry.kind = 'plain' limit 1)",
    "an entry's fund": "update ledger_account set kind = 'clearing' where kind = 'paid_out'",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_difference_of_a_fen_keeps_the_month_open(county: County, damage: str) -> None:
    reconciled(county)
    behind_the_guards(damage)
    assert len(state_of(county).differing) == 1
    with pytest.raises(Conflict) as refusal:
        close(county)
    assert refusal.value.reason == "month.differs"
    with use_scope(everywhere().scope):
        assert not MonthClosing.objects.exists()


def behind_the_guards(statement: str) -> None:
    """As an administrator of the database could do it; here inside the test's own transaction."""
    with use_scope(everywhere().scope), connection.cursor() as cursor:
        cursor.execute("select current_user")
        role = cursor.fetchone()[0]
        cursor.execute("set local role none")
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("set local session_replication_role = origin")
        cursor.execute(f"set local role {role}")


def test_closing_is_the_units_and_the_right_posts(county: County) -> None:
    reconciled(county)
    with pytest.raises(NotAllowed):
        close(county, make_actor(Role.TOWNSHIP_ASSISTANT, HANTING))
    neighbour = make_actor(Role.FINANCE, FANGZI)
    with pytest.raises(NotFound):
        close(county, neighbour)
    address = {"area": format_area_code(HANTING), "month": "2020-03"}
    assert client_of(neighbour).get(reverse("month_page"), address).status_code == 404


def test_page_shows_three_sums_closes_and_exports_what_is_open(county: County) -> None:
    batch = walk(run(county), county.officers)
    answer(county, batch, failing=[2])
    client = client_of(county.officers.spare)
    address = {"area": format_area_code(HANTING), "month": "2020-03"}
    page = client.get(reverse("month_page"), address).content.decode()
    assert page.count("1,667.50") >= 3
    assert "账户已销户" in page
    export = client.get(reverse("month_page"), address | {"format": "csv"})
    assert f"{lines_of(batch)[1].amount_fen / 100:.2f}" in b"".join(export.streaming_content).decode("utf-8-sig")
    url = f"{reverse('month_page')}?area={format_area_code(HANTING)}&month=2020-03"
    sent = {"request_id": str(new_id()), "expected_open": "2", "note": ""}
    assert client.post(url, sent).status_code == 422
    assert client.post(url, sent | {"note": "换账号后补发"}).status_code == 302
    assert "换账号后补发" in client.get(url).content.decode()


def test_who_is_no_paying_unit_is_asked_for_one(county: County) -> None:
    reconciled(county)
    page = client_of(make_actor(Role.TOWNSHIP_ASSISTANT, GUDI)).get(reverse("month_page"))
    assert page.status_code == 200
    assert "请选择县区或者市" in page.content.decode()
    city = client_of(make_actor(Role.CITY_OFFICER, 370_700_000_000_000))
    page = city.get(reverse("month_page"), {"area": format_area_code(HANTING), "month": "2020-03"})
    assert "1,667.50" in page.content.decode()
