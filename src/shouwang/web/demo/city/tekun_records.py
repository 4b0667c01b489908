"""Tekun drafts written down: households, grants to persons with their months, payments with the bank's answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from .calendar import FEBRUARY, JANUARY, MARCH, month_after
from .people import account_of
from .seeds import AttemptSeed, DeathSeed, DemoCity, GrantSeed, HouseholdSeed, MonthlyAmount, PaymentSeed
from .setting import Setting, returned, succeeded
from .tekun import Draft, Home

NEW_ACCOUNT_ON = date(2020, 1, 20)
_CLOSED = "账户已销户"


def write_tekun(setting: Setting, city: DemoCity, homes: Sequence[Home]) -> None:
    batches = [batch for batch in city.batches if batch.programme == "tekun"]
    sent_on = {(batch.reporting_unit, batch.benefit_month): batch.sent_on for batch in batches}
    ordinary = {key: (succeeded(on),) for key, on in sent_on.items()}
    for home in homes:
        city.households.append(_household(home))
        for draft in home.drafts:
            if draft.died_on is not None:
                known_on = draft.died_on + timedelta(days=3)
                city.deaths.append(DeathSeed(draft.person.key, home.household_key, draft.died_on, known_on))
            grant = _grant(setting, home, draft)
            city.tekun_grants.append(grant)
            for amount in grant.months:
                if amount.month == MARCH:
                    continue
                attempts: tuple[AttemptSeed, ...] = ordinary[home.unit, amount.month]
                if draft.story == "january_reissued" and amount.month == JANUARY:
                    attempts = (returned(sent_on[home.unit, JANUARY], _CLOSED), succeeded(sent_on[home.unit, FEBRUARY]))
                city.payments.append(
                    PaymentSeed(
                        "tekun",
                        amount.month,
                        grant.key,
                        home.household_key,
                        home.village.code,
                        home.unit,
                        amount.base_fen,
                        amount.supplement_fen,
                        amount.person_keys,
                        attempts,
                    )
                )


def _household(home: Home) -> HouseholdSeed:
    accounts = [account_of(draft.person, valid_from=home.registered_on) for draft in home.drafts]
    if home.drafts[0].story == "january_reissued":
        accounts.append(account_of(home.drafts[0].person, valid_from=NEW_ACCOUNT_ON, turn=1))
    return HouseholdSeed(
        home.household_key,
        home.village.code,
        home.village.township,
        home.unit,
        home.village.code,
        home.is_urban,
        home.registered_on,
        home.drafts[0].person.key,
        tuple(draft.person for draft in home.drafts),
        (),
        tuple(accounts),
    )


def _grant(setting: Setting, home: Home, draft: Draft) -> GrantSeed:
    base, care = draft.basic * 100, draft.care[draft.score] * 100
    months = tuple(MonthlyAmount(month, base, care, (draft.person.key,)) for month in draft.months())
    return GrantSeed(
        next(setting.grant_keys),
        "tekun",
        home.household_key,
        draft.person.key,
        home.village.code,
        home.unit,
        draft.starts_on,
        None if draft.died_on is None else month_after(months[-1].month),
        draft.steps,
        months,
    )
