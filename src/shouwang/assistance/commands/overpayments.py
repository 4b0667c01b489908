"""追回: what was paid too much is noted, set off against the next payment of the same subject, recovered, or written off.

Guarantees: noted once for what is known (asked again, nothing new); never more is settled than was overpaid; an offset
takes from a payment of the unit that overpaid, before any township has seen its list, and is undone with its payable;
money that comes back is one balanced entry. What was paid stays paid: outcomes and figures are not touched.

Source: 社会救助暂行办法 (国务院令649号) art. 68 for what was got by fraud; payments made after a death are the commonest
finding of an audit (朔州市审计局, 2025).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock, money
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, NotFound, StateConflict
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import FULL, use_scope
from shouwang.ledger.public import AccountKind, Entry, post_entry
from shouwang.registry.public import Person

from ..models import Overpayment, OverpaymentStep, Payable, PayablePerson, PaymentAttempt
from ..policies import ensure_may_correct, ensure_may_write_off
from ..queries.overpayments import STILL_OPEN, dead_before, offset_fen_of, overpayments, owed_now
from ..rules.book import given_up, taken_back
from ..rules.monthly import REASON_KEY
from ..rules.places import PayingUnit, PayingUnits
from ..states import OVERPAYMENT, AttemptState, ChangeCause, Origin, OverpaymentStepKind
from .drafts import shorten_lines
from .money import UnitAccounts
from .recomputing import owed_by_the_rules
from .requests import ensure_same, take_turns


def note_overpayments(*, actor: Actor, payables: QuerySet[Payable], cause: ChangeCause) -> list[Overpayment]:
    """Note what of these payables' arrived payments should not have been; inside the caller's transaction.

    Whichever county paid them: it recovers, also when a death is told or a grant cut where the family lives by now.
    Nothing for a payment of before go-live, which this system did not make, and nothing that is noted already.
    """
    with use_scope(FULL):
        return _note(actor, payables, cause)


def _note(actor: Actor, payables: QuerySet[Payable], cause: ChangeCause) -> list[Overpayment]:
    arrived = list(
        PaymentAttempt.objects.select_for_update(of=("self",))
        .select_related("payable")
        .filter(payable__in=payables.values("id"), state=AttemptState.SUCCEEDED)
        .exclude(payable__origin=Origin.HISTORY)
        .order_by("id")
    )
    too_much = _too_much(arrived)
    about = {attempt.id: _about(attempt.payable, cause) for attempt in arrived if attempt.id in too_much}
    found = [
        TooMuch(attempt.payable, about[attempt.id], too_much[attempt.id], cause)
        for attempt in arrived
        if attempt.id in too_much
    ]
    return write_overpayments(actor=actor, found=found)


@dataclass(frozen=True, slots=True)
class TooMuch:
    """What of a payable should not have been paid, in fen, and the person it is about."""

    payable: Payable
    person_id: UUID | None
    amount_fen: int
    cause: ChangeCause


def write_overpayments(*, actor: Actor, found: Sequence[TooMuch]) -> list[Overpayment]:
    """The rows in the order of `found`, all of one instant, with the names that they have today wherever they live."""
    people = {person_id for one in found for person_id in (one.person_id, one.payable.payee_id) if person_id}
    with use_scope(FULL):
        names: dict[UUID | None, str] = dict(Person.objects.filter(id__in=people).values_list("id", "name"))
    now = clock.now()
    rows = [
        Overpayment(
            payable=one.payable,
            person_id=one.person_id,
            payee_name=names.get(one.payable.payee_id, ""),
            person_name=names.get(one.person_id, ""),
            amount_fen=one.amount_fen,
            cause=one.cause,
            area_code=one.payable.area_code,
            recorded_at=now,
            recorded_by=actor.user_id,
        )
        for one in found
    ]
    Overpayment.objects.bulk_create(rows, batch_size=2_000)
    for row in rows:
        audit.record(
            actor=actor,
            action="overpayment.note",
            subject=f"payable:{row.payable_id}",
            area_code=row.area_code,
            data={"overpayment": str(row.id), "amount_fen": row.amount_fen, "cause": row.cause},
        )
    return rows


def _too_much(arrived: Collection[PaymentAttempt]) -> dict[UUID, int]:
    """By payment, the fen beyond what is owed by what is known now and noted before."""
    owed = owed_now([attempt.payable for attempt in arrived])
    offsets = offset_fen_of(owed.keys())
    payables = [attempt.payable for attempt in arrived if attempt.payable_id in owed]
    parts = _parts_of_their_months(payables)
    noted: dict[UUID, int] = defaultdict(int)
    known = Overpayment.objects.filter(payable__in={*owed, *(part.id for part in parts)})
    for payable_id, fen in known.values_list("payable_id", "amount_fen"):
        noted[payable_id] += fen
    by_the_rules = _owed_by_the_rules(parts, noted)
    owed |= {payable_id: fen for payable_id, fen in by_the_rules.items() if payable_id in owed}
    beyond = {
        attempt.id: attempt.amount_fen
        + offsets.get(attempt.payable_id, 0)
        - owed[attempt.payable_id]
        - noted[attempt.payable_id]
        for attempt in arrived
        if attempt.payable_id in owed
    }
    return {attempt_id: fen for attempt_id, fen in beyond.items() if fen > 0}


def _parts_of_their_months(payables: Collection[Payable]) -> list[Payable]:
    """These and what else is paid for the same grants and months; not what an officer gave up or took back."""
    asked = {(payable.grant_id, payable.benefit_month) for payable in payables if payable.grant_id}
    others = (
        Payable.objects.filter(
            grant_id__in={one for one, _month in asked}, benefit_month__in={on for _one, on in asked}
        )
        .exclude(attempts__state__in=(AttemptState.CANCELLED, AttemptState.REVERSED))
        .exclude(id__in=[payable.id for payable in payables])
    )
    return [*payables, *(one for one in others if (one.grant_id, one.benefit_month) in asked)]


def _owed_by_the_rules(payables: Collection[Payable], noted: Mapping[UUID, int]) -> dict[UUID, int]:
    """By payable, where the rules can say it. Of a month that was paid in parts the first part is owed first."""
    left = owed_by_the_rules(payables)
    owed: dict[UUID, int] = {}
    for payable in sorted(payables, key=lambda one: (one.reason_key != REASON_KEY, one.recorded_at, one.id)):
        key = (payable.grant_id, payable.benefit_month)
        if payable.grant_id is None or key not in left:
            continue
        should: int = left[payable.grant_id, payable.benefit_month]
        owed[payable.id] = should
        left[payable.grant_id, payable.benefit_month] = max(0, should - payable.amount_fen + noted[payable.id])
    return owed


def _about(payable: Payable, cause: ChangeCause) -> UUID | None:
    """The person who died before the month; the grant's own person when the cause is another."""
    if cause != ChangeCause.DEATH:
        return payable.person_id
    covered = list(PayablePerson.objects.filter(payable=payable).order_by("id").values_list("person_id", flat=True))
    dead = dead_before(covered, payable.benefit_month)
    return next((person_id for person_id in covered if person_id in dead), None)


def offset_in_run(*, actor: Actor, run_id: UUID, programme: str, units: Sequence[PayingUnit]) -> int:
    """Set off what is open against the lines that a run has just drafted for the same subjects; returns how many fen.

    Inside the run's transaction: nobody has seen the list yet.
    """
    in_debt = overpayments().filter(STILL_OPEN, payable__programme=programme).values("payable__subject_id")
    lines = {
        line.payable_id: line
        for line in PaymentAttempt.objects.select_related("payable").filter(
            payable__run_id=run_id, payable__subject_id__in=in_debt, state=AttemptState.OPEN
        )
    }
    steps = _steps(actor, programme, units, [(line.payable, line.amount_fen) for line in lines.values()])
    OverpaymentStep.objects.bulk_create(steps)
    fen = _by_payable(steps)
    shorten_lines(
        actor=actor,
        lines=[(lines[payable_id], lines[payable_id].amount_fen - less) for payable_id, less in fen.items()],
    )
    for step in steps:
        _audit(actor, step)
    return sum(fen.values())


def offset_before_listing(
    *, actor: Actor, programme: str, units: Sequence[PayingUnit], waiting: Sequence[tuple[Payable, int]]
) -> dict[UUID, int]:
    """Set off what is open against payables that are to be listed now, each with what is owed of it; fen by payable.

    Of a line that came back the money kept apart need not go out again: it returns into the treasury, by an entry.
    """
    steps = _steps(actor, programme, units, waiting)
    if not steps:
        return {}
    came_back = {
        attempt.payable_id: attempt
        for attempt in PaymentAttempt.objects.select_related("batch", "batch__fund", "part")
        .filter(payable__in=_by_payable(steps), state=AttemptState.RETURNED)
        .order_by("recorded_at", "id")
    }
    for step in steps:
        attempt = came_back.get(step.payable_id) if step.payable_id else None
        if attempt is not None:
            moved = given_up(amount_fen=step.amount_fen)
            step.entry = _book(actor, step.overpayment, attempt, moved, _("抵扣多发 %(number)s-%(line)s"))
    OverpaymentStep.objects.bulk_create(steps)
    for step in steps:
        _audit(actor, step)
    return _by_payable(steps)


def _steps(
    actor: Actor, programme: str, units: Sequence[PayingUnit], owed: Sequence[tuple[Payable, int]]
) -> list[OverpaymentStep]:
    """What is open set off against what is owed to the same subject by the same paying unit, the oldest first: who paid
    recovers, and a household that has moved is paid by others."""
    subjects = {payable.subject_id for payable, _fen in owed}
    waiting = overpayments().filter(STILL_OPEN, payable__programme=programme, payable__subject_id__in=subjects)
    rows: dict[UUID, list[Overpayment]] = defaultdict(list)
    open_fen: dict[UUID, int] = {}
    for row in _locked([row.id for row in waiting]):
        rows[row.payable.subject_id].append(row)
        open_fen[row.id] = row.open_fen  # type: ignore[attr-defined]  # annotated by the query
    directory = PayingUnits(units)
    steps: list[OverpaymentStep] = []
    for payable, left in owed:
        unit = directory.of(payable.area_code)
        for row in rows[payable.subject_id]:
            fen = min(left, open_fen[row.id])
            if fen > 0 and unit is not None and unit.contains(row.area_code):
                left -= fen
                open_fen[row.id] -= fen
                steps.append(_step(actor, row, OverpaymentStepKind.OFFSET, fen, payable=payable))
    return steps


def _by_payable(steps: Sequence[OverpaymentStep]) -> dict[UUID, int]:
    fen: dict[UUID, int] = defaultdict(int)
    for step in steps:
        assert step.payable_id is not None, "an offset names its payable"
        fen[step.payable_id] += step.amount_fen
    return dict(fen)


def undo_offsets(*, actor: Actor, payable: Payable, reason: str) -> None:
    """What this payable was to set off is open again, because it is not paid after all."""
    offsets: dict[Overpayment, int] = defaultdict(int)
    for step in OverpaymentStep.objects.filter(payable=payable).select_related("overpayment").order_by("id"):
        offsets[step.overpayment] += step.amount_fen
    for row, fen in offsets.items():
        if fen:
            step = _step(actor, row, OverpaymentStepKind.OFFSET, -fen, payable=payable, reason=reason)
            step.save(force_insert=True)
            _audit(actor, step)


def settle_with_reversal(*, actor: Actor, payable: Payable, reason: str) -> None:
    """A payment that is taken back whole was no overpayment any more. Raises StateConflict when a part came back."""
    for row in _locked(list(Overpayment.objects.filter(payable=payable).values_list("id", flat=True))):
        if row.settled_fen:  # type: ignore[attr-defined]  # annotated by the query
            raise StateConflict(
                _("这一笔多发的款项已经部分抵扣或追回，不能再整笔冲回；余下的请在追回台账中办理"),
                reason="overpayment.partly_settled",
                payable_id=payable.id,
            )
        step = _step(actor, row, OverpaymentStepKind.REVERSED, row.amount_fen, reason=reason)
        step.save(force_insert=True)


@transaction.atomic
def recover_overpayment(
    *, actor: Actor, overpayment_id: UUID, amount_fen: int, reason: str, step_id: UUID | None = None
) -> OverpaymentStep:
    """追回: money that came back by hand goes into the treasury it came from. Sent twice with one `step_id`, it is
    booked once. Raises Invalid, NotFound, NotAllowed, StateConflict, Conflict (the id with other content).
    """
    step_id = step_id or new_id()
    take_turns([step_id])
    reason = _required(reason)
    repeated = OverpaymentStep.objects.filter(id=step_id).first()
    if repeated is not None:
        ensure_same(
            (repeated.overpayment_id, repeated.amount_fen, repeated.reason), (overpayment_id, amount_fen, reason)
        )
        return repeated
    row = _open_row(actor, overpayment_id)
    ensure_may_correct(actor, row.area_code)
    open_fen: int = row.open_fen  # type: ignore[attr-defined]  # annotated by the query
    if not 0 < amount_fen <= open_fen:
        raise Invalid(
            _("追回金额要大于零，最多 %(open)s 元") % {"open": money.yuan(open_fen)},
            reason="overpayment.amount",
            open_fen=open_fen,
        )
    step = _step(actor, row, OverpaymentStepKind.RECOVERED, amount_fen, reason=reason)
    step.id = step_id
    moved = taken_back(amount_fen=step.amount_fen)
    step.entry = _book(actor, row, _line_that_paid(row), moved, _("追回多发 %(number)s-%(line)s"))
    step.save(force_insert=True)
    _audit(actor, step)
    return step


@transaction.atomic
def write_off_overpayment(*, actor: Actor, overpayment_id: UUID, reason: str) -> OverpaymentStep:
    """核销 what is left: nobody can pay it back. No money moves, so nothing is booked."""
    row = _open_row(actor, overpayment_id)
    ensure_may_write_off(actor, row.area_code)
    left: int = row.open_fen  # type: ignore[attr-defined]  # annotated by the query
    step = _step(actor, row, OverpaymentStepKind.WRITTEN_OFF, left, reason=_required(reason))
    step.save(force_insert=True)
    _audit(actor, step)
    return step


def _locked(overpayment_ids: Collection[UUID]) -> list[Overpayment]:
    """Locked first and read after, so that two cannot settle the same fen; the oldest first."""
    list(Overpayment.objects.select_for_update().filter(id__in=overpayment_ids).order_by("id"))
    return list(overpayments().filter(id__in=overpayment_ids).order_by("recorded_at", "id"))


def _open_row(actor: Actor, overpayment_id: UUID) -> Overpayment:
    visible = Overpayment.objects.filter(actor.scope.q(), id=overpayment_id).values_list("id", flat=True)
    row = next(iter(_locked(list(visible))), None)
    if row is None:
        raise NotFound(_("没有这笔多发的款项，可能不在您的辖区"), overpayment_id=overpayment_id)
    if not row.open_fen:  # type: ignore[attr-defined]  # annotated by the query
        raise StateConflict(_("这笔多发的款项已经处理完毕"), reason="overpayment.settled", overpayment_id=row.id)
    return row


def _book(actor: Actor, row: Overpayment, line: PaymentAttempt, moved: dict[AccountKind, int], memo: str) -> Entry:
    """The money moved between the accounts of the list that the line stands on."""
    assert line.batch is not None, "a monthly payment is a line of a list"
    assert line.part is not None
    return post_entry(
        actor=actor,
        area_code=line.part.area_code,
        occurred_on=clock.today(),
        source=f"{OVERPAYMENT}:{row.id}",
        memo=memo % {"number": line.batch.number, "line": line.line_number},
        lines=UnitAccounts(line.batch.fund, line.batch.area_code).lines(moved),
    )


def _line_that_paid(row: Overpayment) -> PaymentAttempt:
    """Of a payable that was wholly set off, the line that had paid what it set off."""
    lines = PaymentAttempt.objects.select_related("batch", "batch__fund", "part")
    line = lines.filter(payable=row.payable, state=AttemptState.SUCCEEDED).first()
    if line is not None:
        return line
    earlier = OverpaymentStep.objects.filter(payable=row.payable).select_related("overpayment__payable").order_by("id")
    return _line_that_paid(earlier[0].overpayment)


def _step(
    actor: Actor,
    row: Overpayment,
    kind: OverpaymentStepKind,
    fen: int,
    *,
    payable: Payable | None = None,
    reason: str = "",
) -> OverpaymentStep:
    return OverpaymentStep(
        overpayment=row,
        kind=kind,
        amount_fen=fen,
        payable=payable,
        reason=reason[:100],
        actor_name=actor.name,
        area_code=row.area_code,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
    )


def _required(reason: str) -> str:
    if not reason.strip():
        raise Invalid(_("请写明原因"), reason="payment.no_reason")
    return reason.strip()[:100]


def _audit(actor: Actor, step: OverpaymentStep) -> None:
    audit.record(
        actor=actor,
        action=f"overpayment.{step.kind}",
        subject=f"overpayment:{step.overpayment_id}",
        area_code=step.area_code,
        data={"amount_fen": step.amount_fen, "reason": step.reason},
    )
