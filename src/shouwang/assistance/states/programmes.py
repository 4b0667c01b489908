"""Programmes 救助类别, by which door money is owed, and what becomes of grants, notices and lists."""

from __future__ import annotations

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


class ListedGroup(models.TextChoices):
    """Groups of the price subsidy whom this system pays nothing else: others keep their lists, and a county brings them."""

    UNEMPLOYMENT_INSURANCE = "unemployment_insurance", "领取失业保险金人员"
    UNEMPLOYMENT_ALLOWANCE = "unemployment_allowance", "领取失业补助金人员"
    VETERAN = "veteran", "享受国家定期抚恤补助的优抚对象"
    ORPHAN = "orphan", "孤儿"
    UNATTENDED_CHILD = "unattended_child", "事实无人抚养儿童"
    BORDERLINE = "borderline", "低保边缘人口"


class ReviewDecision(models.TextChoices):
    """What becomes of a change that a pause of exits kept waiting."""

    APPLIED = "applied", "执行变更"
    DISMISSED = "dismissed", "不予变更"


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
