"""补差核算: a paid month computed again; what is owed more is paid as arrears, what was too much goes into the register.

Guarantees: what should have been comes from the rules, the facts and the standards known now, not from the decided
amount; one officer computes, another decides; under the month's lock every line is computed and compared once more, so
that no fen is owed or taken back twice; who is left out is written down with the reason (`left_out`); arrears and
overpayments are written in one transaction, the arrears on lists of their own that take the whole chain. A payment that
an officer has withdrawn or taken back is left alone. Refuses: a month that no run computed, a decision of the officer who
computed, a decision over payments that have changed since. What is linked to others' grants is not computed again: a
notice that reaches its paid months is kept to be settled by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.accounts.public import system_actor
from shouwang.areas.public import get_area
from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import lies_within
from shouwang.registry.public import members_as_of, records_of

from ..engine.again import Again
from ..events import ParametersConfirmed
from ..models import (
    Grant,
    ParameterNotice,
    Payable,
    PayablePerson,
    PaymentAttempt,
    PaymentBatch,
    Recalculation,
    RecalculationLine,
    RunRecord,
)
from ..policies import ensure_may_decide_recalculation, ensure_may_keep_grants
from ..queries.frozen import covered_already
from ..queries.overpayments import dead_before
from ..queries.problems import accounts_today
from ..queries.recalculations import PaidMonth, paid_months_of
from ..rules.benefits.programmes import rule_of
from ..rules.monthly import month_of
from ..states import GRANTED, LINKED, MONTHLY, ChangeCause
from ..states_follows import ARREARS, RecalculationCause, RecalculationState, RecalculationWait
from .left_out import write_omissions
from .lists import SUPPLEMENT, ListLine, write_lists
from .overpayments import TooMuch, write_overpayments
from .recomputing import compared_lines, computed_again, measures_then, standards_now, unit_of
from .requests import ensure_same, take_turns
from .runs import standards_kept
from .staging import lock_months


def open_for_notice(event: ParametersConfirmed) -> int:
    """A recalculation to be computed for each unit, programme and month that a notice in force reaches backwards.

    Inside the notice's own transaction; nothing is computed yet, so that confirming a notice stays quick. A linked
    programme's waits, too: it is settled by hand, and closed with what was done.
    """
    notice = ParameterNotice.objects.get(id=event.notice_id)
    spans = [span for code in event.area_codes for span in get_area(code).span]
    wanted = [programme for programme in sorted(MONTHLY) if set(rule_of(programme).uses) & set(event.keys)]
    records = RunRecord.objects.filter(run__programme__in=wanted, run__benefit_month__in=event.paid_months)
    reached = {
        (record.run.programme, record.run.benefit_month, row["unit_code"])
        for record in records.select_related("run")
        for row in record.measures
        if lies_within(row["unit_code"], spans)
    }
    made = Recalculation.objects.bulk_create(
        [
            Recalculation(
                programme=programme,
                benefit_month=month,
                area_code=unit_code,
                cause=RecalculationCause.NOTICE,
                notice=notice,
                basis=f"{notice.number} {notice.title}"[:200],
                recorded_at=clock.now(),
                recorded_by=notice.recorded_by,
            )
            for programme, month, unit_code in sorted(reached)
        ],
        ignore_conflicts=True,
    )
    for told in made:
        _audit(system_actor(_("标准追溯")), told, "open")
    return len(made)


@transaction.atomic
def open_recalculation(
    *, actor: Actor, recalculation_id: UUID, programme: str, month: date, unit_code: int, basis: str
) -> Recalculation:
    """A month of a unit to be computed again, because facts became known later. The same id again is the same one."""
    ensure_may_keep_grants(actor, [unit_code])
    take_turns([recalculation_id])
    month, basis = month_of(month), basis.strip()[:200]
    there = Recalculation.objects.filter(id=recalculation_id).first()
    if there is not None:
        said = (there.programme, there.benefit_month, there.area_code, there.basis)
        ensure_same(said, (programme, month, unit_code, basis))
        return there
    if not basis:
        raise Invalid(_("请写明依据：哪些资料补登或更正了"), reason="recalculation.no_basis")
    if programme in LINKED:
        raise _by_hand()
    if programme not in GRANTED or measures_then(programme, month, unit_code) is None:
        raise Conflict(
            _("%(month)s 没有在本系统按规则生成过清册，不能核算") % {"month": f"{month:%Y-%m}"},
            reason="recalculation.no_run",
        )
    made = Recalculation.objects.create(
        id=recalculation_id,
        programme=programme,
        benefit_month=month,
        area_code=unit_code,
        cause=RecalculationCause.FACTS,
        basis=basis,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
    )
    _audit(actor, made, "open")
    return made


@transaction.atomic
def compute_recalculation(*, actor: Actor, recalculation_id: UUID) -> Recalculation:
    """Compare every grant of the unit's month with the rules; computed again, its lines are made anew."""
    told = _locked(actor, recalculation_id)
    ensure_may_keep_grants(actor, [told.area_code])
    if told.state not in (RecalculationState.WAITING, RecalculationState.COMPUTED):
        raise StateConflict(_("这次核算已经办结"), reason="recalculation.decided")
    if told.is_by_hand:
        raise _by_hand()
    lock_months([(told.programme, told.benefit_month.isoformat())])
    run_lines = compared_lines(told.programme, told.benefit_month, told.area_code)
    grants = list(run_lines.values_list("grant_id", "subject_id", "area_code"))
    standards = standards_now(told.programme, told.benefit_month, told.area_code)
    grant_ids = [grant_id for grant_id, _subject, _area in grants if grant_id]
    again = computed_again(told.programme, told.benefit_month, told.area_code, grant_ids, standards)
    paid = paid_months_of(grant_ids, programme=told.programme, month=told.benefit_month)
    lines = [
        _line(told, again[grant_id], paid[grant_id], subject_id, area_code)
        for grant_id, subject_id, area_code in grants
        if grant_id in again and _differs(again[grant_id], paid[grant_id])
    ]
    told.lines.all().delete()
    RecalculationLine.objects.bulk_create(lines, batch_size=2_000)
    write_omissions(told, grants, again, paid)
    told.state = RecalculationState.COMPUTED
    told.rules_version = rule_of(told.programme).text_on(told.benefit_month).version
    told.standards = standards_kept(standards)
    told.compared_count = len(grant_ids)
    told.arrears_fen = sum(max(0, line.difference_fen) for line in lines if not line.waits)
    told.overpaid_fen = sum(max(0, -line.difference_fen) for line in lines if not line.waits)
    told.computed_by, told.computed_name, told.computed_at = actor.user_id, actor.name, clock.now()
    told.save()
    _audit(actor, told, "compute", lines=len(lines))
    return told


def _by_hand() -> StateConflict:
    return StateConflict(
        _("价格临时补贴、一次性补助不由系统重算，请人工核定补发或者追回，再写明结果办结"),
        reason="recalculation.by_hand",
    )


def _differs(again: Again, paid: PaidMonth) -> bool:
    return again.is_known and not paid.is_settled_by_hand and again.amount_fen != paid.net_fen


def _still_holds(line: RecalculationLine, again: Again | None, paid: PaidMonth) -> bool:
    """What was computed is what would be computed now."""
    return (
        again is not None
        and again.amount_fen == line.should_fen
        and paid.net_fen == line.paid_fen
        and not paid.is_settled_by_hand
    )


def _line(told: Recalculation, again: Again, paid: PaidMonth, subject_id: UUID, area_code: int) -> RecalculationLine:
    waits = ""
    if again.amount_fen < paid.net_fen and not paid.has_arrived:
        waits = RecalculationWait.NOT_ARRIVED
    return RecalculationLine(
        recalculation=told,
        grant_id=again.grant_id,
        subject_id=subject_id,
        payable_id=paid.payable_id,
        paid_fen=paid.net_fen,
        should_fen=again.amount_fen,
        ordinary_fen=again.ordinary_fen,
        findings=list(again.findings),
        reasons=again.reasons,
        waits=waits,
        area_code=area_code,
    )


@transaction.atomic
def confirm_recalculation(*, actor: Actor, recalculation_id: UUID) -> Recalculation:
    """Owe the arrears and note the overpayments. Confirmed twice it is confirmed once.

    Raises Conflict when a payment, a fact or a standard has changed since it was computed, or nobody has computed it.
    """
    told = _locked(actor, recalculation_id)
    ensure_may_decide_recalculation(actor, told.area_code, told.computed_by)
    if told.state == RecalculationState.CONFIRMED:
        return told
    if told.state != RecalculationState.COMPUTED:
        raise StateConflict(_("还没有核算，或者已经退回"), reason="recalculation.state")
    lock_months([(told.programme, told.benefit_month.isoformat())])
    lines = list(told.lines.select_related("grant", "payable", "recalculation").order_by("area_code", "id"))
    _lock_payments(told, [line.grant_id for line in lines])
    paid = paid_months_of([line.grant_id for line in lines], programme=told.programme, month=told.benefit_month)
    again = computed_again(
        told.programme,
        told.benefit_month,
        told.area_code,
        [line.grant_id for line in lines],
        standards_now(told.programme, told.benefit_month, told.area_code),
    )
    for line in lines:
        if not _still_holds(line, again.get(line.grant_id), paid[line.grant_id]):
            raise Conflict(_("核算以后款项、资料或者标准有了变化，请重新核算再复核"), reason="recalculation.changed")
    _note_overpayments(actor, told, [line for line in lines if line.difference_fen < 0 and not line.waits], paid)
    batches = _owe_arrears(told, [line for line in lines if line.difference_fen > 0 and not line.waits])
    RecalculationLine.objects.bulk_update(lines, ["arrears", "overpayment", "waits"], batch_size=2_000)
    told.arrears_fen = sum(line.difference_fen for line in lines if line.arrears_id)
    told.state = RecalculationState.CONFIRMED
    _decided(actor, told, "")
    _audit(actor, told, "confirm", batches=[batch.number for batch in batches])
    return told


@transaction.atomic
def refuse_recalculation(*, actor: Actor, recalculation_id: UUID, reason: str) -> Recalculation:
    """Nothing follows from it; another one may be opened."""
    told = _locked(actor, recalculation_id)
    ensure_may_decide_recalculation(actor, told.area_code, told.computed_by)
    if told.state not in (RecalculationState.WAITING, RecalculationState.COMPUTED):
        raise StateConflict(_("这次核算已经办结"), reason="recalculation.decided")
    if not reason.strip():
        raise Invalid(_("退回要写明理由"), reason="recalculation.no_reason")
    told.state = RecalculationState.REFUSED
    _decided(actor, told, reason.strip()[:100])
    _audit(actor, told, "refuse", reason=told.reason)
    return told


def _lock_payments(told: Recalculation, grant_ids: Sequence[UUID]) -> None:
    """Lists before their lines (README.md): nobody takes a payment back, or notes it, between what is read and written."""
    tries = PaymentAttempt.objects.filter(
        payable__grant_id__in=grant_ids, payable__programme=told.programme, payable__benefit_month=told.benefit_month
    )
    list(PaymentBatch.objects.select_for_update(of=("self",)).filter(id__in=tries.values("batch_id")).order_by("id"))
    list(tries.select_for_update(of=("self",)).order_by("id"))


def _note_overpayments(
    actor: Actor, told: Recalculation, lines: Sequence[RecalculationLine], paid: Mapping[UUID, PaidMonth]
) -> None:
    """Of a month that was paid in parts the latest part was too much first, each at most its amount."""
    found: list[TooMuch] = []
    firsts: list[int] = []
    cause = ChangeCause.STANDARD if told.cause == RecalculationCause.NOTICE else ChangeCause.OTHER
    for line in lines:
        left = -line.difference_fen
        firsts.append(len(found))
        for payable, net_fen in reversed(paid[line.grant_id].parts):
            fen = min(left, net_fen)
            if fen > 0:
                found.append(TooMuch(payable, payable.person_id, fen, cause))
                left -= fen
    rows = write_overpayments(actor=actor, found=found)
    for line, first in zip(lines, firsts, strict=True):
        line.overpayment = rows[first]


def _owe_arrears(told: Recalculation, lines: Sequence[RecalculationLine]) -> list[PaymentBatch]:
    """Payables of the past month, on supplementary lists where there is an account; the others wait for one."""
    covered = _covered(told, lines)
    unpaid = [line for line in lines if line.payable_id is None]
    records = records_of({person_id for line in unpaid for person_id in covered[line.id]})
    # Under every record of a person; what an earlier line of this recalculation owes counts as well.
    elsewhere = set(
        covered_already(
            programme=told.programme,
            month=told.benefit_month,
            person_ids=sorted({record_id for known in records.values() for record_id in known}),
        )
    )
    payables: list[Payable] = []
    for line in lines:
        if line.payable_id is None:
            theirs = {record_id for person_id in covered[line.id] for record_id in records[person_id]}
            if elsewhere & theirs:
                line.waits = RecalculationWait.COVERED
                continue
            elsewhere |= theirs
        line.arrears = _payable(told, line, covered[line.id])
        payables.append(line.arrears)
    accounts = accounts_today(payables)
    for payable in payables:
        payable.was_listed_at_once = payable.id in accounts
    Payable.objects.bulk_create(payables, batch_size=2_000)
    PayablePerson.objects.bulk_create(
        [
            PayablePerson(payable=line.arrears, person_id=person_id, area_code=line.area_code)
            for line in lines
            if line.arrears is not None
            for person_id in covered[line.id]
        ],
        batch_size=5_000,
    )
    # Nobody opens this list in person: whoever confirms the difference may still approve the list.
    written = write_lists(
        actor=system_actor(_("补差核算")),
        programme=told.programme,
        benefit_month=told.benefit_month,
        units=[unit_of(told.area_code)],
        lines=[
            ListLine(one.id, one.area_code, one.amount_fen, accounts[one.id]) for one in payables if one.id in accounts
        ],
        kind=SUPPLEMENT,
    )
    return [one.batch for one in written]


def _payable(told: Recalculation, line: RecalculationLine, covered: Sequence[UUID]) -> Payable:
    grant: Grant = line.grant
    return Payable(
        id=new_id(),
        programme=told.programme,
        benefit_month=told.benefit_month,
        household_id=grant.household_id,
        person_id=grant.person_id,
        subject_id=line.subject_id,
        reason_key=f"{ARREARS}:{told.id}",
        amount_fen=line.difference_fen,
        area_code=line.area_code,
        origin=grant.origin,
        grant=grant,
        payee_id=line.payable.payee_id if line.payable else next(iter(covered), None),
        recorded_at=clock.now(),
    )


def _covered(told: Recalculation, lines: Sequence[RecalculationLine]) -> dict[UUID, list[UUID]]:
    """Whom each line covers: those of the payment that is there, else who lived in the month."""
    found: dict[UUID, list[UUID]] = {line.id: [] for line in lines}
    by_payable = {line.payable_id: line for line in lines if line.payable_id}
    rows = PayablePerson.objects.filter(payable_id__in=by_payable).order_by("id")
    for payable_id, person_id in rows.values_list("payable_id", "person_id"):
        found[by_payable[payable_id].id].append(person_id)
    unpaid = [line for line in lines if line.payable_id is None]
    families = members_as_of(
        [line.grant.household_id for line in unpaid if line.grant.household_id], on=told.benefit_month
    )
    for line in unpaid:
        household_id, own_id = line.grant.household_id, line.grant.person_id
        people: list[UUID] = [own_id] if own_id else []
        if household_id:
            people = [member.person_id for member in families.get(household_id, [])]
        dead = dead_before(people, told.benefit_month)
        found[line.id] = [one for one in people if one not in dead]
    return found


def _locked(actor: Actor, recalculation_id: UUID) -> Recalculation:
    told = Recalculation.objects.select_for_update(of=("self",)).filter(actor.scope.q(), id=recalculation_id).first()
    if told is None:
        raise NotFound(_("没有这次核算，可能不在您的辖区"), recalculation_id=recalculation_id)
    return told


def _decided(actor: Actor, told: Recalculation, reason: str) -> None:
    told.decided_by, told.decided_name, told.decided_at = actor.user_id, actor.name, clock.now()
    told.reason = reason
    told.save()


def _audit(actor: Actor, told: Recalculation, act: str, **said: object) -> None:
    audit.record(
        actor=actor,
        action=f"recalculation.{act}",
        subject=f"recalculation:{told.id}",
        area_code=told.area_code,
        data={
            "programme": told.programme,
            "month": f"{told.benefit_month:%Y-%m}",
            "basis": told.basis,
            "arrears_fen": told.arrears_fen,
            "overpaid_fen": told.overpaid_fen,
            **said,
        },
    )
