"""Which account a person is paid on, from a date on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel.actor import Actor
from shouwang.kernel.crypto import blind_index
from shouwang.kernel.errors import Invalid
from shouwang.kernel.ids import new_id
from shouwang.kernel.requests import ensure_same, take_turns

from ..models import BankAccount
from ..queries.as_of import account_as_of
from ..rules.values import check_account, check_name
from .writing import lock_person, refuse_future, stamp, touch


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """An account as a form gives it; `agreement` names the paper by which another holder receives the money."""

    number: str
    bank_name: str
    holder_name: str
    agreement: str = ""


@transaction.atomic
def record_bank_account(
    *,
    actor: Actor,
    person_id: UUID,
    details: AccountDetails,
    valid_from: date,
    source: str,
    expected_version: int | None = None,
    account_id: UUID | None = None,
) -> BankAccount | None:
    """The appended row, or None when the person is paid on that account already.

    An account on another name needs the agreement by which that holder receives the money. `queries.accounts` flags an
    account that several households share.
    """
    refuse_future(valid_from)
    number, holder = check_account(details.number), check_name(details.holder_name)
    index = blind_index("account", number)
    wanted = (index, holder, details.bank_name.strip(), details.agreement.strip())
    if account_id is not None:
        take_turns([account_id])
        repeated = BankAccount.objects.filter(actor.scope.q(), id=account_id).first()
        if repeated is not None:
            ensure_same((repeated.person_id, repeated.valid_from, _said(repeated)), (person_id, valid_from, wanted))
            return repeated
    person = lock_person(actor, person_id, expected_version)
    if not details.bank_name.strip():
        raise Invalid(_("请填写开户银行"), reason="account.bank_missing")
    if holder != person.name and not details.agreement.strip():
        words = {"holder": holder, "name": person.name}
        message = _("户名“%(holder)s”不是 %(name)s 本人，请填写代领协议") % words
        raise Invalid(message, reason="account.agreement_missing")
    current = account_as_of([person.id], on=valid_from).get(person.id)
    if current and _said(current) == wanted:
        return None
    account = BankAccount.objects.create(
        id=account_id or new_id(),
        person=person,
        bank_name=details.bank_name.strip(),
        holder_name=holder,
        account=number,
        account_index=index,
        account_tail=number[-4:],
        agreement=details.agreement.strip(),
        valid_from=valid_from,
        recorded_at=stamp(BankAccount.objects.filter(person=person, valid_from=valid_from)),
        recorded_by=actor.user_id,
        source=source,
        area_code=person.area_code,
    )
    touch(actor, person, "person.record_account", {"account_id": account.id, "valid_from": valid_from})
    return account


def _said(account: BankAccount) -> tuple[bytes, str, str, str]:
    return bytes(account.account_index), account.holder_name, account.bank_name, account.agreement
