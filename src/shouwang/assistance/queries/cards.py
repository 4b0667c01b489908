"""Cards that others hold: lines paid on an account that is not the payee's own, and the agreements on file.

A line is flagged before its list leaves when several households are paid on its account, or when the account's holder is
nobody of the payee's household; an agreement in force for that payee and account clears the flag (民发〔2021〕57号 art. 26).
The holder's own line on a shared account needs none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound
from shouwang.registry.public import Person, household_of, members_as_of

from ..models import CardAgreement, PaymentAttempt, PaymentBatch
from ..policies import ensure_may_read_payments

SHARED, OTHER_HOLDER = "shared", "other_holder"


@dataclass(frozen=True, slots=True)
class FlaggedLine:
    """A line that needs an agreement and has none."""

    attempt: PaymentAttempt
    kind: str
    home_count: int

    @property
    def words(self) -> str:
        if self.kind == SHARED:
            return _("%(count)s 户共用一个账户") % {"count": self.home_count}
        return _("户名不是领款人家里的人")


# Only lines that may need an agreement are looked at one by one: a county's list has ten thousand that do not.
_CANDIDATES = """
    with line as (
        select attempt.id, account.account_index, account.holder_name,
               coalesce(payable.household_id, payable.person_id) as subject_id, payee.name
          from assistance_paymentattempt attempt
          join assistance_payable payable on payable.id = attempt.payable_id
          join registry_bankaccount account on account.id = attempt.account_id
          left join registry_person payee on payee.id = payable.payee_id
         where attempt.batch_id = %s and attempt.state = 'open'),
    shared as (select account_index from line group by account_index having count(distinct subject_id) > 1)
    select line.id from line left join shared using (account_index)
     where shared.account_index is not null or line.holder_name is distinct from line.name
"""


def flagged_lines_for(actor: Actor, batch: PaymentBatch) -> list[FlaggedLine]:
    """The lines in scope that need an agreement and have none, by line number. Empty once the list has left."""
    ensure_may_read_payments(actor)
    if batch.bank_file_hash is not None or batch.is_history:
        return []
    lines = _candidates(actor, batch)
    payees = {line.payable.payee_id for line in lines if line.payable.payee_id}
    homes = household_of(payees, on=clock.today())
    family_names = _family_names([home for home in homes.values() if home])
    agreed = _agreed(payees)
    by_account: dict[bytes, list[PaymentAttempt]] = defaultdict(list)
    for line in lines:
        by_account[_index(line)].append(line)
    flagged: list[FlaggedLine] = []
    for index, group in by_account.items():
        home_count = len({_home(line, homes) for line in group})
        owners = {line.payable.payee_id for line in group if _is_own(line)}
        for line in group:
            if (line.payable.payee_id, index) in agreed:
                continue
            if home_count > 1 and not (_is_own(line) and len(owners) == 1):
                flagged.append(FlaggedLine(line, SHARED, home_count))
            elif not _is_own(line) and _holder(line) not in family_names.get(_home(line, homes), frozenset()):
                flagged.append(FlaggedLine(line, OTHER_HOLDER, home_count))
    return sorted(flagged, key=lambda one: one.attempt.line_number or 0)


def _candidates(actor: Actor, batch: PaymentBatch) -> list[PaymentAttempt]:
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, [batch.id])
        ids = [row[0] for row in cursor.fetchall()]
    found = PaymentAttempt.objects.filter(actor.scope.q(), id__in=ids)
    return list(found.select_related("payable__payee", "account").order_by("line_number"))


def _index(line: PaymentAttempt) -> bytes:
    assert line.account is not None  # joined by the statement
    return bytes(line.account.account_index)


def _holder(line: PaymentAttempt) -> str:
    assert line.account is not None
    return line.account.holder_name


def _is_own(line: PaymentAttempt) -> bool:
    payee = line.payable.payee
    return payee is not None and payee.name == _holder(line)


def _home(line: PaymentAttempt, homes: Mapping[UUID, UUID | None]) -> UUID | None:
    """The household that the money is for: the payable's own, else where the payee lives, else the payee alone."""
    payable = line.payable
    if payable.household_id or payable.payee_id is None:
        return payable.household_id or payable.subject_id
    return homes.get(payable.payee_id) or payable.payee_id


def _family_names(household_ids: Sequence[UUID]) -> dict[UUID | None, frozenset[str]]:
    members = members_as_of(household_ids, on=clock.today())
    person_ids = {member.person_id for family in members.values() for member in family}
    names = dict(Person.objects.filter(id__in=person_ids).values_list("id", "name"))
    return {
        household_id: frozenset(names.get(member.person_id, "") for member in family)
        for household_id, family in members.items()
    }


def _agreed(person_ids: Collection[UUID]) -> set[tuple[UUID, bytes]]:
    found = CardAgreement.objects.filter(in_force_q(clock.today()), person_id__in=person_ids)
    return {(person_id, bytes(index)) for person_id, index in found.values_list("person_id", "account_index")}


def in_force_q(on: date) -> Q:
    """The condition that an agreement holds on a day."""
    return (
        Q(valid_from__lte=on) & (Q(valid_until=None) | Q(valid_until__gte=on)) & (Q(ended_on=None) | Q(ended_on__gt=on))
    )


def list_agreements_for(actor: Actor) -> QuerySet[CardAgreement]:
    """Every agreement in scope, the latest first."""
    ensure_may_read_payments(actor)
    return CardAgreement.objects.filter(actor.scope.q()).select_related("person").order_by("-recorded_at", "-id")


def get_agreement_for(actor: Actor, agreement_id: UUID) -> CardAgreement:
    """Raises NotFound, also for another area's."""
    found = list_agreements_for(actor).filter(id=agreement_id).first()
    if found is None:
        raise NotFound(_("没有这份代管协议，可能不在您的辖区"), agreement_id=agreement_id)
    return found
