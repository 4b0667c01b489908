"""批准, 不予救助, and 先行救助 in its two steps: the assistant proposes, the township head confirms.

Guarantees: an amount follows from its basis; the township decides up to its limit and the county above; nobody decides
what they prepared (the table's `not_after`). Relief before papers rests on relief_first in force on both steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.accounts.public import Role
from shouwang.kernel import clock, money
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, NotAllowed
from shouwang.response.public import EffectiveMeasure, effective

from ...errors import NotInForce
from ...measures import PETTY_RESERVE, RELIEF_FIRST
from ...models import Payable, ReliefCase
from ...queries.relief_amounts import TOWNSHIP_LIMIT, months_cap, standards_of_case
from ...rules.relief import COUNTY, TOWNSHIP, AmountClaim, check_amount, deciding_level
from ...states import Channel, Origin, Programme, ReliefBasis, ReliefVerb
from ..payables import create_payable
from .checking import simplified_approval
from .moving import advance, ensure_step, lock_case, required
from .opening import start_clocks


def township_limit(case: ReliefCase) -> tuple[int, EffectiveMeasure | None]:
    """What the township may decide and pay in cash, in fen: the measure's limit, without one the place's parameter."""
    measure = effective(PETTY_RESERVE, case.area_code, clock.now())
    if measure is not None:
        return measure.parameters["limit_fen"], measure
    return standards_of_case(case, [TOWNSHIP_LIMIT]).number(TOWNSHIP_LIMIT), None


@transaction.atomic
def propose_relief_first(
    *, actor: Actor, case_id: UUID, expected_version: int | None, amount_fen: int, note: str = ""
) -> ReliefCase:
    """受理 and a small amount in cash at once, for the township head to confirm; the papers come later."""
    case = lock_case(actor, case_id, ReliefVerb.PROPOSE, expected_version)
    step = ensure_step(actor, case, ReliefVerb.PROPOSE)
    first = _relief_first(case)
    start_clocks(case)
    claim = AmountClaim(amount_fen=amount_fen, basis=ReliefBasis.SMALL_AMOUNT, person_count=case.persons.count())
    petty = _set_amount(case, claim)
    case.is_relief_first = True
    case.papers_working_days = first.parameters["papers_due_working_days"]
    used = (*first.measure_ids, *(petty.measure_ids if petty else ()))
    advance(actor=actor, case=case, step=step, note=note.strip(), measure_ids=used)
    return case


@transaction.atomic
def confirm_relief_first(*, actor: Actor, case_id: UUID, expected_version: int | None) -> ReliefCase:
    """The township head's word: the amount as proposed is owed from now."""
    case = lock_case(actor, case_id, ReliefVerb.CONFIRM, expected_version)
    step = ensure_step(actor, case, ReliefVerb.CONFIRM)
    first = _relief_first(case)
    case.decided_by_level = TOWNSHIP
    _owe(case, _covered(case))
    advance(actor=actor, case=case, step=step, note=case.formula, measure_ids=first.measure_ids)
    return case


@transaction.atomic
def approve_case(
    *,
    actor: Actor,
    case_id: UUID,
    expected_version: int | None,
    claim: AmountClaim,
    channel: str = "",
    note: str = "",
) -> ReliefCase:
    """批准 an amount; the township head up to the limit, the county's leader any. `channel` changes how it is paid.

    The number of persons is the case's, whatever the claim says.
    """
    case = lock_case(actor, case_id, ReliefVerb.APPROVE, expected_version)
    simplified = simplified_approval(case)
    step = ensure_step(actor, case, ReliefVerb.APPROVE, is_simplified=simplified is not None)
    if channel:
        if channel not in Channel.values:
            raise Invalid(_("请选择发放方式"), reason="relief.channel")
        case.channel = channel
    covered = _covered(case)
    petty = _set_amount(case, replace(claim, person_count=len(covered)))
    _ensure_level(actor, case)
    _owe(case, covered)
    # The notice was left out because of the measure only when the kind of relief would have needed one.
    used = [*(petty.measure_ids if petty else ())]
    if simplified is not None and case.kind == "expenditure" and case.notice_ended_on is None:
        used.extend(simplified.measure_ids)
    words = case.formula if not note.strip() else f"{case.formula}。{note.strip()}"
    advance(actor=actor, case=case, step=step, note=words, measure_ids=used)
    return case


@transaction.atomic
def refuse_case(*, actor: Actor, case_id: UUID, expected_version: int | None, reason: str, clause: str) -> ReliefCase:
    """不予救助, with the reason and the clause that the decision letter prints."""
    case = lock_case(actor, case_id, ReliefVerb.REFUSE, expected_version)
    step = ensure_step(actor, case, ReliefVerb.REFUSE)
    reason = required(reason, _("请写明不予救助的理由"), "relief.reason_missing")
    clause = required(clause, _("请写明依据的条款"), "relief.clause_missing")
    case.decided_by_level = _level_of(actor)
    advance(
        actor=actor,
        case=case,
        step=step,
        note=_("%(reason)s（依据：%(clause)s）") % {"reason": reason, "clause": clause},
    )
    return case


def _relief_first(case: ReliefCase) -> EffectiveMeasure:
    measure = effective(RELIEF_FIRST, case.area_code, clock.now())
    if measure is None:
        raise NotInForce(_("这里现在没有执行“先行救助”，请按一般程序受理、核实、审批，再发放"), case_id=case.id)
    return measure


def _set_amount(case: ReliefCase, claim: AmountClaim) -> EffectiveMeasure | None:
    """Write amount, basis and formula on the case; the measure whose limit was used."""
    limit_fen, measure = township_limit(case)
    months_max = months_cap(case) if claim.basis == ReliefBasis.STANDARD_MONTHS else 0
    case.formula = check_amount(claim, months_max=months_max, small_limit_fen=limit_fen)
    case.amount_fen, case.basis = claim.amount_fen, claim.basis
    case.decided_by_level = deciding_level(claim.amount_fen, claim.basis, limit_fen)
    if case.channel == Channel.CASH and claim.amount_fen > limit_fen:
        raise Invalid(
            _("备用金单笔不超过 %(limit)s 元，超过的请改为银行代发") % {"limit": money.yuan(limit_fen)},
            reason="relief.above_cash",
            limit_fen=limit_fen,
        )
    return measure


def _ensure_level(actor: Actor, case: ReliefCase) -> None:
    """Raises NotAllowed for a township deciding what is the county's; the county may decide all."""
    if case.decided_by_level == COUNTY and _level_of(actor) == TOWNSHIP:
        raise NotAllowed(
            _("%(amount)s 元超过乡镇审批权限，或者属于一事一议，请由县区民政负责人审批")
            % {"amount": money.yuan(case.amount_fen or 0)},
            reason="relief.above_township",
            case_id=case.id,
        )
    case.decided_by_level = _level_of(actor)


def _level_of(actor: Actor) -> str:
    return TOWNSHIP if actor.role == Role.TOWNSHIP_HEAD else COUNTY


def _covered(case: ReliefCase) -> list[UUID]:
    return list(case.persons.order_by("id").values_list("person_id", flat=True))


def _owe(case: ReliefCase, person_ids: Sequence[UUID]) -> Payable:
    assert case.amount_fen is not None, "the amount was set before the decision"
    return create_payable(
        programme=Programme.TEMPORARY_RELIEF,
        benefit_month=clock.today().replace(day=1),
        household_id=case.household_id,
        person_id=None if case.household_id else case.applicant_id,
        reason_key=f"relief:{case.id}",
        amount_fen=case.amount_fen,
        area_code=case.area_code,
        origin=Origin.CASE,
        payee_id=case.applicant_id,
        person_ids=person_ids,
        case=case,
    )
