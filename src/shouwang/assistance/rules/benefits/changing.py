"""What would change an amount: the next threshold, the paper that is missing, the day on which something ends.

For the person the letter goes to: each sentence is what they, or the office, could do, with their own numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.kernel import money

from .catalogue import percent
from .clauses import Record
from .parameters import StandardsRow
from .reasons import Reason

Steps = Mapping[str, int]
Sentence = Callable[[Record, Steps, StandardsRow], str]

FINAL = frozenset({Reason.NOBODY_LIVING, Reason.AGE_PASSED})
"""Nothing brings these amounts back."""

_WORDS: Mapping[Reason, str | Promise] = {
    Reason.GRADUAL_EXIT: gettext_lazy("渐退期满后停发；收入降到标准以下的，按差额发放"),
    Reason.DEATH_LIFTS_PAUSE: gettext_lazy("死亡复核办结、重新核定数额以后，暂缓退出仍然适用于其他原因的变化"),
    Reason.FRAUD_LIFTS_PAUSE: gettext_lazy("对查实的结论不服的，可以申请行政复议或者提起行政诉讼"),
    Reason.SINGLE_PERSON_NOT_ALLOWED: gettext_lazy("施行单人户保以后可以发放"),
    Reason.NO_TIER: gettext_lazy("认定类别以后，按该类补助发放"),
    Reason.NOT_ASSESSED: gettext_lazy("完成生活自理能力评估以后，加发照料护理标准"),
    Reason.NO_CARE_MODE: gettext_lazy("登记集中或者分散供养以后，按供养方式重新核定"),
    Reason.NOT_IN_GROUP: gettext_lazy("所属对象列入补贴范围的月份可以发放"),
    Reason.EXCLUDED: gettext_lazy("不再享受不得同时享受的待遇以后，可以重新申请"),
    Reason.LEVEL_TOO_LIGHT: gettext_lazy("残疾等级变化、换领残疾人证以后，可以重新申请"),
    Reason.NO_CARE_NEED: gettext_lazy("认定需要长期照护六个月以上以后，可以发放"),
    Reason.OUT_OF_SCOPE: gettext_lazy("成为低保或者当地规定的对象以后，可以申请"),
    Reason.RECEIVED_COVERS: gettext_lazy("已享受的待遇降到标准以下以后，可以重新核定"),
    Reason.TOPPED_UP: gettext_lazy("已享受的待遇每增加或减少 1 元，补足的差额相应减少或增加 1 元"),
}


def _income(record: Record, steps: Steps, standards: StandardsRow) -> str:
    del record, standards
    above = steps["income"] - steps["deducted"] - steps["standard"] * steps["persons"]
    return _("月收入减少 %(yuan)s 元以上，或者家庭成员增加，可以重新核定") % {"yuan": _yuan(above + 1)}


def _paused(record: Record, steps: Steps, standards: StandardsRow) -> str:
    del steps, standards
    return _("暂缓退出结束后重新核定；按现在的情况，一般应为 %(yuan)s 元") % {"yuan": _yuan(record["ordinary_fen"])}


def _multiplied(record: Record, steps: Steps, standards: StandardsRow) -> str:
    del steps, standards
    return _("提高标准的期限结束后，按现在的涨幅为 %(yuan)s 元") % {"yuan": _yuan(record["ordinary_fen"])}


def _trigger(record: Record, steps: Steps, standards: StandardsRow) -> str:
    del record, steps
    cpi, food = (percent(standards.number(f"price_subsidy.trigger.{index}")) for index in ("cpi", "food"))
    return _("居民消费价格同比达到 %(cpi)s%% 或者食品价格同比达到 %(food)s%% 的月份发放") % {"cpi": cpi, "food": food}


def _birthday(record: Record, steps: Steps, standards: StandardsRow) -> str:
    del steps
    ages = [standards.number(f"old_age.age_{tier}") for tier in (1, 2, 3)]
    return _("满 %(age)s 周岁以后发放") % {"age": min(age for age in ages if age > record["age"])}


_SENTENCES: Mapping[Reason, Sentence] = {
    Reason.INCOME_NOT_BELOW: _income,
    Reason.EXIT_PAUSED: _paused,
    Reason.DOUBLED: _multiplied,
    Reason.NOT_TRIGGERED: _trigger,
    Reason.AGE_NOT_REACHED: _birthday,
}


def changes(record: Record, steps: Steps, standards: StandardsRow, reasons: Sequence[Reason]) -> list[str]:
    """In the order of the reasons, then what follows from the steps."""
    found = []
    for reason in reasons:
        if reason in _SENTENCES:
            found.append(_SENTENCES[reason](record, steps, standards))
        elif reason in _WORDS:
            found.append(str(_WORDS[reason]))
    if steps.get("subtracted"):
        found.append(_("月收入每增加或减少 1 元，保障金相应减少或增加 1 元"))
    found += _next_care(record, standards)
    return found


def _next_care(record: Record, standards: StandardsRow) -> list[str]:
    """The next step of self-care, for a tekun person who was assessed."""
    failed = record.get("failed_tests", -1)
    if failed < 0 or not record["persons"]:
        return []
    steps = ((_("半护理"), "tekun.care.half.failed_from"), (_("全护理"), "tekun.care.full.failed_from"))
    for word, key in steps:
        if failed < standards.number(key):
            return [
                _("不能自理达到 %(tests)s 项的，经重新评估为%(tier)s") % {"tests": standards.number(key), "tier": word}
            ]
    return []


def _yuan(fen: int) -> str:
    return money.yuan(fen).removesuffix(".00")
