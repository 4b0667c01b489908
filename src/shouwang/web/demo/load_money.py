"""Money of the demo: funds and what arrived on them, and payments made before an area went live (the second door)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import groupby
from uuid import UUID

from shouwang.accounts.public import Role
from shouwang.assistance.public import PaidBefore, Programme, record_history, set_go_live
from shouwang.kernel import clock
from shouwang.kernel.ids import new_id
from shouwang.ledger.public import FundLevel, create_fund, record_funds_received

from .city.calendar import FEBRUARY, JANUARY, MARCH, OPENING
from .city.seeds import PaymentSeed, PriceSubsidySeed
from .diary import Diary, moment
from .load_places import register_county_list
from .town import BEGIN, Town

OPENED, FUNDS, HISTORY = "开立资金", "资金", "历史发放"

MONTHLY_FUND, RELIEF_FUND = "JZ", "LS"
_ROUND_FEN = 10_000_00
_RECEIVED_ON = {JANUARY: date(2020, 1, 2), FEBRUARY: date(2020, 2, 3), MARCH: date(2020, 3, 2)}
_MONTHLY_LIVE_ON, _PRICE_LIVE_ON = JANUARY, OPENING
_EARLIER_LISTED_ON = date(2019, 12, 31)


def fund_code(unit: int, fund: str) -> str:
    return f"{unit // 10**9}-{fund}-2020"


def write_funds(town: Town, first: Diary, lists: Diary) -> None:
    """Two funds a unit from the first day, and every month as much as its lists will need."""
    needed: defaultdict[tuple[int, date], int] = defaultdict(int)
    for payment in town.city.payments:
        needed[payment.reporting_unit, payment.benefit_month] += payment.amount_fen
    relief: defaultdict[int, int] = defaultdict(int)
    for case in town.city.reliefs:
        relief[case.reporting_unit] += case.amount_fen
    for movement in town.city.petty_reserve:
        if movement.kind != "payment":
            relief[movement.reporting_unit] += movement.amount_fen
    for unit in town.units:
        first.write(moment(BEGIN, 7, 30), OPENED, partial(_open_funds, town, unit))
        received = {
            JANUARY: needed[unit, JANUARY],
            FEBRUARY: needed[unit, FEBRUARY],
            MARCH: needed[unit, FEBRUARY] * 5 // 4,
        }
        for month, fen in received.items():
            memo = f"{month:%Y年%-m月}困难群众救助补助资金（演示）"
            act = partial(_receive, town, unit, MONTHLY_FUND, _rounded(fen), memo)
            lists.write(moment(_RECEIVED_ON[month], 8, 10), FUNDS, act)
        memo = "2020年临时救助资金（演示）"
        act = partial(_receive, town, unit, RELIEF_FUND, _rounded(relief[unit] * 3 // 2), memo)
        first.write(moment(BEGIN, 7, 40), OPENED, act)


def _rounded(fen: int) -> int:
    """Up to whole 万元, at least one."""
    return max(-(-fen // _ROUND_FEN), 1) * _ROUND_FEN


def _open_funds(town: Town, unit: int) -> None:
    name = town.unit_names[unit]
    monthly = tuple(programme for programme in Programme if programme != Programme.TEMPORARY_RELIEF)
    rows = (
        (MONTHLY_FUND, "困难群众救助补助资金", FundLevel.CENTRAL, monthly),
        (RELIEF_FUND, "临时救助资金", FundLevel.COUNTY, (Programme.TEMPORARY_RELIEF,)),
    )
    with town.acting(Role.FINANCE, unit) as actor:
        for fund, label, level, programmes in rows:
            created = create_fund(
                actor=actor,
                code=fund_code(unit, fund),
                name=f"{name}{label}",
                level=level,
                purpose=f"{label}，专款专用（演示）",
                rules={"programmes": [str(programme) for programme in programmes], "single_limit_fen": None},
                area_code=unit,
            )
            town.fund_ids[unit, fund] = created.id


def _receive(town: Town, unit: int, fund: str, amount_fen: int, memo: str) -> None:
    with town.acting(Role.FINANCE, unit) as actor:
        record_funds_received(
            actor=actor,
            fund_id=town.fund_ids[unit, fund],
            area_code=unit,
            amount_fen=amount_fen,
            occurred_on=clock.today(),
            memo=memo,
            entry_id=new_id(),
        )


def write_history(town: Town, diary: Diary) -> None:
    """Payments of before the go-live on the day they were made or listed; then the go-live that closes the door."""
    by_unit: defaultdict[int, list[PaymentSeed]] = defaultdict(list)
    for payment in town.city.earlier_payments:
        by_unit[payment.reporting_unit].append(payment)
    for unit, payments in by_unit.items():
        act = partial(_record_earlier, town, unit, payments)
        diary.write(moment(_EARLIER_LISTED_ON, 15), HISTORY, act, size=len(payments))
    by_day: defaultdict[tuple[date, date], list[PriceSubsidySeed]] = defaultdict(list)
    for subsidy in town.city.price_subsidies:
        last = subsidy.attempts[-1]
        if last.outcome == "succeeded" and last.settled_on < _PRICE_LIVE_ON:
            by_day[last.settled_on, subsidy.index_month].append(subsidy)
    for (paid_on, month), subsidies in by_day.items():
        act = partial(_record_price_subsidies, town, paid_on, month, subsidies)
        diary.write(moment(paid_on, 18), HISTORY, act, size=len(subsidies))
    live = ((_MONTHLY_LIVE_ON, (Programme.DIBAO, Programme.TEKUN)), (_PRICE_LIVE_ON, (Programme.PRICE_SUBSIDY,)))
    for live_on, programmes in live:
        act = partial(_go_live, town, live_on, programmes)
        diary.write(moment(live_on - timedelta(days=1), 19), FUNDS, act)


def _record_earlier(town: Town, unit: int, payments: Sequence[PaymentSeed]) -> None:
    """Payments of dibao that one unit made before the system paid for it."""
    title = f"2019年12月低保金发放明细（演示·{town.unit_names[unit]}）"
    rows = [
        PaidBefore(
            programme=payment.programme,
            benefit_month=payment.benefit_month,
            household_id=town.household_ids[payment.household_key],
            person_id=None,
            person_ids=tuple(town.person_ids[key] for key in payment.person_keys),
            payee_id=town.head_id(payment.household_key),
            amount_fen=payment.amount_fen,
            paid_on=payment.attempts[-1].settled_on,
        )
        for payment in payments
    ]
    with town.acting(Role.COUNTY_OFFICER, unit) as actor:
        document_id = register_county_list(town, actor, title)
        record_history(actor=actor, document_id=document_id, rows=rows)


def _record_price_subsidies(town: Town, paid_on: date, month: date, subsidies: Sequence[PriceSubsidySeed]) -> None:
    """Dibao households have it as households, everybody else as a person, as the benefit itself is paid."""
    title = f"{month:%Y年%-m月}价格临时补贴发放明细（演示，{paid_on:%-m月%-d日}到账）"
    with town.acting(Role.CITY_OFFICER, town.city_code) as actor:
        document_id = register_county_list(town, actor, title)
        rows = list(_price_rows(town, paid_on, month, subsidies))
        record_history(actor=actor, document_id=document_id, rows=rows)


def _price_rows(town: Town, paid_on: date, month: date, subsidies: Iterable[PriceSubsidySeed]) -> Iterator[PaidBefore]:
    """The seeds of a household stand together."""
    for (household_key, is_dibao), group in groupby(
        subsidies, key=lambda row: (row.household_key, row.group == "dibao")
    ):
        rows = list(group)
        if is_dibao:
            person_ids = tuple(town.person_ids[row.person_key] for row in rows)
            amount_fen = sum(row.amount_fen for row in rows)
            household_id, payee_id = town.household_ids[household_key], town.head_id(household_key)
            yield _price_row(month, paid_on, household_id, None, person_ids, payee_id, amount_fen)
            continue
        for row in rows:
            person_id = town.person_ids[row.person_key]
            payee_id = person_id if row.group == "tekun" else town.head_id(household_key)
            yield _price_row(month, paid_on, None, person_id, (person_id,), payee_id, row.amount_fen)


def _price_row(
    month: date,
    paid_on: date,
    household_id: UUID | None,
    person_id: UUID | None,
    person_ids: tuple[UUID, ...],
    payee_id: UUID,
    amount_fen: int,
) -> PaidBefore:
    return PaidBefore(
        Programme.PRICE_SUBSIDY, month, household_id, person_id, person_ids, payee_id, amount_fen, paid_on
    )


def _go_live(town: Town, live_on: date, programmes: Sequence[Programme]) -> None:
    labels = "、".join(str(programme.label) for programme in programmes)
    title = f"关于自{live_on:%Y年%-m月%-d日}起通过系统发放{labels}的通知（演示）"
    with town.acting(Role.CITY_OFFICER, town.city_code) as actor:
        document_id = register_county_list(town, actor, title)
        for programme in programmes:
            set_go_live(
                actor=actor,
                area_code=town.city_code,
                programme=programme,
                live_on=live_on,
                document_id=document_id,
            )
