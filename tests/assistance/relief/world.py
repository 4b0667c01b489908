"""A family in trouble in 固堤街道, the officers around it, the township's cash and the orders of the day."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from uuid import UUID

from shouwang.accounts.public import Role
from shouwang.assistance.commands.petty_reserve import fill_petty_reserve
from shouwang.assistance.commands.relief import (
    ReliefApplication,
    accept_case,
    approve_case,
    confirm_relief_first,
    open_case,
    pay_cash,
    propose_relief_first,
    verify_case,
)
from shouwang.assistance.models import CaseMove, Payable, PaymentOutcome, ReliefCase
from shouwang.assistance.rules.relief import AmountClaim
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id
from shouwang.kernel.models import AuditEntry, EventRecord
from shouwang.kernel.scope import FULL, use_scope
from shouwang.ledger.models import Entry
from shouwang.registry.public import (
    AccountDetails,
    Household,
    NewMember,
    Person,
    PersonDetails,
    members_as_of,
    record_bank_account,
    register_household,
)
from shouwang.response.public import Document, Measure, register_document
from tests.factories import GUDI, GUDI_VILLAGE, HANTING, WEIFANG, acting, id_number, make_actor
from tests.ledger.books import Book, open_book
from tests.measures import issue_measure

_sequence = itertools.count(1)


@contextmanager
def as_actor(actor: Actor) -> Iterator[Actor]:
    """The actor's scope on the connection inside the block."""
    with use_scope(actor.scope):
        yield actor


class Officers:
    """One of each who meets a case, and a second assistant."""

    def __init__(self) -> None:
        self.grid = make_actor(Role.GRID_WORKER, GUDI_VILLAGE, name="网格员甲")
        self.assistant = make_actor(Role.TOWNSHIP_ASSISTANT, GUDI, name="助理员甲")
        self.second_assistant = make_actor(Role.TOWNSHIP_ASSISTANT, GUDI, name="助理员乙")
        self.head = make_actor(Role.TOWNSHIP_HEAD, GUDI, name="镇长甲")
        self.officer = make_actor(Role.COUNTY_OFFICER, HANTING, name="经办甲")
        self.leader = make_actor(Role.COUNTY_LEADER, HANTING, name="局长甲")
        self.finance = make_actor(Role.FINANCE, HANTING, name="财务甲")


def make_family(
    names: tuple[str, ...] = ("徐春生", "王秀兰"), village: int = GUDI_VILLAGE, since: date = date(2019, 6, 1)
) -> Household:
    """The head first; everybody has an ID number."""
    with acting(Role.COUNTY_OFFICER, village // 10**9 * 10**9) as actor:
        relations = ("head", "spouse", "child", "child")
        members = [
            NewMember(relation, PersonDetails(name=name, id_number=id_number(date(1960, 5, 1), next(_sequence))))
            for name, relation in zip(names, relations, strict=False)
        ]
        return register_household(actor=actor, area_code=village, registered_on=since, members=members, source="测试")


def member_ids(household: Household) -> tuple[UUID, ...]:
    with use_scope(FULL):
        members = members_as_of([household.id], on=clock.today())[household.id]
        return tuple(member.person_id for member in members)


def give_account(household: Household, valid_from: date = date(2019, 6, 1)) -> None:
    with acting(Role.COUNTY_OFFICER, HANTING) as actor:
        person_id = member_ids(household)[0]
        holder = Person.objects.get(id=person_id).name
        record_bank_account(
            actor=actor,
            person_id=person_id,
            details=AccountDetails(
                bank_name="农商行", holder_name=holder, number=f"62170012345678{next(_sequence):05d}"
            ),
            valid_from=valid_from,
            source="测试",
        )


def make_reserve(officers: Officers, *, fen: int = 1_000_000, received_fen: int = 100_000_000) -> Book:
    """The county's fund with money in its treasury, and `fen` of it in the township's reserve."""
    with as_actor(officers.finance):
        book = open_book(officers.finance, received_fen=received_fen)
        if fen:
            fill(officers, book, fen)
    return book


def fill(officers: Officers, book: Book, fen: int, **changes) -> Entry:
    arguments = {
        "fund_id": book.fund.id,
        "treasury_area_code": HANTING,
        "township_code": GUDI,
        "amount_fen": fen,
    }
    with as_actor(officers.finance):
        return fill_petty_reserve(actor=officers.finance, **(arguments | changes))


def order(kind: str, *, from_at=None, until_at=None, **parameters: int) -> Measure:
    """A measure over the whole city, since the year began unless said."""
    with acting(Role.CITY_OFFICER, WEIFANG) as actor:
        document: Document = register_document(
            actor=actor,
            number=f"测〔2020〕{next(_sequence)}号",
            title="通知",
            issuer="潍坊市民政局",
            issued_on=date(2020, 1, 1),
            area_code=WEIFANG,
        )
        return issue_measure(
            actor=actor,
            kind=kind,
            parameters=parameters,
            area_code=WEIFANG,
            from_at=from_at or clock.instant(2020, 1, 1),
            until_at=until_at,
            document_id=document.id,
        )


def application(household: Household, **changes) -> ReliefApplication:
    people = member_ids(household)
    said = {
        "area_code": GUDI_VILLAGE,
        "kind": "urgent",
        "cause": "illness",
        "story": "突发重病，住院押金无着。",
        "occurred_on": clock.today(),
        "applicant_id": people[0],
        "covered_ids": people,
    }
    return ReliefApplication(**(said | changes))


def small(fen: int = 100_000) -> AmountClaim:
    return AmountClaim(amount_fen=fen, basis="small_amount", person_count=0)


def standard(standard_fen: int, persons: int, months: int) -> AmountClaim:
    return AmountClaim(
        amount_fen=standard_fen * persons * months,
        basis="standard_months",
        person_count=persons,
        standard_fen=standard_fen,
        months=months,
    )


def opened(officers: Officers, household: Household, **changes) -> ReliefCase:
    with as_actor(officers.assistant) as actor:
        return open_case(actor=actor, case_id=new_id(), application=application(household, **changes))


def accepted(officers: Officers, household: Household, **changes) -> ReliefCase:
    case = opened(officers, household, **changes)
    with as_actor(officers.assistant) as actor:
        return accept_case(actor=actor, case_id=case.id, expected_version=case.version)


def verified(officers: Officers, household: Household, **changes) -> ReliefCase:
    case = accepted(officers, household, **changes)
    with as_actor(officers.assistant) as actor:
        return verify_case(
            actor=actor,
            case_id=case.id,
            expected_version=case.version,
            investigators=["甲", "乙"],
            findings="情况属实",
        )


def approved(officers: Officers, household: Household, claim: AmountClaim | None = None, **changes) -> ReliefCase:
    case = verified(officers, household, **changes)
    with as_actor(officers.leader) as actor:
        return approve_case(actor=actor, case_id=case.id, expected_version=case.version, claim=claim or small())


def paid(officers: Officers, household: Household, **changes) -> ReliefCase:
    case = approved(officers, household, **changes)
    with as_actor(officers.assistant) as actor:
        return pay_cash(actor=actor, case_id=case.id, expected_version=case.version, received_by="徐春生")


def proposed(officers: Officers, household: Household, fen: int = 80_000, **changes) -> ReliefCase:
    case = opened(officers, household, **changes)
    with as_actor(officers.assistant) as actor:
        return propose_relief_first(actor=actor, case_id=case.id, expected_version=case.version, amount_fen=fen)


def paid_first(officers: Officers, household: Household, **changes) -> ReliefCase:
    """Relief before papers: proposed, confirmed, paid; the papers are owed."""
    case = proposed(officers, household, **changes)
    with as_actor(officers.head) as actor:
        case = confirm_relief_first(actor=actor, case_id=case.id, expected_version=case.version)
    with as_actor(officers.assistant) as actor:
        return pay_cash(actor=actor, case_id=case.id, expected_version=case.version, received_by="徐春生")


def written() -> tuple[int, ...]:
    """Rows of every kind that a refused command must leave as they were."""
    with use_scope(FULL):
        return tuple(
            model.objects.count()
            for model in (ReliefCase, CaseMove, Payable, PaymentOutcome, Entry, AuditEntry, EventRecord)
        )
