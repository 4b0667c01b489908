"""Whatever happens to the lines, they add up to the book, and nothing is paid twice."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shouwang.assistance.commands.corrections import cancel_payable, reverse_payment
from shouwang.assistance.commands.reissues import reissue_lines
from shouwang.assistance.commands.returns import receive_return
from shouwang.assistance.ledger_checks import lines_add_up
from shouwang.assistance.models import Payable, PaymentAttempt, PaymentBatch, PaymentOutcome
from shouwang.kernel.errors import DomainError
from shouwang.kernel.scope import use_scope
from shouwang.ledger.models import Posting
from shouwang.ledger.public import Account, balance_of, verify_ledger
from tests.factories import HANTING

from .setting import County, acting_as, answers, everywhere, give_account, lines_of, walk
from .test_chain import run

pytestmark = pytest.mark.django_db

ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("answer"), st.sets(st.integers(1, 3)), st.sets(st.integers(1, 3), min_size=1)),
        st.tuples(st.just("reissue"), st.integers(0, 2)),
        st.tuples(st.just("reverse"), st.integers(0, 2)),
        st.tuples(st.just("cancel"), st.integers(0, 2)),
    ),
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_lines_equal_the_book_after_any_sequence(county: County, acts: list[tuple[object, ...]]) -> None:
    with transaction.atomic():
        batches = [walk(run(county), county.officers)]
        for act in acts:
            with suppress(DomainError), transaction.atomic():
                take(county, batches, act)
            assert_sums(county)
        transaction.set_rollback(True)


def take(county: County, batches: list[PaymentBatch], act: tuple[object, ...]) -> None:
    verb, *arguments = act
    batch = batches[-1]
    if verb == "answer":
        failing, only = arguments
        with acting_as(county.officers.sender) as sender:
            answer = answers(batch, failing=sorted(failing), only=sorted(only))  # type: ignore[call-overload]
            receive_return(actor=sender, batch_id=batch.id, answers=answer)
        return
    family = county.families[int(str(arguments[0]))]
    with use_scope(everywhere().scope):
        payable = Payable.objects.get(household=family.household)
        attempt = PaymentAttempt.objects.filter(payable=payable).order_by("-recorded_at", "-id").first()
    if verb == "reissue":
        with use_scope(everywhere().scope):
            give_account(family.persons[0], valid_from=date(2020, 3, 1 + len(batches)))
        with acting_as(county.officers.opener) as opener:
            (again,) = reissue_lines(
                actor=opener, programme="dibao", benefit_month=payable.benefit_month, area_code=HANTING
            )
        batches.append(walk(again, county.officers))
    elif verb == "reverse":
        assert attempt is not None
        with acting_as(county.officers.leader) as leader:
            reverse_payment(actor=leader, attempt_id=attempt.id, reason="误发")
    else:
        with acting_as(county.officers.opener) as opener:
            cancel_payable(actor=opener, payable_id=payable.id, reason="不再发放")


def assert_sums(county: County) -> None:
    with use_scope(everywhere().scope):
        assert list(lines_add_up()) == []
        assert verify_ledger().findings == []
        paid = sum(PaymentOutcome.objects.filter(kind="paid").values_list("amount_fen", flat=True))
        reversed_fen = sum(PaymentOutcome.objects.filter(kind="reversed").values_list("amount_fen", flat=True))
        returned = sum(PaymentAttempt.objects.filter(state="returned").values_list("amount_fen", flat=True))
        reissued = sum(
            PaymentAttempt.objects.filter(batch__is_reissue=True, state__in=["succeeded", "reversed"]).values_list(
                "amount_fen", flat=True
            )
        )
        again = sum(
            PaymentAttempt.objects.filter(batch__is_reissue=True, state="returned").values_list("amount_fen", flat=True)
        )
        stands = {
            account.kind: balance_of(account.id).posted_fen for account in Account.objects.filter(fund=county.fund)
        }
        assert stands.get("paid_out", 0) == paid - reversed_fen
        assert stands.get("returned", 0) == returned - again - reissued
        for payable in Payable.objects.all():
            live = payable.attempts.filter(state__in=["open", "succeeded"]).count()
            assert live <= 1


def test_check_names_the_entry_whose_lines_do_not_add_up(county: County) -> None:
    batch = walk(run(county), county.officers)
    with acting_as(county.officers.sender) as sender:
        receive_return(actor=sender, batch_id=batch.id, answers=answers(batch))
    line = lines_of(batch)[0]
    with use_scope(everywhere().scope):
        outcome = PaymentOutcome.objects.get(attempt=line)
        stray = PaymentAttempt.objects.exclude(pk=line.pk).filter(part=line.part)[0]
        PaymentOutcome.objects.create(
            attempt=stray,
            payable=stray.payable,
            kind="reversed",
            programme="dibao",
            paid_on=outcome.paid_on,
            amount_fen=stray.amount_fen,
            area_code=stray.area_code,
            entry=outcome.entry,
            recorded_at=outcome.recorded_at,
        )
        assert [finding.subject for finding in lines_add_up()] == [f"entry:{outcome.entry_id}"]
        assert Posting.objects.filter(entry=outcome.entry).count() == 2
