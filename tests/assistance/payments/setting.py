"""A small county: households with accounts, grants, money, and one officer for each step of the chain."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from shouwang.accounts.public import Role, system_actor
from shouwang.assistance.bank_files import LineAnswer
from shouwang.assistance.commands.batches import approve_batch, approve_funds, confirm_townships, send_batch
from shouwang.assistance.commands.grants import TakenOver, take_over_grants
from shouwang.assistance.models import (
    ParameterDecision,
    ParameterNotice,
    ParameterValue,
    PaymentAttempt,
    PaymentBatch,
)
from shouwang.assistance.rules.benefits.parameters import NATION, read_parameters
from shouwang.assistance.states import MONTHLY, NoticeVerdict, Programme
from shouwang.kernel import clock, crypto
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.kernel.scope import use_scope
from shouwang.ledger.public import Fund, create_fund, record_funds_received
from shouwang.registry.models import BankAccount, Household, Membership, Person, PersonFact
from shouwang.response.models import Document
from shouwang.web.demo.city.standards import STANDARDS_FILE
from tests.factories import GUDI_VILLAGE, HANTING, WEIFANG, make_actor

MARCH = date(2020, 3, 1)
STANDARDS = "测民〔2019〕标准"
GAOLI_VILLAGE = 370703_006_223_000
"""A second township of 寒亭区, so that a list has two parts."""
PAID_ON = date(2020, 3, 18)

_serial = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Family:
    """A household with its persons, the head first."""

    household: Household
    persons: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Officers:
    """Who takes which step; `spare` is a second finance officer, for the reconciliation."""

    opener: Actor
    townships: tuple[Actor, ...]
    leader: Actor
    finance: Actor
    sender: Actor
    spare: Actor


@dataclass
class County:
    area_code: int
    officers: Officers
    fund: Fund
    document: Document
    families: list[Family] = field(default_factory=list)


def make_person(area_code: int, name: str = "") -> Person:
    number = next(_serial)
    return Person.objects.create(
        name=name or f"张{number}",
        sex="male",
        birth_on=date(1960, 1, 1),
        no_id_reason="unregistered",
        area_code=area_code,
        recorded_at=clock.now(),
    )


def give_account(person: Person, *, holder: str = "", valid_from: date = date(2019, 1, 1)) -> BankAccount:
    number = f"62170012345{next(_serial):08d}"
    return BankAccount.objects.create(
        person=person,
        bank_name="农村商业银行",
        holder_name=holder or person.name,
        account=number,
        account_index=crypto.blind_index("account", number),
        account_tail=number[-4:],
        valid_from=valid_from,
        recorded_at=clock.now(),
        source="测试",
        area_code=person.area_code,
    )


def make_family(area_code: int = GUDI_VILLAGE, *, size: int = 1, with_account: bool = True) -> Family:
    household = Household.objects.create(
        number=f"H{next(_serial):08d}", area_code=area_code, registered_on=date(2019, 1, 1), recorded_at=clock.now()
    )
    persons = tuple(make_person(area_code) for _ in range(size))
    Membership.objects.bulk_create(
        Membership(
            person=person,
            household=household,
            relation="child" if position else "head",
            valid_from=date(2019, 1, 1),
            recorded_at=clock.now(),
            source="测试",
            area_code=area_code,
        )
        for position, person in enumerate(persons)
    )
    if with_account:
        give_account(persons[0])
    return Family(household, persons)


def record_death(person: Person, died_on: date) -> None:
    PersonFact.objects.create(
        person=person,
        kind="death",
        amount=1,
        valid_from=died_on,
        recorded_at=clock.now(),
        source="测试",
        area_code=person.area_code,
    )


def make_document(area_code: int = HANTING) -> Document:
    return Document.objects.create(
        number=f"测民〔2020〕{next(_serial)}号",
        title="在册对象名单",
        issuer="测试民政局",
        issued_on=date(2020, 1, 1),
        area_code=area_code,
        recorded_at=clock.now(),
    )


def make_officers(area_code: int = HANTING) -> Officers:
    return Officers(
        opener=make_actor(Role.COUNTY_OFFICER, area_code, name="经办"),
        townships=(make_actor(Role.TOWNSHIP_ASSISTANT, area_code, name="助理"),),
        leader=make_actor(Role.COUNTY_LEADER, area_code, name="负责人"),
        finance=make_actor(Role.FINANCE, area_code, name="财务"),
        sender=make_actor(Role.COUNTY_OFFICER, area_code, name="送盘"),
        spare=make_actor(Role.FINANCE, area_code, name="复核"),
    )


def make_fund(area_code: int, *, money_fen: int, unit_code: int | None = None) -> Fund:
    finance = make_actor(Role.FINANCE, area_code)
    with use_scope(finance.scope):
        fund = create_fund(
            actor=finance,
            code=f"F{next(_serial)}",
            name="困难群众救助补助资金",
            level="county",
            purpose="困难群众基本生活救助",
            rules={"programmes": sorted(MONTHLY), "single_limit_fen": None},
            area_code=area_code,
        )
        if money_fen:
            record_funds_received(
                actor=finance,
                fund_id=fund.id,
                area_code=unit_code or area_code,
                amount_fen=money_fen,
                occurred_on=date(2020, 1, 2),
                memo="拨入",
                entry_id=new_id(),
            )
    return fund


def hold_standards(known_from: datetime = datetime(2019, 7, 1, tzinfo=clock.TZ), *, without: str = "") -> None:
    """The demo city's standards, confirmed by two officers; once a database. `without`: the key that nobody set."""
    if ParameterNotice.objects.filter(number=STANDARDS).exists():
        return
    confirm_values(STANDARDS, STANDARDS_FILE.read_text(encoding="utf-8"), known_from=known_from, without=without)


def confirm_values(
    number: str, text: str, *, known_from: datetime = datetime(2019, 7, 1, tzinfo=clock.TZ), without: str = ""
) -> None:
    """A notice of the values in `text` (as a value file has them), confirmed by a second officer."""
    rows = [row for row in read_parameters(text, where=number) if row.key != without]
    proposer, decider = new_id(), new_id()
    notice = ParameterNotice.objects.create(
        number=number,
        title="救助标准",
        area_code=WEIFANG,
        effective_on=date(2019, 7, 1),
        announcement="测试",
        value_count=len(rows),
        proposer_name="经办",
        recorded_at=known_from,
        recorded_by=proposer,
    )
    ParameterValue.objects.bulk_create(
        ParameterValue(
            notice=notice,
            position=position,
            key=row.key,
            area_code=row.area_code,
            valid_from=row.valid_from,
            text=row.text,
            unit=row.unit,
            source_number=row.source_number,
            source_article=row.source_article,
            status=row.status,
        )
        for position, row in enumerate(rows)
        if row.area_code != NATION
    )
    ParameterDecision.objects.create(
        notice=notice,
        verdict=NoticeVerdict.CONFIRMED,
        decider_name="负责人",
        recorded_at=known_from,
        recorded_by=decider,
        area_code=WEIFANG,
    )


def make_county(area_code: int = HANTING, *, money_fen: int = 100_000_00) -> County:
    with use_scope(everywhere().scope):
        hold_standards()
    return County(
        area_code, make_officers(area_code), make_fund(area_code, money_fen=money_fen), make_document(area_code)
    )


def take_over(county: County, amounts: Sequence[tuple[Family, int]], *, programme: str = Programme.DIBAO) -> None:
    """Grants from January 2020 on: a household's dibao, or its head's tekun."""
    is_dibao = programme == Programme.DIBAO
    rows = [
        TakenOver(
            programme,
            family.household.id if is_dibao else None,
            None if is_dibao else family.persons[0].id,
            date(2020, 1, 1),
            fen,
        )
        for family, fen in amounts
    ]
    with use_scope(county.officers.opener.scope):
        take_over_grants(actor=county.officers.opener, document_id=county.document.id, rows=rows)
        county.families.extend(family for family, _fen in amounts)


@contextmanager
def acting_as(actor: Actor) -> Iterator[Actor]:
    with use_scope(actor.scope):
        yield actor


def walk(batch: PaymentBatch, officers: Officers, until: str = "sent") -> PaymentBatch:
    """Take the steps of the chain, each by its officer, until the state `until`."""
    for township in officers.townships:
        with acting_as(township):
            confirm_townships(actor=township, batch_id=batch.id)
    if until == "township_confirmed":
        return reread(batch)
    with acting_as(officers.leader):
        approve_batch(actor=officers.leader, batch_id=batch.id)
    if until == "county_approved":
        return reread(batch)
    with acting_as(officers.finance):
        approve_funds(actor=officers.finance, batch_id=batch.id)
    if until == "finance_approved":
        return reread(batch)
    with acting_as(officers.sender):
        send_batch(actor=officers.sender, batch_id=batch.id)
    return reread(batch)


def everywhere() -> Actor:
    return system_actor("测试")


def reread(batch: PaymentBatch) -> PaymentBatch:
    with use_scope(everywhere().scope):
        return PaymentBatch.objects.select_related("fund").get(pk=batch.pk)


def lines_of(batch: PaymentBatch) -> list[PaymentAttempt]:
    with use_scope(everywhere().scope):
        return list(PaymentAttempt.objects.filter(batch=batch).select_related("payable").order_by("line_number"))


def answers(
    batch: PaymentBatch, *, failing: Sequence[int] = (), only: Sequence[int] | None = None, on: date = PAID_ON
) -> list[LineAnswer]:
    """The bank's answers: everything arrived, but the lines `failing`; `only` leaves the others unanswered."""
    return [
        LineAnswer(
            batch.number,
            line.line_number or 0,
            line.amount_fen,
            line.line_number not in failing,
            "" if line.line_number not in failing else "账户已销户",
            on,
        )
        for line in lines_of(batch)
        if only is None or line.line_number in only
    ]


def batch_of(batch_id: UUID) -> PaymentBatch:
    with use_scope(everywhere().scope):
        return PaymentBatch.objects.get(pk=batch_id)
