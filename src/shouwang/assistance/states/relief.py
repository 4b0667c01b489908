"""The temporary-relief case: its states, and its transition table as data."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models


class ReliefState(models.TextChoices):
    DRAFT = "draft", "草稿"
    ACCEPTED = "accepted", "已受理"
    VERIFIED = "verified", "已核实"
    NOTICE = "notice", "公示中"
    APPROVED = "approved", "已批准"
    REFUSED = "refused", "不予救助"
    PAID = "paid", "已发放"
    PAPERS_OWED = "papers_owed", "待补手续"
    CLOSED = "closed", "已办结"
    WITHDRAWN = "withdrawn", "已撤回"


class SealedInCase(models.TextChoices):
    """The applicant's values that the pages of a case mask; each is a field of the frozen applicant."""

    ID_NUMBER = "id_number", "身份证号"
    PHONE = "phone", "联系电话"


class ReliefKind(models.TextChoices):
    URGENT = "urgent", "急难型"
    EXPENDITURE = "expenditure", "支出型"


class ReliefCause(models.TextChoices):
    ILLNESS = "illness", "重大疾病"
    ACCIDENT = "accident", "意外事故"
    FIRE = "fire", "火灾"
    EDUCATION = "education", "教育支出"
    LOST_INCOME = "lost_income", "失去收入来源"
    EPIDEMIC = "epidemic", "疫情影响"
    STRANDED = "stranded", "滞留困难"
    OTHER = "other", "其他特殊困难"


class ReliefBasis(models.TextChoices):
    """How the amount of a relief came about."""

    SMALL_AMOUNT = "small_amount", "小额救助"
    STANDARD_MONTHS = "standard_months", "按低保标准计算"
    CASE_BY_CASE = "case_by_case", "一事一议"


class ReliefVerb(models.TextChoices):
    OPEN = "open", "登记申请"
    ACCEPT = "accept", "受理"
    PROPOSE = "propose", "提出先行救助"
    VERIFY = "verify", "入户核实"
    PUBLISH_NOTICE = "publish_notice", "张榜公示"
    END_NOTICE = "end_notice", "结束公示"
    SEND_BACK = "send_back", "退回重新核实"
    APPROVE = "approve", "批准"
    REFUSE = "refuse", "不予救助"
    CONFIRM = "confirm", "确认先行救助"
    PAY_CASH = "pay_cash", "发放现金"
    OWE_PAPERS = "owe_papers", "开始补办手续"
    SEND_TO_BANK = "send_to_bank", "列入银行代发"
    BANK_PAID = "bank_paid", "银行到账"
    RECEIVE_PAPERS = "receive_papers", "手续补齐"
    CLOSE = "close", "办结"
    WITHDRAW = "withdraw", "撤回"


class ReliefClock(models.TextChoices):
    """A limit that starts with a step; its days are dated data (rules/relief.yaml), papers' a measure's parameter."""

    VERIFY = "verify", "核实时限"
    CONFIRM = "confirm", "先行救助确认时限"
    DECIDE = "decide", "审批时限"
    NOTICE = "notice", "公示期"
    PAY = "pay", "发放时限"
    PAPERS = "papers", "补办手续时限"


class ReliefNeed(models.TextChoices):
    """What must hold before a step, besides the state; `rules.relief.unmet_need` says whether it does."""

    ORDINARY = "ordinary", "按一般程序办理"
    RELIEF_FIRST = "relief_first", "先行救助"
    EXPENDITURE_KIND = "expenditure_kind", "支出型救助"
    NO_NOTICE_YET = "no_notice_yet", "尚未公示"
    NOTICE_OVER = "notice_over", "公示期满"
    NOTICE_SETTLED = "notice_settled", "已经公示或不需要公示"
    CASH = "cash", "现金发放"
    BANK = "bank", "银行代发"


@dataclass(frozen=True, slots=True)
class ReliefStep:
    """A row of the relief case's transition table.

    `clock`: the limit for the step after this one. `not_after`: nobody who took one of these steps of the case may take
    this one.
    """

    verb: ReliefVerb
    from_states: frozenset[str]
    to_state: ReliefState
    roles: frozenset[str]
    clock: ReliefClock | None = None
    needs: tuple[ReliefNeed, ...] = ()
    not_after: frozenset[str] = frozenset()


_DESK = frozenset({"township_assistant", "county_officer"})
_DECIDERS = frozenset({"township_head", "county_leader"})
_BANK_READERS = frozenset({"finance", "county_officer", "city_officer"})
_PREPARES = frozenset({ReliefVerb.OPEN, ReliefVerb.ACCEPT, ReliefVerb.PROPOSE, ReliefVerb.VERIFY})
_DECIDES = frozenset({ReliefVerb.APPROVE, ReliefVerb.CONFIRM})

RELIEF_STEPS: tuple[ReliefStep, ...] = (
    ReliefStep(ReliefVerb.OPEN, frozenset({""}), ReliefState.DRAFT, _DESK | {"grid_worker"}),
    ReliefStep(ReliefVerb.ACCEPT, frozenset({ReliefState.DRAFT}), ReliefState.ACCEPTED, _DESK, ReliefClock.VERIFY),
    ReliefStep(
        ReliefVerb.PROPOSE,
        frozenset({ReliefState.DRAFT}),
        ReliefState.ACCEPTED,
        frozenset({"township_assistant"}),
        ReliefClock.CONFIRM,
        needs=(ReliefNeed.CASH,),
    ),
    ReliefStep(
        ReliefVerb.VERIFY,
        frozenset({ReliefState.ACCEPTED}),
        ReliefState.VERIFIED,
        _DESK,
        ReliefClock.DECIDE,
        needs=(ReliefNeed.ORDINARY,),
    ),
    ReliefStep(
        ReliefVerb.PUBLISH_NOTICE,
        frozenset({ReliefState.VERIFIED}),
        ReliefState.NOTICE,
        _DESK,
        ReliefClock.NOTICE,
        needs=(ReliefNeed.EXPENDITURE_KIND, ReliefNeed.NO_NOTICE_YET),
    ),
    ReliefStep(
        ReliefVerb.END_NOTICE,
        frozenset({ReliefState.NOTICE}),
        ReliefState.VERIFIED,
        _DESK,
        ReliefClock.DECIDE,
        needs=(ReliefNeed.NOTICE_OVER,),
    ),
    ReliefStep(
        ReliefVerb.SEND_BACK,
        frozenset({ReliefState.VERIFIED, ReliefState.NOTICE}),
        ReliefState.ACCEPTED,
        _DECIDERS | {"county_officer"},
        ReliefClock.VERIFY,
    ),
    ReliefStep(
        ReliefVerb.APPROVE,
        frozenset({ReliefState.VERIFIED}),
        ReliefState.APPROVED,
        _DECIDERS,
        ReliefClock.PAY,
        needs=(ReliefNeed.NOTICE_SETTLED,),
        not_after=_PREPARES,
    ),
    ReliefStep(
        ReliefVerb.REFUSE,
        frozenset({ReliefState.ACCEPTED, ReliefState.VERIFIED}),
        ReliefState.REFUSED,
        _DECIDERS,
        not_after=_PREPARES,
    ),
    ReliefStep(
        ReliefVerb.CONFIRM,
        frozenset({ReliefState.ACCEPTED}),
        ReliefState.APPROVED,
        frozenset({"township_head"}),
        ReliefClock.PAY,
        needs=(ReliefNeed.RELIEF_FIRST,),
        not_after=_PREPARES,
    ),
    ReliefStep(
        ReliefVerb.PAY_CASH,
        frozenset({ReliefState.APPROVED}),
        ReliefState.PAID,
        frozenset({"township_assistant"}),
        needs=(ReliefNeed.CASH,),
        not_after=_DECIDES,
    ),
    ReliefStep(
        ReliefVerb.OWE_PAPERS,
        frozenset({ReliefState.PAID}),
        ReliefState.PAPERS_OWED,
        frozenset({"township_assistant"}),
        ReliefClock.PAPERS,
        needs=(ReliefNeed.RELIEF_FIRST,),
    ),
    ReliefStep(
        ReliefVerb.SEND_TO_BANK,
        frozenset({ReliefState.APPROVED}),
        ReliefState.APPROVED,
        frozenset({"county_officer"}),
        ReliefClock.PAY,
        needs=(ReliefNeed.BANK,),
    ),
    ReliefStep(
        ReliefVerb.BANK_PAID,
        frozenset({ReliefState.APPROVED}),
        ReliefState.PAID,
        _BANK_READERS,
        needs=(ReliefNeed.BANK,),
    ),
    ReliefStep(ReliefVerb.RECEIVE_PAPERS, frozenset({ReliefState.PAPERS_OWED}), ReliefState.CLOSED, _DESK),
    ReliefStep(
        ReliefVerb.CLOSE, frozenset({ReliefState.PAID}), ReliefState.CLOSED, _DESK, needs=(ReliefNeed.ORDINARY,)
    ),
    ReliefStep(
        ReliefVerb.WITHDRAW,
        frozenset({ReliefState.DRAFT, ReliefState.ACCEPTED, ReliefState.VERIFIED, ReliefState.NOTICE}),
        ReliefState.WITHDRAWN,
        _DESK | {"grid_worker"},
    ),
)

RELIEF_STEP_OF: dict[str, ReliefStep] = {step.verb: step for step in RELIEF_STEPS}

LIVE_RELIEF: frozenset[str] = frozenset(ReliefState) - {ReliefState.REFUSED, ReliefState.WITHDRAWN}
"""States of a case that stands in the way of a second relief for the same cause."""


PETTY_RESERVE_FILL = "petty_reserve_fill:"
"""Ledger entries with this source put money into a township's petty reserve."""
