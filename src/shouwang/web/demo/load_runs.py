"""January's and February's lists of dibao and tekun: run by the city for every unit at once, then handed along each
unit's chain, paid or sent back, issued again.

What the bank sent back in January went out again with February's list, to the new account. What it sent back in February
stands at three points on the opening morning: on its way a second time, ready to be sent, waiting for an account.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from functools import partial
from uuid import UUID

from shouwang.accounts.public import Role
from shouwang.assistance.public import reissue_lines, run_month

from .chain import Chain, Drafted, Refused
from .city.calendar import FEBRUARY, JANUARY, OPENING
from .city.seeds import BatchSeed, PaymentSeed
from .diary import Diary, moment
from .town import Town

RUNS, LISTS = "每月清册", "清册流转"

_LATE_ON, _LATE_SENT_ON = date(2020, 3, 16), date(2020, 3, 17)
"""February's second lists: drafted and approved, then sent on the eve of the opening, so that nothing is answered yet."""

RefusedBySubject = dict[UUID, Refused]
Listed = dict[tuple[str, date, int], list[UUID]]
"""The lists that a month's run made, by programme, month and unit."""


def write_runs(town: Town, diary: Diary) -> None:
    payments: defaultdict[tuple[str, date, int], list[PaymentSeed]] = defaultdict(list)
    for payment in town.city.payments:
        payments[payment.programme, payment.benefit_month, payment.reporting_unit].append(payment)
    batches = {(seed.programme, seed.benefit_month, seed.reporting_unit): seed for seed in town.city.batches}
    listed = _write_city_runs(town, diary)
    for key, seed in batches.items():
        mine = payments[key]
        if not mine:
            continue
        _write_list(town, diary, seed, mine, listed)
        again = [payment for payment in mine if len(payment.attempts) > 1]
        if again and seed.benefit_month == JANUARY:
            _write_second_list(town, diary, seed, batches[seed.programme, FEBRUARY, seed.reporting_unit])
        elif again:
            _write_late_list(town, diary, seed)


def _write_city_runs(town: Town, diary: Diary) -> Listed:
    """A run of each programme's month for the whole city, on the day on which its lists are drawn up."""
    listed: Listed = defaultdict(list)
    listed_on = {(seed.programme, seed.benefit_month): seed.listed_on for seed in town.city.batches}
    sizes = Counter((payment.programme, payment.benefit_month) for payment in town.city.payments)
    for (programme, month), day in listed_on.items():
        if sizes[programme, month]:
            act = partial(_run, town, programme, month, listed)
            diary.write(moment(day, 10), RUNS, act, size=sizes[programme, month])
    return listed


def _write_list(town: Town, diary: Diary, seed: BatchSeed, payments: Sequence[PaymentSeed], listed: Listed) -> None:
    drafted = Drafted(town, seed.reporting_unit)
    key = (seed.programme, seed.benefit_month, seed.reporting_unit)
    diary.write(moment(seed.listed_on, 10, 30), LISTS, partial(drafted.draft, lambda: listed[key]))
    _write_steps(diary, drafted, seed)
    back_on = sorted({attempt.settled_on for p in payments if (attempt := p.attempts[0]).outcome == "returned"})
    _write_answers(town, diary, drafted, seed.sent_on, back_on, payments)


def _write_second_list(town: Town, diary: Diary, first: BatchSeed, along: BatchSeed) -> None:
    """What January's list brought back, on the days of February's."""
    drafted = Drafted(town, first.reporting_unit)
    make = partial(_reissue, town, first)
    diary.write(moment(along.listed_on, 11), LISTS, partial(drafted.draft, make))
    _write_steps(diary, drafted, along)
    _write_answers(town, diary, drafted, along.sent_on, [], [])


def _write_late_list(town: Town, diary: Diary, first: BatchSeed) -> None:
    drafted = Drafted(town, first.reporting_unit)
    make = partial(_reissue, town, first)
    diary.write(moment(_LATE_ON, 10), LISTS, partial(drafted.draft, make))
    diary.write(moment(_LATE_ON, 11), LISTS, partial(drafted.each, Chain.confirm))
    diary.write(moment(_LATE_ON, 16), LISTS, partial(drafted.each, Chain.approve))
    diary.write(moment(_LATE_SENT_ON, 10), LISTS, partial(drafted.each, Chain.approve_funds))
    diary.write(moment(_LATE_SENT_ON, 16), LISTS, partial(drafted.each, Chain.send))


def _write_steps(diary: Diary, drafted: Drafted, seed: BatchSeed) -> None:
    diary.write(moment(seed.listed_on, 14), LISTS, partial(drafted.each, Chain.confirm))
    diary.write(moment(seed.county_on, 15), LISTS, partial(drafted.each, Chain.approve))
    diary.write(moment(seed.finance_on, 10), LISTS, partial(drafted.each, Chain.approve_funds))
    diary.write(moment(seed.sent_on, 9), LISTS, partial(drafted.each, Chain.send))


def _write_answers(
    town: Town,
    diary: Diary,
    drafted: Drafted,
    sent_on: date,
    back_on: Sequence[date],
    payments: Sequence[PaymentSeed],
) -> None:
    """The bank credits on the day it is sent the list and sends back what it cannot credit on later days."""
    refused: RefusedBySubject = {}
    for day in dict.fromkeys([sent_on, *back_on]):
        act = partial(_receive, town, drafted, day, payments, refused)
        diary.write(moment(day, 17), LISTS, act)
    last = max([sent_on, *back_on])
    assert last < OPENING
    diary.write(moment(last, 17, 30), LISTS, partial(drafted.each, Chain.reconcile))


def _receive(
    town: Town, drafted: Drafted, day: date, payments: Sequence[PaymentSeed], refused: RefusedBySubject
) -> None:
    """Subjects have their ids by now; the first answer collects whom the bank refuses."""
    if not refused:
        for payment in payments:
            attempt = payment.attempts[0]
            if attempt.outcome == "returned":
                refused[_subject(town, payment)] = Refused(attempt.settled_on, attempt.reason)
    drafted.each(lambda chain: chain.receive(day, refused))


def _subject(town: Town, payment: PaymentSeed) -> UUID:
    if payment.programme == "tekun":
        (person_key,) = payment.person_keys
        return town.person_ids[person_key]
    return town.household_ids[payment.household_key]


def _run(town: Town, programme: str, month: date, listed: Listed) -> None:
    with town.acting(Role.CITY_OFFICER, town.city_code, 3) as actor:
        result = run_month(actor=actor, programme=programme, benefit_month=month, area_code=town.city_code)
    for batch in result.batches:
        listed[programme, month, batch.area_code].append(batch.id)


def _reissue(town: Town, seed: BatchSeed) -> list[UUID]:
    with town.acting(Role.COUNTY_OFFICER, seed.reporting_unit) as actor:
        batches = reissue_lines(
            actor=actor, programme=seed.programme, benefit_month=seed.benefit_month, area_code=seed.reporting_unit
        )
    return [batch.id for batch in batches]
