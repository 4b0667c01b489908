"""发放: cash from the township's petty reserve, or a line of a bank list; then the papers, and the end of the case.

Guarantees: the money leaves the book, the payment is recorded and the case moves in one transaction, and once. Cash is
paid by another hand than the one that decided.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.accounts.public import system_actor
from shouwang.kernel import audit, clock, events, workdays
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, StateConflict
from shouwang.registry.public import account_as_of

from ...events_relief import ReliefPaid
from ...models import Payable, PaymentAttempt, PaymentBatch, PaymentOutcome, ReliefCase
from ...policies_relief import ensure_inside, ensure_may_take
from ...queries.places import paying_units
from ...states import RELIEF_STEP_OF, AttemptState, Channel, OutcomeKind, Programme, ReliefVerb
from ..lists import ORDINARY, ListLine, write_lists
from ..payables import open_attempt, record_outcome
from ..petty_reserve import pay_from_reserve
from ..staging import lock_months
from .checking import INVESTIGATORS_MIN, investigator_names
from .moving import advance, ensure_step, lock_case, required


@transaction.atomic
def pay_cash(
    *, actor: Actor, case_id: UUID, expected_version: int | None, received_by: str, note: str = ""
) -> ReliefCase:
    """Cash handed over against a signed receipt. Relief first then owes its papers, counted from today.

    Raises InsufficientFunds when the reserve of the township does not hold the amount.
    """
    case = lock_case(actor, case_id, ReliefVerb.PAY_CASH, expected_version)
    step = ensure_step(actor, case, ReliefVerb.PAY_CASH)
    received_by = required(received_by, _("请写明收款签字人"), "relief.receipt_unsigned")
    payable = _payable(case)
    entry = pay_from_reserve(
        actor=actor,
        area_code=case.area_code,
        amount_fen=payable.amount_fen,
        source=f"relief:{case.id}",
        memo=_("临时救助 %(number)s") % {"number": case.number},
        programme=Programme.TEMPORARY_RELIEF,
    )
    attempt = open_attempt(payable=payable, channel=Channel.CASH, amount_fen=payable.amount_fen)
    record_outcome(actor=actor, attempt=attempt, kind=OutcomeKind.PAID, paid_on=clock.today(), entry=entry)
    case.paid_on = clock.today()
    signed = _("收款签字：%(name)s") % {"name": received_by}
    advance(actor=actor, case=case, step=step, note=f"{signed}。{note.strip()}" if note.strip() else signed)
    if case.is_relief_first:
        _start_papers_clock(actor, case)
    _publish(case)
    return case


@transaction.atomic
def receive_papers(
    *,
    actor: Actor,
    case_id: UUID,
    expected_version: int | None,
    investigators: list[str],
    findings: str,
) -> ReliefCase:
    """手续补齐: the check that relief first put off, by two investigators, and the papers; the case is closed."""
    case = lock_case(actor, case_id, ReliefVerb.RECEIVE_PAPERS, expected_version)
    step = ensure_step(actor, case, ReliefVerb.RECEIVE_PAPERS)
    names = investigator_names(investigators, minimum=INVESTIGATORS_MIN)
    findings = required(findings, _("请写明补齐了哪些手续、核实的情况"), "relief.findings_missing")
    case.papers_received_on = clock.today()
    note = _("核实人：%(names)s。%(findings)s") % {"names": names, "findings": findings}
    advance(actor=actor, case=case, step=step, note=note)
    return case


@transaction.atomic
def close_case(*, actor: Actor, case_id: UUID, expected_version: int | None, note: str = "") -> ReliefCase:
    """办结 of a paid case whose papers are complete."""
    case = lock_case(actor, case_id, ReliefVerb.CLOSE, expected_version)
    step = ensure_step(actor, case, ReliefVerb.CLOSE)
    advance(actor=actor, case=case, step=step, note=note.strip())
    return case


def _start_papers_clock(actor: Actor, case: ReliefCase) -> None:
    step = ensure_step(actor, case, ReliefVerb.OWE_PAPERS)
    assert case.papers_working_days is not None, "relief first stores the measure's days"
    case.papers_due_on = workdays.add_working_days(clock.today(), case.papers_working_days).on
    note = _("手续最迟 %(day)s 补齐") % {"day": case.papers_due_on.isoformat()}
    advance(actor=actor, case=case, step=step, note=note, due_on=case.papers_due_on)


def _payable(case: ReliefCase) -> Payable:
    return Payable.objects.get(case=case)


def _publish(case: ReliefCase) -> None:
    assert case.amount_fen is not None
    assert case.paid_on is not None
    events.publish(
        ReliefPaid(
            case_id=case.id,
            person_count=case.persons.count(),
            amount_fen=case.amount_fen,
            paid_on=case.paid_on,
            papers_due_on=case.papers_due_on,
            area_code=case.area_code,
        )
    )


@transaction.atomic
def create_relief_batch(*, actor: Actor, area_code: int, case_ids: Iterable[UUID]) -> list[PaymentBatch]:
    """Approved cases of a county as a bank list, one for each paying unit and month of approval; from here on the list
    goes along the chain of officers. Raises Invalid for a case without an account, StateConflict for one on a list.
    """
    ensure_may_take(actor, ReliefVerb.SEND_TO_BANK)
    ensure_inside(actor, area_code)
    ids = sorted(set(case_ids))
    programme = Programme.TEMPORARY_RELIEF
    owed = Payable.objects.filter(case_id__in=ids).order_by("benefit_month")
    lock_months((programme, month.isoformat()) for month in owed.values_list("benefit_month", flat=True).distinct())
    cases = [lock_case(actor, case_id, ReliefVerb.SEND_TO_BANK, None) for case_id in ids]
    if not cases:
        raise Invalid(_("请至少选择一件"), reason="relief.none_chosen")
    payables = {payable.case_id: payable for payable in Payable.objects.filter(case_id__in=ids)}
    _refuse_listed(cases)
    accounts = account_as_of([case.applicant_id for case in cases], on=clock.today())
    lines: dict[date, list[ListLine]] = defaultdict(list)
    for case in cases:
        step = ensure_step(actor, case, ReliefVerb.SEND_TO_BANK)
        account = accounts.get(case.applicant_id)
        if account is None:
            raise Invalid(
                _("%(number)s 的申请人没有银行账号，请先登记账号，或者改发现金") % {"number": case.number},
                reason="relief.no_account",
                case_id=case.id,
            )
        payable = payables[case.id]
        lines[payable.benefit_month].append(ListLine(payable.id, payable.area_code, payable.amount_fen, account.id))
        advance(actor=actor, case=case, step=step)
    units = paying_units(area_code)
    written = [
        one.batch
        for month, month_lines in sorted(lines.items())
        for one in write_lists(
            actor=actor, programme=programme, benefit_month=month, units=units, lines=month_lines, kind=ORDINARY
        )
    ]
    audit.record(
        actor=actor,
        action="relief.create_batch",
        subject=f"area:{area_code}",
        area_code=area_code,
        data={"batches": [batch.number for batch in written], "cases": len(cases)},
    )
    return written


@transaction.atomic
def settle_bank_payments(*, batch_id: UUID) -> int:
    """The cases whose line of this list arrived are paid; called when a return file was read. Returns how many."""
    actor = system_actor(_("银行回盘"))
    step = RELIEF_STEP_OF[ReliefVerb.BANK_PAID]
    arrived = PaymentOutcome.objects.filter(
        attempt__batch_id=batch_id, kind=OutcomeKind.PAID, attempt__state=AttemptState.SUCCEEDED
    )
    paid_on = dict(arrived.values_list("payable__case_id", "paid_on"))
    cases = ReliefCase.objects.select_for_update().filter(id__in=paid_on, state__in=step.from_states).order_by("id")
    count = 0
    for case in cases:
        case.paid_on = paid_on[case.id]
        advance(actor=actor, case=case, step=step)
        _publish(case)
        count += 1
    return count


def _refuse_listed(cases: Sequence[ReliefCase]) -> None:
    listed = PaymentAttempt.objects.filter(
        payable__case__in=cases, state__in=[AttemptState.OPEN, AttemptState.SUCCEEDED, AttemptState.RETURNED]
    )
    first = listed.select_related("payable__case", "batch").first()
    if first is not None and first.payable.case is not None:
        raise StateConflict(
            _("%(number)s 已经列入发放清册，退票的请在清册里重发") % {"number": first.payable.case.number},
            reason="relief.listed",
            case_id=first.payable.case_id,
        )
