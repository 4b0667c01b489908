"""Everything ever recorded about a person or a household, on both axes: from when it holds, and when it was recorded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.accounts.public import User
from shouwang.areas.public import full_names
from shouwang.kernel.actor import Actor

from ..models import BankAccount, Fact, HouseholdFact, Membership, PersonFact
from ..rules.values import FactValue
from ..states import AMOUNT_KINDS, HouseholdFactKind, Relation
from ..wording import kind_words, value_words
from .duplicates import merged_into


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One recorded row. `fact_id` is set when the row is a person's fact that may be corrected."""

    row_id: UUID
    recorded_at: datetime
    valid_from: date
    what: str
    value: str
    who: str
    source: str
    fact_id: UUID | None = None


def person_history(actor: Actor, person_id: UUID) -> list[HistoryLine]:
    """Facts, memberships and accounts of the person and of the records merged into them, newest record first."""
    person_ids = [person_id, *merged_into([person_id])[person_id]]
    scope = actor.scope.q()
    facts = list(PersonFact.objects.filter(scope, person_id__in=person_ids))
    places = list(Membership.objects.filter(scope, person_id__in=person_ids).select_related("household"))
    accounts = list(BankAccount.objects.filter(scope, person_id__in=person_ids))
    names = _names([*facts, *places, *accounts])
    lines = [_line(row, kind_words(row.kind), value_words(row.kind, _value(row)), names, row.id) for row in facts]
    for place in places:
        lines.append(_line(place, _("家庭"), _place_words(place), names))
    for account in accounts:
        said = f"{account.bank_name} ****{account.account_tail} {account.holder_name}"
        lines.append(_line(account, _("银行账号"), said, names))
    return _newest_first(lines)


def household_history(actor: Actor, household_id: UUID) -> list[HistoryLine]:
    """Facts of the household, every membership that named it and every one by which a member left it, newest record
    first."""
    scope = actor.scope.q()
    facts = list(HouseholdFact.objects.filter(scope, household_id=household_id))
    places = _comings_and_goings(actor, household_id)
    names = _names([*facts, *places])
    residences = [int(row.code) for row in facts if row.kind == HouseholdFactKind.RESIDENCE and row.code]
    areas = full_names(residences)
    lines = [_line(row, kind_words(row.kind), value_words(row.kind, _value(row), areas), names) for row in facts]
    for place in places:
        said = Relation(place.relation).label if place.household_id == household_id else _("离开这一户")
        lines.append(_line(place, _("成员"), f"{place.person.name} {said}", names))
    return _newest_first(lines)


def _comings_and_goings(actor: Actor, household_id: UUID) -> list[Membership]:
    ever = Membership.objects.filter(actor.scope.q(), household_id=household_id).values("person_id")
    rows = (
        Membership.objects.filter(actor.scope.q(), person_id__in=ever)
        .order_by("person_id", "valid_from", "recorded_at")
        .select_related("person")
    )
    kept: list[Membership] = []
    before: Membership | None = None
    for row in rows:
        left = before is not None and (before.person_id, before.household_id) == (row.person_id, household_id)
        if household_id == row.household_id or left:
            kept.append(row)
        before = row
    return kept


def _place_words(place: Membership) -> str:
    if place.household_id is None:
        return _("不在任何家庭")
    # The household may have been handed over to another county since: its row is no longer ours to see.
    number = place.household.number if place.household else _("已移交外地的一户")
    return f"{number} {Relation(place.relation).label}"


def _value(row: PersonFact | HouseholdFact) -> FactValue | None:
    return row.amount if row.kind in AMOUNT_KINDS else row.code


def _line(row: Fact, what: str, value: str, names: dict[UUID, str], fact_id: UUID | None = None) -> HistoryLine:
    who = names.get(row.recorded_by, "") if row.recorded_by else ""
    return HistoryLine(row.id, row.recorded_at, row.valid_from, what, value, who, row.source, fact_id)


def _names(rows: Iterable[Fact]) -> dict[UUID, str]:
    return dict(
        User.objects.filter(id__in={row.recorded_by for row in rows if row.recorded_by}).values_list("id", "name")
    )


def _newest_first(lines: list[HistoryLine]) -> list[HistoryLine]:
    """Rows of one command share the instant: their ids keep the order in which they were written."""
    return sorted(lines, key=lambda line: (line.recorded_at, line.row_id), reverse=True)
