"""Second tries: lines that came back, once their account is corrected, and payables that had no account.

Guarantees: a line goes out again only to another account than the one that refused it; what came back and what was never
sent stand on lists of their own, for their money lies on different accounts; both lists take the whole chain again.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict
from shouwang.kernel.scope import spans_q

from ..models import Payable, PaymentBatch
from ..policies import ensure_may_run
from ..queries.places import paying_units
from ..queries.problems import accounts_today, unsettled_payables
from ..rules.monthly import month_of
from ..rules.places import PayingUnits
from .lists import REISSUE, SUPPLEMENT, ListLine, write_lists
from .overpayments import offset_before_listing
from .staging import lock_months


@transaction.atomic
def reissue_lines(*, actor: Actor, programme: str, benefit_month: date, area_code: int) -> list[PaymentBatch]:
    """Draft lists of what can be tried again in the area, less what was overpaid before to the same subjects: none, when
    that takes everything. Raises Conflict when nothing can be tried."""
    ensure_may_run(actor, area_code)
    month = month_of(benefit_month)
    lock_months([(programme, month.isoformat())])
    units = paying_units(area_code)
    waiting = list(
        unsettled_payables(programme=programme, month=month)
        .filter(spans_q(PayingUnits(units).spans))
        .order_by("area_code", "id")
    )
    accounts = accounts_today(waiting)
    ready = [payable for payable in waiting if _is_ready(payable, accounts)]
    if not ready:
        raise Conflict(
            _("没有可以重新发放的：%(count)s 笔还在等待登记新的账号") % {"count": len(waiting)},
            reason="reissue.nothing",
            waiting_count=len(waiting),
        )
    offsets = offset_before_listing(
        actor=actor, programme=programme, units=units, waiting=[(payable, _owed(payable)) for payable in ready]
    )
    batches: list[PaymentBatch] = []
    for kind, was_returned in ((REISSUE, True), (SUPPLEMENT, False)):
        lines = [
            ListLine(payable.id, payable.area_code, fen, accounts[payable.id])
            for payable in ready
            if _was_returned(payable) is was_returned and (fen := _owed(payable) - offsets.get(payable.id, 0))
        ]
        written = write_lists(
            actor=actor, programme=programme, benefit_month=month, units=units, lines=lines, kind=kind
        )
        batches.extend(one.batch for one in written)
    audit.record(
        actor=actor,
        action="payment.reissue",
        subject=f"payables:{programme}:{month:%Y-%m}",
        area_code=area_code,
        data={"lines": len(ready), "waiting": len(waiting) - len(ready), "batches": [b.number for b in batches]},
    )
    return batches


def _owed(payable: Payable) -> int:
    return int(payable.owed_fen)  # type: ignore[attr-defined]  # annotated by unsettled_payables


def _was_returned(payable: Payable) -> bool:
    return bool(payable.was_returned)  # type: ignore[attr-defined]  # annotated by unsettled_payables


def _is_ready(payable: Payable, accounts: dict[UUID, UUID]) -> bool:
    account_id = accounts.get(payable.id)
    refused_by = payable.last_account_id  # type: ignore[attr-defined]  # annotated by unsettled_payables
    return account_id is not None and account_id != refused_by
