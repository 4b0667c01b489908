"""States and codes of social assistance 社会救助, with the transition tables as data."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models


class Programme(models.TextChoices):
    DIBAO = "dibao", "最低生活保障"
    TEKUN = "tekun", "特困人员救助供养"
    TEMPORARY_RELIEF = "temporary_relief", "临时救助"
    PRICE_SUBSIDY = "price_subsidy", "价格临时补贴"
    DISABILITY_LIVING = "disability_living", "困难残疾人生活补贴"
    DISABILITY_NURSING = "disability_nursing", "重度残疾人护理补贴"
    ORPHAN = "orphan", "孤儿基本生活费"
    UNATTENDED_CHILD = "unattended_child", "事实无人抚养儿童补贴"
    OLD_AGE = "old_age", "高龄津贴"
    ONE_OFF = "one_off", "一次性补助"


BY_HOUSEHOLD: frozenset[str] = frozenset({Programme.DIBAO})
"""Granted to a household; what else is granted is a person's own. The database holds it."""

GRANTED: frozenset[str] = frozenset(
    {
        Programme.DIBAO,
        Programme.TEKUN,
        Programme.DISABILITY_LIVING,
        Programme.DISABILITY_NURSING,
        Programme.ORPHAN,
        Programme.UNATTENDED_CHILD,
        Programme.OLD_AGE,
    }
)
"""Paid to whom it was granted, through the doors."""

LINKED: frozenset[str] = frozenset({Programme.PRICE_SUBSIDY, Programme.ONE_OFF})
"""Without grants of their own: paid to whoever has a grant of one of the rule's groups in the month."""

MONTHLY: frozenset[str] = GRANTED | LINKED
"""What a run computes for a month."""


class Origin(models.TextChoices):
    """The three doors into payment (product design §2): there is no fourth."""

    TAKEN_OVER = "taken_over", "在册接转"
    HISTORY = "history", "历史发放"
    CASE = "case", "个案审批"


class Door(models.TextChoices):
    """Which door a county's workbook asks for: recipients in force, or payments already made."""

    TAKE_OVER = "take_over", "接转在册对象"
    HISTORY = "history", "历史发放"


class CountyListState(models.TextChoices):
    CHECKED = "checked", "已检查"
    TAKEN = "taken", "已录入"


class ReviewDecision(models.TextChoices):
    """What becomes of a change that a pause of exits kept waiting."""

    APPLIED = "applied", "执行变更"
    DISMISSED = "dismissed", "不予变更"


class AttemptState(models.TextChoices):
    OPEN = "open", "待发放"
    SUCCEEDED = "succeeded", "已到账"
    RETURNED = "returned", "退票"
    REVERSED = "reversed", "已冲回"
    CANCELLED = "cancelled", "已取消"


class OutcomeKind(models.TextChoices):
    PAID = "paid", "到账"
    RETURNED = "returned", "退票"
    REVERSED = "reversed", "冲回"
    CANCELLED = "cancelled", "取消"


ATTEMPT_AFTER: dict[tuple[str, str], str] = {
    (AttemptState.OPEN, OutcomeKind.PAID): AttemptState.SUCCEEDED,
    (AttemptState.OPEN, OutcomeKind.RETURNED): AttemptState.RETURNED,
    (AttemptState.OPEN, OutcomeKind.CANCELLED): AttemptState.CANCELLED,
    (AttemptState.RETURNED, OutcomeKind.CANCELLED): AttemptState.CANCELLED,
    (AttemptState.SUCCEEDED, OutcomeKind.REVERSED): AttemptState.REVERSED,
}
"""What an outcome makes of an attempt; any other pair is refused."""


class Channel(models.TextChoices):
    BANK = "bank", "银行代发"
    CASH = "cash", "现金"


class BatchState(models.TextChoices):
    """A monthly list on its way: 清册 -> 乡镇 -> 县区 -> 财务 -> 银行 -> 回盘 -> 对账."""

    DRAFTED = "drafted", "已生成清册"
    TOWNSHIP_CONFIRMED = "township_confirmed", "乡镇已确认"
    COUNTY_APPROVED = "county_approved", "县区已审批"
    FINANCE_APPROVED = "finance_approved", "财务已审核"
    SENT = "sent", "已送银行"
    RETURNED = "returned", "银行已回盘"
    RECONCILED = "reconciled", "已对账"
    VOIDED = "voided", "已作废"


class BatchVerb(models.TextChoices):
    """The steps of the chain; `open` is the run (or the re-issue) that made the list."""

    OPEN = "open", "生成清册"
    CONFIRM = "confirm", "乡镇确认"
    APPROVE = "approve", "县区审批"
    APPROVE_FUNDS = "approve_funds", "财务审核"
    SEND = "send", "送银行"
    RECEIVE = "receive", "读入回盘"
    RECONCILE = "reconcile", "对账"
    SEND_BACK = "send_back", "退回"
    REOPEN_PART = "reopen_part", "撤下明细，重新确认"
    VOID = "void", "作废"


@dataclass(frozen=True, slots=True)
class BatchStep:
    """One step of the chain: who takes it, from which states to which.

    `is_personal`: nobody who took another personal step of the batch may take it. Reading the bank's answer decides
    nothing, so whoever sent the list may read it in.
    """

    verb: BatchVerb
    from_states: frozenset[str]
    to_state: BatchState
    roles: frozenset[str]
    is_personal: bool = True


BATCH_STEPS: tuple[BatchStep, ...] = (
    BatchStep(
        BatchVerb.CONFIRM,
        frozenset({BatchState.DRAFTED}),
        BatchState.TOWNSHIP_CONFIRMED,
        frozenset({"township_assistant", "township_head", "county_officer"}),
    ),
    BatchStep(
        BatchVerb.APPROVE,
        frozenset({BatchState.TOWNSHIP_CONFIRMED}),
        BatchState.COUNTY_APPROVED,
        frozenset({"county_leader"}),
    ),
    BatchStep(
        BatchVerb.APPROVE_FUNDS,
        frozenset({BatchState.COUNTY_APPROVED}),
        BatchState.FINANCE_APPROVED,
        frozenset({"finance"}),
    ),
    BatchStep(
        BatchVerb.SEND,
        frozenset({BatchState.FINANCE_APPROVED}),
        BatchState.SENT,
        frozenset({"finance", "county_officer", "city_officer"}),
    ),
    BatchStep(
        BatchVerb.RECEIVE,
        frozenset({BatchState.SENT, BatchState.RETURNED}),
        BatchState.RETURNED,
        frozenset({"finance", "county_officer", "city_officer"}),
        is_personal=False,
    ),
    BatchStep(
        BatchVerb.RECONCILE,
        frozenset({BatchState.RETURNED}),
        BatchState.RECONCILED,
        frozenset({"finance", "county_officer", "city_officer"}),
    ),
)

STEP_OF: dict[str, BatchStep] = {step.verb: step for step in BATCH_STEPS}

SENT_BACK_FROM: dict[str, BatchStep] = {
    state: step
    for step in BATCH_STEPS
    for state in step.from_states
    if step.verb in (BatchVerb.CONFIRM, BatchVerb.APPROVE, BatchVerb.APPROVE_FUNDS, BatchVerb.SEND)
}
"""Until a list has left, whoever may take its next step may send it back instead. By state: that step."""


NOT_STEPS: frozenset[str] = frozenset({BatchVerb.RECEIVE, BatchVerb.REOPEN_PART, BatchVerb.VOID})
"""Moves that decide nothing about the list: whoever made one may still take a step of it."""

VOIDS = BatchStep(
    BatchVerb.VOID,
    frozenset({BatchState.DRAFTED}),
    BatchState.VOIDED,
    frozenset({"township_assistant", "township_head", "county_officer"}),
    is_personal=False,
)
"""The end of a list whose every line was withdrawn. Nobody is asked: it comes with the last line, while nothing is held
back for the list yet."""

CHAIN: tuple[BatchState, ...] = tuple(state for state in BatchState if state != BatchState.VOIDED)
"""The states that a list goes through when it is paid, in order."""


class GrantChangeKind(models.TextChoices):
    """What a dated amount of a grant says."""

    START = "start", "开始"
    CHANGE = "change", "调整"
    SUSPEND = "suspend", "暂停"
    END = "end", "终止"


class ChangeCause(models.TextChoices):
    """Why a grant changes. Death and fraud are obeyed even while exits are paused."""

    DEATH = "death", "人员死亡"
    FRAUD = "fraud", "骗取救助"
    INCOME = "income", "收入变化"
    MEMBERS = "members", "家庭成员变化"
    STANDARD = "standard", "标准调整"
    OWN_WISH = "own_wish", "本人申请"
    OTHER = "other", "其他"


class OverpaymentStepKind(models.TextChoices):
    """What became of a part of an overpayment."""

    OFFSET = "offset", "抵扣"
    RECOVERED = "recovered", "追回"
    WRITTEN_OFF = "written_off", "核销"
    REVERSED = "reversed", "整笔冲回"


OVERPAYMENT = "overpayment"
"""Ledger entries with this source are overpaid money that came back."""

UNSTOPPABLE: frozenset[str] = frozenset({ChangeCause.DEATH, ChangeCause.FRAUD})


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


class NoticeVerdict(models.TextChoices):
    """What the second officer says to a notice of parameters."""

    CONFIRMED = "confirmed", "已确认"
    REFUSED = "refused", "已退回"


class ParameterStatus(models.TextChoices):
    """Whether a bureau stands by a value, or it only fills the place until the bureau has entered its own notice."""

    CONFIRMED = "confirmed", "已核定"
    PLACEHOLDER = "placeholder", "占位"


class PublicationKind(models.TextChoices):
    """公示 asks for objections and comes down; 公布 says who receives what."""

    NOTICE = "notice", "公示"
    ANNOUNCEMENT = "announcement", "公布"
