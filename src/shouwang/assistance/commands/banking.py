"""代发银行: record in which form a paying unit's bank takes its lists, and from which account they are paid."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.areas.public import get_area
from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid
from shouwang.ledger.public import get_fund_for
from shouwang.registry.public import check_account

from ..bank_files import profile_of
from ..models import BankArrangement
from ..policies import ensure_may_arrange_bank
from ..queries.places import paying_units

_BANK_CODE_DIGITS = 12


@dataclass(frozen=True, slots=True)
class ArrangedBank:
    """`profile` is a key of `bank_files.PROFILES`; `fund_id` None: for every fund without one of its own."""

    area_code: int
    profile: str
    fund_id: UUID | None = None
    payer_name: str = ""
    payer_account: str = ""
    payer_bank: str = ""
    payer_bank_code: str = ""


@transaction.atomic
def arrange_bank(*, actor: Actor, arrangement_id: UUID, arranged: ArrangedBank) -> BankArrangement:
    """The latest arrangement of a unit holds from now on; lists that have left keep theirs. A repeat of the same id
    answers with the first. Raises NotAllowed, NotFound, Invalid."""
    ensure_may_arrange_bank(actor, arranged.area_code)
    there = BankArrangement.objects.filter(id=arrangement_id).first()
    if there is not None:
        return there
    account = check_account(arranged.payer_account) if arranged.payer_account.strip() else ""
    _check(actor, arranged)
    made = BankArrangement.objects.create(
        id=arrangement_id,
        area_code=arranged.area_code,
        fund_id=arranged.fund_id,
        profile=arranged.profile,
        payer_name=arranged.payer_name.strip(),
        payer_account=account or None,
        payer_account_tail=account[-4:],
        payer_bank=arranged.payer_bank.strip(),
        payer_bank_code=arranged.payer_bank_code.strip(),
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
        actor_name=actor.name,
    )
    audit.record(
        actor=actor,
        action="bank.arrange",
        subject=f"bank_arrangement:{made.id}",
        area_code=made.area_code,
        data={"profile": made.profile, "fund_id": str(made.fund_id or ""), "account_tail": made.payer_account_tail},
    )
    return made


def _check(actor: Actor, arranged: ArrangedBank) -> None:
    profile = profile_of(arranged.profile)
    units = {unit.code for unit in paying_units(arranged.area_code)}
    if arranged.area_code not in units:
        name = get_area(arranged.area_code).name
        raise Invalid(_("%(name)s 不是发放单位，请选择县区或功能区") % {"name": name}, reason="bank.not_a_unit")
    if arranged.fund_id is not None:
        get_fund_for(actor, arranged.fund_id)
    said = (arranged.payer_name.strip(), arranged.payer_account.strip(), arranged.payer_bank.strip())
    if any(said) != all(said):
        raise Invalid(_("付款户名、付款账号、开户行要一起填写"), reason="bank.payer_incomplete")
    if profile.needs_payer and not all(said):
        raise Invalid(_("“%(profile)s”要写明付款账户") % {"profile": profile.label}, reason="bank.payer_missing")
    code = arranged.payer_bank_code.strip()
    if code and not (len(code) == _BANK_CODE_DIGITS and code.isascii() and code.isdigit()):
        raise Invalid(_("联行号是 12 位数字"), reason="bank.code")
