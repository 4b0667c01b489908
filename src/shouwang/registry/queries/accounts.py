"""The accounts a person was and is paid on, and accounts that several households share: lawful now and then, and always
worth a look."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from shouwang.kernel import clock
from shouwang.kernel.actor import Actor

from ..models import BankAccount
from .as_of import account_as_of, household_of
from .duplicates import merged_into


def shared_accounts(actor: Actor, person_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """For each person whose account is also that of persons of other households: those other persons, today."""
    today = clock.today()
    own = account_as_of(person_ids, on=today)
    indexes = {bytes(account.account_index) for account in own.values()}
    users = BankAccount.objects.filter(actor.scope.q(), account_index__in=indexes).values_list("person_id", flat=True)
    every = account_as_of(set(users) | set(own), on=today)
    homes = household_of(every, on=today)
    shared: dict[UUID, list[UUID]] = {}
    for person_id, account in own.items():
        others = [
            other_id
            for other_id, other in every.items()
            if other_id != person_id
            and bytes(other.account_index) == bytes(account.account_index)
            and (homes.get(other_id) is None or homes.get(other_id) != homes.get(person_id))
        ]
        if others:
            shared[person_id] = sorted(others)
    return shared


def accounts_of(actor: Actor, person_id: UUID) -> list[BankAccount]:
    """Every account ever recorded for the person and the records merged into them, the latest first."""
    person_ids = [person_id, *merged_into([person_id])[person_id]]
    accounts = BankAccount.objects.filter(actor.scope.q(), person_id__in=person_ids).defer("account")
    return list(accounts.order_by("-valid_from", "-recorded_at", "-id"))
