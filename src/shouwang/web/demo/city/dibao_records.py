"""Dibao drafts written down: households and incomes, grants and months, payments and what the bank answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from .calendar import DECEMBER, FEBRUARY, JANUARY, MARCH, OPENING, month_after
from .dibao import Draft, earner
from .people import account_of
from .seeds import (
    AccountSeed,
    AttemptSeed,
    BirthSeed,
    DeathSeed,
    DemoCity,
    GrantSeed,
    HouseholdSeed,
    IncomeKind,
    IncomeSeed,
    MonthlyAmount,
    MoveSeed,
    PaymentSeed,
    PersonSeed,
)
from .setting import Setting, returned, succeeded

HISTORY_UNIT = 370705000000000
"""The unit whose payments of December 2019 are known too: rows outside the published period."""
DECEMBER_PAID_ON = date(2019, 12, 10)

_NEW_ACCOUNT_ON = {
    "january_reissued": date(2020, 1, 20),
    "february_open": date(2020, 3, 5),
    "february_late": date(2020, 3, 5),
}
_FROZEN, _CLOSED, _MISMATCH = "账户冻结", "账户已销户", "户名不符"

SentOn = dict[tuple[int, date], date]


def write_dibao(setting: Setting, city: DemoCity, drafts: Sequence[Draft]) -> None:
    rng = setting.rng("dibao-records")
    batches = [batch for batch in city.batches if batch.programme == "dibao"]
    sent_on: SentOn = {(batch.reporting_unit, batch.benefit_month): batch.sent_on for batch in batches}
    ordinary = {key: (succeeded(on),) for key, on in sent_on.items()}
    for draft in drafts:
        city.households.append(_household(rng, draft))
        _write_events(city, rng, draft)
        grant = _grant(setting, draft)
        city.dibao_grants.append(grant)
        for amount in grant.months:
            if amount.month == MARCH:
                continue
            key = (draft.unit, amount.month)
            attempts = _told_attempts(draft.story, draft.unit, amount.month, sent_on) or ordinary[key]
            city.payments.append(_payment(grant, amount, attempts))
        december = _december(draft) if draft.unit == HISTORY_UNIT else None
        if december is not None:
            city.earlier_payments.append(_payment(grant, december, (succeeded(DECEMBER_PAID_ON),)))


def _told_attempts(story: str, unit: int, month: date, sent_on: SentOn) -> tuple[AttemptSeed, ...] | None:
    """The bank's answers where they were not simply yes."""
    first_on = sent_on[unit, month]
    if story == "january_reissued" and month == JANUARY:
        return (returned(first_on, _CLOSED), succeeded(sent_on[unit, FEBRUARY]))
    if month == FEBRUARY:
        if story == "february_open":
            return (returned(first_on, _FROZEN),)
        if story == "february_late":
            return (returned(first_on, _FROZEN), succeeded(OPENING))
        if story == "failed":
            return (returned(first_on, _MISMATCH),)
    return None


def _household(rng: Random, draft: Draft) -> HouseholdSeed:
    head = draft.members[0]
    accounts: tuple[AccountSeed, ...] = (account_of(head, valid_from=draft.registered_on),)
    if draft.story in _NEW_ACCOUNT_ON:
        accounts += (account_of(head, valid_from=_NEW_ACCOUNT_ON[draft.story], turn=1),)
    return HouseholdSeed(
        draft.household_key,
        draft.village.code,
        draft.village.township,
        draft.unit,
        draft.village.code,
        draft.is_urban,
        draft.registered_on,
        head.key,
        draft.members,
        _incomes(rng, draft),
        accounts,
    )


def _incomes(rng: Random, draft: Draft) -> tuple[IncomeSeed, ...]:
    """The household's income by person and kind; who dies and who is born earns nothing."""
    since = max(draft.registered_on, date(2019, 1, 15) + timedelta(days=int(rng.random() * 300)))
    if draft.steps is not None:
        since = draft.registered_on
    stayers = [person for person in draft.members if person is not draft.leaver and person is not draft.newborn]
    payers: list[PersonSeed] = stayers or list(draft.members)
    worker = earner(payers)
    payee = worker or payers[0]
    rows = []
    if draft.income:
        rest = draft.income // 5 if draft.income >= 200 and rng.random() < 0.35 else 0
        kind: IncomeKind = "transfer"
        if worker is not None:
            kind = "wage" if rng.random() < 0.6 or draft.story == "income_rise" else "business"
        rows.append(IncomeSeed(payee.key, kind, (draft.income - rest) * 100, since, since))
        if rest:
            rows.append(IncomeSeed(payers[-1].key, "property", rest * 100, since, since))
    else:
        rows.append(IncomeSeed(payee.key, "transfer", 0, since, since))  # asked for, and found to be none
    if draft.story == "income_rise" and worker is not None:
        found_work_on = date(2020, 2, 3) + timedelta(days=int(rng.random() * 22))
        wage = draft.standard * len(draft.members) + 10 * int(1 + rng.random() * 60)
        rows.append(IncomeSeed(worker.key, "wage", wage * 100, found_work_on, found_work_on + timedelta(days=3)))
    return tuple(rows)


def _write_events(city: DemoCity, rng: Random, draft: Draft) -> None:
    if draft.leaver is not None and draft.left_on is not None:
        known_on = draft.left_on + timedelta(days=3)
        city.deaths.append(DeathSeed(draft.leaver.key, draft.household_key, draft.left_on, known_on))
    if draft.newborn is not None:
        born_on = draft.newborn.birth_on
        known_on = born_on + timedelta(days=2)
        city.births.append(BirthSeed(draft.newborn.key, draft.household_key, born_on, known_on))
    if draft.destination is not None:
        moved_on = date(2020, 2, 4) + timedelta(days=int(rng.random() * 20))
        known_on = moved_on + timedelta(days=2)
        city.moves.append(MoveSeed(draft.household_key, *draft.destination, moved_on, known_on))


def _grant(setting: Setting, draft: Draft) -> GrantSeed:
    months = []
    for month in (JANUARY, FEBRUARY):
        people = draft.covered(month)
        if people:
            months.append(_amount(draft, month, people, draft.base(len(people))))
    march = _march(setting, draft, months[-1] if months else None)
    if march is not None:
        months.append(march)
    lasts = draft.covered(MARCH)
    return GrantSeed(
        next(setting.grant_keys),
        "dibao",
        draft.household_key,
        None,
        draft.village.code,
        draft.unit,
        draft.starts_on,
        None if lasts else month_after(months[-1].month),
        draft.steps,
        tuple(months),
    )


def _amount(draft: Draft, month: date, people: Sequence[PersonSeed], base_yuan: int) -> MonthlyAmount:
    return MonthlyAmount(
        month, base_yuan * 100, draft.supplement(month, people) * 100, tuple(person.key for person in people)
    )


def _march(setting: Setting, draft: Draft, before: MonthlyAmount | None) -> MonthlyAmount | None:
    """What March owes: the rule's amount, but while exits are paused not less than February's, unless somebody died."""
    people = draft.covered(MARCH)
    if not people:
        return None
    standard = draft.standard
    if draft.destination is not None:
        standard = setting.standards.dibao(draft.destination.reporting_unit, draft.is_urban)
    gap = 0 if draft.story == "income_rise" else max(standard * len(people) - draft.income, 0)
    after = _amount(draft, MARCH, people, gap)
    if not gap:
        after = after._replace(supplement_fen=0)
    if before is None or draft.story == "death_february":
        return after
    is_less = after.base_fen + after.supplement_fen < before.base_fen + before.supplement_fen
    return before._replace(month=MARCH, person_keys=after.person_keys) if is_less else after


def _december(draft: Draft) -> MonthlyAmount | None:
    """December 2019 by the same rule; None when nothing was due."""
    people = [person for person in draft.covered(DECEMBER) if person.joined_on <= DECEMBER]
    gap = draft.base(len(people))
    return _amount(draft, DECEMBER, people, gap) if gap else None


def _payment(grant: GrantSeed, amount: MonthlyAmount, attempts: tuple[AttemptSeed, ...]) -> PaymentSeed:
    return PaymentSeed(
        grant.programme,
        amount.month,
        grant.key,
        grant.household_key,
        grant.area_code,
        grant.reporting_unit,
        amount.base_fen,
        amount.supplement_fen,
        amount.person_keys,
        attempts,
    )
