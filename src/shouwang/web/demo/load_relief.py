"""Temporary relief of the demo: every case step by step, and the townships' petty reserves.

Cash comes out of the reserve; what the bank pays stands on a list of the unit for each day. Cases that had not come to
their end by the opening morning wait where they were.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from shouwang.accounts.public import Role
from shouwang.assistance.public import (
    AmountClaim,
    ReliefApplication,
    accept_case,
    approve_case,
    close_case,
    confirm_relief_first,
    create_relief_batch,
    end_notice,
    fill_petty_reserve,
    open_case,
    pay_cash,
    propose_relief_first,
    publish_notice,
    receive_papers,
    refuse_case,
    verify_case,
)
from shouwang.kernel.actor import Actor
from shouwang.kernel.ids import new_id

from .chain import Chain, Drafted
from .city.calendar import OPENING
from .city.seeds import PettyReserveSeed, ReliefSeed
from .diary import Diary, moment
from .load_money import RELIEF_FUND
from .town import Post, Town

RESERVES, CASES, LISTS = "乡镇备用金", "临时救助", "临时救助清册"

_CLOSED_BEFORE = OPENING - timedelta(days=7)
"""Cases paid before are closed; of the last week's the assistant has yet to."""

_FINDINGS = "家庭情况与申请相符，困难属实"
_CLAUSES = {"同一事由": "国发〔2014〕47号：同一事由无正当理由重复申请的，不予救助"}
_OTHER_CLAUSE = "社会救助暂行办法第四十七条"


def write_relief(town: Town, diary: Diary) -> None:
    for movement in town.city.petty_reserve:
        if movement.kind != "payment":
            diary.write(moment(movement.on, 8, 20), RESERVES, partial(_fill, town, movement))
    by_day: defaultdict[tuple[int, date], list[ReliefSeed]] = defaultdict(list)
    for seed in town.city.reliefs:
        _CaseSteps(town, diary, seed).write()
        if seed.channel == "bank" and seed.paid_on is not None:
            by_day[seed.reporting_unit, seed.paid_on].append(seed)
    for (unit, paid_on), seeds in by_day.items():
        _write_list(town, diary, unit, paid_on, seeds)


def _fill(town: Town, movement: PettyReserveSeed) -> None:
    with town.acting(Role.FINANCE, movement.reporting_unit) as actor:
        fill_petty_reserve(
            actor=actor,
            fund_id=town.fund_ids[movement.reporting_unit, RELIEF_FUND],
            treasury_area_code=movement.reporting_unit,
            township_code=movement.township_code,
            amount_fen=movement.amount_fen,
        )


def _write_list(town: Town, diary: Diary, unit: int, paid_on: date, seeds: list[ReliefSeed]) -> None:
    """A list is drafted, approved, sent and answered within the day; that of the opening day was sent the day before."""
    drafted = Drafted(town, unit)
    is_answered = paid_on < OPENING
    day = paid_on if is_answered else OPENING - timedelta(days=1)
    hour = 9 if is_answered else 17
    draft = partial(drafted.draft, partial(_draft_list, town, unit, seeds))
    steps: list[Callable[[], None]] = [draft]
    steps += [partial(drafted.each, step) for step in (Chain.confirm, Chain.approve, Chain.approve_funds, Chain.send)]
    for minutes, act in zip((10, 20, 30, 40, 50), steps, strict=True):
        diary.write(moment(day, hour, minutes), LISTS, act)
    if is_answered:
        answer = partial(drafted.each, lambda chain: chain.receive(paid_on, {}))
        diary.write(moment(day, 16, 40), LISTS, answer)
        diary.write(moment(day, 16, 50), LISTS, partial(drafted.each, Chain.reconcile))


def _draft_list(town: Town, unit: int, seeds: list[ReliefSeed]) -> list[UUID]:
    with town.acting(Role.COUNTY_OFFICER, unit) as actor:
        batches = create_relief_batch(actor=actor, area_code=unit, case_ids=[town.case_ids[seed.key] for seed in seeds])
    return [batch.id for batch in batches]


class _CaseSteps:
    """The steps of one case, each by the officer whose step it is."""

    def __init__(self, town: Town, diary: Diary, seed: ReliefSeed) -> None:
        self._town, self._diary, self._seed = town, diary, seed
        self._desk = town.keeper_of(seed.household_key)
        has_head = self._desk[0] == Role.TOWNSHIP_ASSISTANT
        is_townships = seed.decided_by == "township" and has_head
        self._decider: Post = (
            (Role.TOWNSHIP_HEAD, seed.township_code) if is_townships else (Role.COUNTY_LEADER, seed.reporting_unit)
        )

    def write(self) -> None:
        seed = self._seed
        self._step(moment(seed.accepted_on, 9, 45), self._desk, self._open)
        if seed.is_relief_first:
            self._step(moment(seed.accepted_on, 10, 15), self._desk, self._propose)
            self._step(moment(seed.accepted_on, 11), self._decider, self._confirm)
            self._step(moment(seed.accepted_on, 14, 30), self._desk, self._pay_cash)
            if seed.papers_in_on is not None:
                self._step(moment(seed.papers_in_on, 10), self._desk, self._receive_papers)
            return
        self._step(moment(seed.accepted_on, 10, 15), self._desk, self._accept)
        if seed.verified_on is not None:
            self._step(moment(seed.verified_on, 14), self._desk, self._verify)
        if seed.noticed_on is not None and seed.approved_on is not None:
            self._step(moment(seed.noticed_on, 15), self._desk, self._publish_notice)
            self._step(moment(seed.approved_on, 8, 50), self._desk, self._end_notice)
        if seed.refused_on is not None:
            self._step(moment(seed.refused_on, 15), self._decider, self._refuse)
        if seed.approved_on is not None:
            self._step(moment(seed.approved_on, 15), self._decider, self._approve)
        if seed.paid_on is not None and seed.channel == "cash":
            self._step(moment(seed.paid_on, 14, 30), self._desk, self._pay_cash)
        if seed.paid_on is not None and seed.paid_on < _CLOSED_BEFORE:
            self._step(moment(seed.paid_on, 17), self._desk, self._close)

    def _step(self, at: datetime, post: Post, act: Callable[[Actor], None]) -> None:
        def take() -> None:
            with self._town.acting(*post) as actor:
                act(actor)

        self._diary.write(at, CASES, take)

    def _open(self, actor: Actor) -> None:
        seed, town = self._seed, self._town
        application = ReliefApplication(
            area_code=seed.area_code,
            kind=seed.kind,
            cause=seed.cause,
            story=seed.story,
            occurred_on=seed.occurred_on,
            channel=seed.channel,
            applicant_id=town.head_id(seed.household_key),
            covered_ids=tuple(town.person_ids[key] for key in seed.person_keys),
            is_local=not seed.home_area_name,
            home_area_name=seed.home_area_name,
            amount_fen=seed.amount_fen,
            follow_up_of=town.case_ids[seed.follows_key] if seed.follows_key is not None else None,
            follow_up_reason="首次救助后困难仍未缓解，跟进救助" if seed.follows_key is not None else "",
        )
        town.case_ids[seed.key] = open_case(actor=actor, case_id=new_id(), application=application).id

    def _accept(self, actor: Actor) -> None:
        accept_case(actor=actor, case_id=self._id, expected_version=None)

    def _propose(self, actor: Actor) -> None:
        propose_relief_first(actor=actor, case_id=self._id, expected_version=None, amount_fen=self._seed.amount_fen)

    def _confirm(self, actor: Actor) -> None:
        confirm_relief_first(actor=actor, case_id=self._id, expected_version=None)

    def _verify(self, actor: Actor) -> None:
        verify_case(
            actor=actor,
            case_id=self._id,
            expected_version=None,
            investigators=self._investigators(),
            findings=_FINDINGS,
        )

    def _publish_notice(self, actor: Actor) -> None:
        publish_notice(actor=actor, case_id=self._id, expected_version=None, place="村（社区）公示栏")

    def _end_notice(self, actor: Actor) -> None:
        end_notice(actor=actor, case_id=self._id, expected_version=None)

    def _approve(self, actor: Actor) -> None:
        seed = self._seed
        standard = seed.amount_fen // (len(seed.person_keys) * seed.months) if seed.months else None
        claim = AmountClaim(
            amount_fen=seed.amount_fen,
            basis=seed.basis,
            person_count=len(seed.person_keys),
            standard_fen=standard,
            months=seed.months,
            note="经县区会商，按实际困难一次性救助" if seed.basis == "case_by_case" else "",
        )
        approve_case(actor=actor, case_id=self._id, expected_version=None, claim=claim)

    def _refuse(self, actor: Actor) -> None:
        clause = _CLAUSES.get(self._seed.refusal[:4], _OTHER_CLAUSE)
        refuse_case(actor=actor, case_id=self._id, expected_version=None, reason=self._seed.refusal, clause=clause)

    def _pay_cash(self, actor: Actor) -> None:
        applicant = self._town.persons[self._town.households[self._seed.household_key].head_key]
        pay_cash(actor=actor, case_id=self._id, expected_version=None, received_by=applicant.name)

    def _receive_papers(self, actor: Actor) -> None:
        receive_papers(
            actor=actor,
            case_id=self._id,
            expected_version=None,
            investigators=self._investigators(),
            findings=_FINDINGS,
        )

    def _close(self, actor: Actor) -> None:
        close_case(actor=actor, case_id=self._id, expected_version=None)

    @property
    def _id(self) -> UUID:
        return self._town.case_ids[self._seed.key]

    def _investigators(self) -> list[str]:
        return self._town.investigators(self._desk, self._seed.reporting_unit)
