"""Funds and accounts."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, NotFound
from shouwang.kernel.scope import current_scope

from ..errors import EntryInvalid
from ..models import Account, Fund
from ..policies import ensure_may_write_by_hand
from ..programmes import check_programmes
from ..rules import FundRules
from ..states import CNY, AccountKind, FundLevel


@transaction.atomic
def create_fund(
    *, actor: Actor, code: str, name: str, level: str, purpose: str, rules: Mapping[str, object], area_code: int
) -> Fund:
    """Open a fund. The same code with the same content gives the fund that is there; with another it is a Conflict."""
    ensure_may_write_by_hand(actor, area_code)
    if level not in FundLevel.values:
        raise EntryInvalid(_("资金层级“%(level)s”不存在") % {"level": level}, reason="ledger.fund_level")
    fund_rules = FundRules.from_json(rules)
    check_programmes(fund_rules.programmes)
    content = {
        "name": name.strip(),
        "level": level,
        "purpose": purpose.strip(),
        "rules": fund_rules.as_json(),
        "area_code": area_code,
    }
    try:
        with transaction.atomic():
            fund = Fund.objects.create(code=code.strip(), recorded_at=clock.now(), **content)
    except IntegrityError:
        existing = Fund.objects.get(code=code.strip())
        if any(getattr(existing, field) != value for field, value in content.items()):
            raise Conflict(
                _("资金编号 %(code)s 已经用于“%(name)s”，请换一个编号") % {"code": code, "name": existing.name},
                reason="ledger.fund_code_taken",
            ) from None
        return existing
    audit.record(
        actor=actor,
        action="ledger.create_fund",
        subject=f"fund:{fund.id}",
        area_code=area_code,
        data={"code": fund.code},
    )
    return fund


def accounts_of_unit(*, fund_id: UUID, area_code: int, unit: str = CNY) -> dict[AccountKind, UUID]:
    """The accounts of one fund and area that are open and in scope, by their kind."""
    rows = Account.objects.filter(fund_id=fund_id, area_code=area_code, unit_id=unit)
    return {AccountKind(kind): account_id for kind, account_id in rows.values_list("kind", "id")}


def ensure_account(*, kind: str, fund_id: UUID, area_code: int, name: str, unit: str = CNY) -> Account:
    """The account of this kind, fund, unit and area, opened when it is not there; `name` is for a new one only.

    Raises NotFound when the area is outside the connection's scope.
    """
    if not current_scope().contains(area_code):
        raise NotFound(_("没有这个区划，或者不在您的管辖范围"), area_code=area_code)
    account, _created = Account.objects.get_or_create(
        kind=AccountKind(kind),
        unit_id=unit,
        fund_id=fund_id,
        area_code=area_code,
        defaults={"name": name, "recorded_at": clock.now()},
    )
    return account
