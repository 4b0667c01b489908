"""代管协议: file who holds a card or is paid on an account for whom, and end it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Conflict, Invalid, NotFound, StateConflict
from shouwang.registry.public import account_as_of, check_name, get_person_for

from ..models import CardAgreement
from ..policies import ensure_may_file_agreement


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the paper says: who keeps the card, what they are to the person, its number, from when until when."""

    keeper_name: str
    keeper_relation: str
    document_number: str
    reason: str
    valid_from: date
    valid_until: date | None = None


@transaction.atomic
def file_agreement(*, actor: Actor, agreement_id: UUID, person_id: UUID, agreement: Agreement) -> CardAgreement:
    """File the agreement for the account that the person is paid on today. A repeat of the same id answers with the
    first, and with another content is refused.

    Raises NotAllowed, NotFound, Invalid (no account, a paper without its number, a period that ends before it begins).
    """
    person = get_person_for(actor, person_id)
    ensure_may_file_agreement(actor, person.area_code)
    there = CardAgreement.objects.filter(id=agreement_id).first()
    if there is not None:
        if (there.person_id, there.document_number) != (person_id, agreement.document_number.strip()):
            raise Conflict(_("这个编号已经登记了另一份协议"), reason="card.id_differs")
        return there
    account = account_as_of([person_id], on=clock.today()).get(person_id)
    if account is None:
        raise Invalid(_("%(name)s 还没有登记账号，请先登记") % {"name": person.name}, reason="card.no_account")
    _check(agreement)
    filed = CardAgreement.objects.create(
        id=agreement_id,
        person_id=person_id,
        account_index=bytes(account.account_index),
        account_tail=account.account_tail,
        keeper_name=check_name(agreement.keeper_name),
        keeper_relation=agreement.keeper_relation.strip(),
        document_number=agreement.document_number.strip(),
        reason=agreement.reason.strip(),
        valid_from=agreement.valid_from,
        valid_until=agreement.valid_until,
        area_code=person.area_code,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
        actor_name=actor.name,
    )
    _audit(actor, filed, "file")
    return filed


@transaction.atomic
def end_agreement(*, actor: Actor, agreement_id: UUID, reason: str) -> CardAgreement:
    """The card is back with its owner from today on: lines on the account are flagged again."""
    filed = CardAgreement.objects.select_for_update().filter(actor.scope.q(), id=agreement_id).first()
    if filed is None:
        raise NotFound(_("没有这份代管协议，可能不在您的辖区"), agreement_id=agreement_id)
    ensure_may_file_agreement(actor, filed.area_code)
    if filed.ended_on is not None:
        raise StateConflict(_("这份协议已经终止"), reason="card.ended")
    if not reason.strip():
        raise Invalid(_("请写明终止的原因"), reason="card.reason_missing")
    filed.ended_on, filed.ended_reason, filed.ended_by = clock.today(), reason.strip()[:200], actor.user_id
    filed.save(update_fields=["ended_on", "ended_reason", "ended_by"])
    _audit(actor, filed, "end")
    return filed


def _check(agreement: Agreement) -> None:
    if not all(text.strip() for text in (agreement.keeper_relation, agreement.document_number, agreement.reason)):
        raise Invalid(_("请写明代管人与本人的关系、协议编号和原因"), reason="card.incomplete")
    if agreement.valid_until is not None and agreement.valid_until < agreement.valid_from:
        raise Invalid(_("协议的结束日期早于开始日期"), reason="card.period")


def _audit(actor: Actor, filed: CardAgreement, verb: str) -> None:
    audit.record(
        actor=actor,
        action=f"card_agreement.{verb}",
        subject=f"card_agreement:{filed.id}",
        area_code=filed.area_code,
        data={"person_id": str(filed.person_id), "account_tail": filed.account_tail, "number": filed.document_number},
    )
