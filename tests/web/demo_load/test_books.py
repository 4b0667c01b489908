"""The demo's book and audit hold, its history is in order, and March can be run on the opening morning."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.db.models import F

from shouwang.accounts.models import User
from shouwang.accounts.public import Role, as_system
from shouwang.assistance.models import (
    BenefitRun,
    Payable,
    PaymentAttempt,
    PaymentBatch,
    PaymentOutcome,
    PostponedReview,
    ReliefCase,
)
from shouwang.assistance.public import Programme, run_month
from shouwang.kernel import audit, clock
from shouwang.kernel.models import AuditEntry
from shouwang.ledger.public import verify_ledger
from shouwang.response.public import measures_in_force
from tests.conftest import OPENING
from tests.factories import HANTING
from tests.web.demo_load.test_as_of import officer

MARCH = date(2020, 3, 1)


def test_ledger_verifies_clean(demo_db: str) -> None:
    with as_system("测试"):
        report = verify_ledger()
    assert report.findings == []
    assert {item.check for item in report.open_items} == {"reservation_open"}


def test_audit_verifies_clean_and_is_sealed(demo_db: str) -> None:
    report = audit.verify()
    assert report.broken is None
    assert report.entries > 0
    with as_system("测试"):  # what tests and commands did since stands unsealed
        assert not AuditEntry.objects.filter(block_number=None).exclude(action="system.scope").exists()


def test_nothing_is_recorded_after_the_opening_morning(demo_db: str) -> None:
    with as_system("测试"):
        assert not AuditEntry.objects.filter(recorded_at__gt=OPENING).exclude(action="system.scope").exists()
        assert not PaymentOutcome.objects.filter(paid_on__gt=F("recorded_at__date")).exists()


def test_lists_stand_where_the_seeds_left_them(demo_db: str) -> None:
    with as_system("测试"):
        months = PaymentBatch.objects.filter(programme__in=[Programme.DIBAO, Programme.TEKUN], is_history=False)
        states = Counter(months.values_list("benefit_month", "is_reissue", "state"))
        runs = list(BenefitRun.objects.values_list("programme", "benefit_month"))
    assert states[date(2020, 1, 1), False, "reconciled"] == 32
    assert states[date(2020, 2, 1), False, "reconciled"] == 32
    assert {state for month, is_reissue, state in states if month == date(2020, 2, 1) and is_reissue} == {"sent"}
    assert {state for month, is_reissue, state in states if month == date(2020, 1, 1)} == {"reconciled"}
    assert set(Counter(runs).values()) == {1}  # the city runs a month for all its units


def test_history_never_stands_in_a_bank_file(demo_db: str) -> None:
    with as_system("测试"):
        history = PaymentAttempt.objects.filter(payable__origin="history")
        assert history.exists()
        assert not history.exclude(account=None).exists()
        assert not PaymentBatch.objects.filter(is_history=True).exclude(bank_file_hash=None).exists()


def test_relief_cases_wait_at_every_step(demo_db: str) -> None:
    with as_system("测试"):
        states = set(ReliefCase.objects.values_list("state", flat=True))
        followed = ReliefCase.objects.exclude(follow_up_of=None).count()
        postponed = PostponedReview.objects.count()
    assert states >= {"accepted", "verified", "approved", "refused", "paid", "papers_owed", "closed"}
    assert followed > 0
    assert postponed > 0


def test_five_measures_are_in_force_on_the_first_of_march(demo_db: str) -> None:
    kinds = ("petty_reserve", "relief_first", "review_paused", "exit_paused", "simplified_approval", "gradual_exit")
    on = clock.instant(2020, 3, 1, 12)
    assert [kind for kind in kinds if len(measures_in_force(kind, HANTING, on)) != 1] == []


def test_every_role_can_sign_in_with_a_button(demo_db: str) -> None:
    roles = User.objects.filter(is_demo=True).values_list("posts__role", flat=True).distinct()
    assert set(roles) == set(Role)


def test_march_runs_once_for_hanting(demo_db: str) -> None:
    with clock.at(OPENING), officer(Role.COUNTY_OFFICER, HANTING) as actor:
        first = run_month(actor=actor, programme=Programme.DIBAO, benefit_month=MARCH, area_code=HANTING)
        owed = Payable.objects.filter(actor.scope.q(), run=first.run).count()
        again = run_month(actor=actor, programme=Programme.DIBAO, benefit_month=MARCH, area_code=HANTING)
    assert (first.is_new, first.new_payable_count) == (True, owed)
    assert owed > 0
    assert (again.is_new, again.run.id, again.new_payable_count) == (False, first.run.id, 0)
    assert again.already_payable_count == owed
