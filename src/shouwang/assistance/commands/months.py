"""结账: a unit's month is closed once, when bank file, lines and book agree to the fen, and what is open is listed."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock, money
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, StateConflict

from ..models import MonthClosing, PaymentBatch
from ..policies import ensure_may_close_month
from ..queries.months import MonthState, month_state_for


@transaction.atomic
def close_month(
    *, actor: Actor, closing_id: UUID, area_code: int, month: date, expected_open: int, note: str = ""
) -> MonthClosing:
    """Close the unit's month. `expected_open` is how many open items the officer saw; with any, `note` says what becomes
    of them. A repeat of the same id answers with the first.

    Raises NotAllowed, NotFound, Conflict (the sums differ, or the open items are not those that were seen),
    StateConflict (closed before, nothing paid, a list that has not left), Invalid (no note on open items).
    """
    ensure_may_close_month(actor, area_code)
    there = MonthClosing.objects.filter(id=closing_id, area_code=area_code, benefit_month=month).first()
    if there is not None:
        return there
    _hold_lists(area_code, month)
    state = month_state_for(actor, area_code=area_code, month=month)
    _ensure_closable(state, expected_open, note)
    try:
        with transaction.atomic():
            closing = MonthClosing.objects.create(
                id=closing_id,
                area_code=area_code,
                benefit_month=month,
                sums=[row.as_json() for row in state.rows],
                open_items=[item.as_json() for item in state.open_items],
                note=note.strip()[:200],
                recorded_at=clock.now(),
                recorded_by=actor.user_id,
                actor_name=actor.name,
            )
    except IntegrityError as error:
        raise _closed_before(state) from error
    audit.record(
        actor=actor,
        action="month.close",
        subject=f"month:{closing.id}",
        area_code=area_code,
        data={
            "month": f"{month:%Y-%m}",
            "paid_fen": sum(row.lines_paid_fen for row in state.rows),
            "open_items": len(state.open_items),
        },
    )
    return closing


def _hold_lists(area_code: int, month: date) -> None:
    """No list of the month moves, and nobody else closes it, until this is done."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"month:{area_code}:{month}"])
    batches = PaymentBatch.objects.select_for_update().filter(area_code=area_code, benefit_month=month)
    list(batches.order_by("id").values_list("id", flat=True))


def _ensure_closable(state: MonthState, expected_open: int, note: str) -> None:
    if state.closing is not None:
        raise _closed_before(state)
    if not state.rows:
        raise StateConflict(_("这个月没有送过银行的清册，不用结账"), reason="month.empty")
    if state.unsent:
        numbers = "、".join(item.reference for item in state.unsent[:5])
        raise StateConflict(
            _("还有清册没有送银行：%(numbers)s。送出并读入回盘后再结账。") % {"numbers": numbers}, reason="month.unsent"
        )
    if state.differing:
        worst = state.differing[0]
        raise Conflict(
            _("%(programme)s（%(fund)s）三方不平，不能结账：送银行 %(file)s 元，明细 %(lines)s 元，账本 %(book)s 元。")
            % {
                "programme": worst.programme_label,
                "fund": worst.fund_name,
                "file": money.yuan(worst.file_fen),
                "lines": money.yuan(worst.lines_fen),
                "book": money.yuan(worst.book_fen),
            },
            reason="month.differs",
            rows=len(state.differing),
        )
    if len(state.open_items) != expected_open:
        raise Conflict(
            _("未了事项现在是 %(now)s 项，您看到的是 %(seen)s 项。请核对后再结账。")
            % {"now": len(state.open_items), "seen": expected_open},
            reason="month.changed",
        )
    if state.open_items and not note.strip():
        raise Invalid(_("还有未了事项，请写明怎样处理"), reason="month.note_missing")


def _closed_before(state: MonthState) -> StateConflict:
    who = state.closing.actor_name if state.closing else "—"
    return StateConflict(_("这个月已由%(who)s结账") % {"who": who}, reason="month.closed")
