"""Why an amount is what it is: one bit each, so that a line keeps all of its reasons in one integer."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntFlag

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


class Reason(IntFlag):
    NOBODY_LIVING = 1 << 0
    INCOME_NOT_BELOW = 1 << 1
    ROUNDED = 1 << 2
    MINIMUM = 1 << 3
    GRADUAL_EXIT = 1 << 4
    EXIT_PAUSED = 1 << 5
    DEATH_LIFTS_PAUSE = 1 << 6
    FRAUD_LIFTS_PAUSE = 1 << 7
    SINGLE_PERSON = 1 << 8
    SINGLE_PERSON_NOT_ALLOWED = 1 << 9
    ELDERLY = 1 << 10
    MINOR = 1 << 11
    SEVERELY_DISABLED = 1 << 12
    SERIOUSLY_ILL = 1 << 13
    NO_TIER = 1 << 14
    NOT_ASSESSED = 1 << 15
    NO_CARE_MODE = 1 << 16
    NOT_TRIGGERED = 1 << 17
    NOT_IN_GROUP = 1 << 18
    OTHER_GROUP_BETTER = 1 << 19
    DOUBLED = 1 << 20
    EXCLUDED = 1 << 21
    LEVEL_TOO_LIGHT = 1 << 22
    NO_CARE_NEED = 1 << 23
    OUT_OF_SCOPE = 1 << 24
    AGE_NOT_REACHED = 1 << 25
    AGE_PASSED = 1 << 26
    TOPPED_UP = 1 << 27
    RECEIVED_COVERS = 1 << 28
    PAID_TO_HEAD = 1 << 29


WORDS: Mapping[Reason, str | Promise] = {
    Reason.NOBODY_LIVING: gettext_lazy("发放月份第一天没有健在的保障对象"),
    Reason.INCOME_NOT_BELOW: gettext_lazy("家庭收入不低于保障标准"),
    Reason.ROUNDED: gettext_lazy("保障金按规定取整"),
    Reason.MINIMUM: gettext_lazy("不足最低发放额，按最低发放额发放"),
    Reason.GRADUAL_EXIT: gettext_lazy("收入超过标准，在渐退期内按原数额发放"),
    Reason.EXIT_PAUSED: gettext_lazy("暂缓退出期间及其后复核以前不停发、不减发，按原数额发放"),
    Reason.DEATH_LIFTS_PAUSE: gettext_lazy("保障对象死亡，不适用暂缓退出"),
    Reason.FRAUD_LIFTS_PAUSE: gettext_lazy("骗取救助，不适用暂缓退出"),
    Reason.SINGLE_PERSON: gettext_lazy("低保边缘家庭中按单人户纳入"),
    Reason.SINGLE_PERSON_NOT_ALLOWED: gettext_lazy("当月没有施行单人户保"),
    Reason.ELDERLY: gettext_lazy("有老年人"),
    Reason.MINOR: gettext_lazy("有未成年人"),
    Reason.SEVERELY_DISABLED: gettext_lazy("有重度残疾人"),
    Reason.SERIOUSLY_ILL: gettext_lazy("有重病患者"),
    Reason.NO_TIER: gettext_lazy("分档发放，没有认定类别"),
    Reason.NOT_ASSESSED: gettext_lazy("没有生活自理能力评估"),
    Reason.NO_CARE_MODE: gettext_lazy("没有登记供养方式"),
    Reason.NOT_TRIGGERED: gettext_lazy("价格指数没有达到启动条件"),
    Reason.NOT_IN_GROUP: gettext_lazy("当月不在补贴范围"),
    Reason.OTHER_GROUP_BETTER: gettext_lazy("同时属于几类对象，只按最高的一类发放一次"),
    Reason.DOUBLED: gettext_lazy("补贴标准提高"),
    Reason.EXCLUDED: gettext_lazy("已享受不得同时享受的待遇"),
    Reason.LEVEL_TOO_LIGHT: gettext_lazy("残疾等级不在范围"),
    Reason.NO_CARE_NEED: gettext_lazy("没有认定需要长期照护"),
    Reason.OUT_OF_SCOPE: gettext_lazy("不属于发放对象"),
    Reason.AGE_NOT_REACHED: gettext_lazy("没有满规定年龄"),
    Reason.AGE_PASSED: gettext_lazy("超过规定年龄"),
    Reason.TOPPED_UP: gettext_lazy("已享受的待遇从中扣除，补足差额"),
    Reason.RECEIVED_COVERS: gettext_lazy("已享受的待遇不低于标准，没有差额"),
    Reason.PAID_TO_HEAD: gettext_lazy("按户发放，由户主领取"),
}


GROUP_WORDS: Mapping[str, str | Promise] = {
    "dibao": gettext_lazy("低保对象"),
    "tekun": gettext_lazy("特困人员"),
    "orphan": gettext_lazy("孤儿"),
    "unattended_child": gettext_lazy("事实无人抚养儿童"),
    "hiv_child": gettext_lazy("艾滋病病毒感染儿童"),
    "veteran": gettext_lazy("优抚对象"),
    "unemployment_insurance": gettext_lazy("领取失业保险金人员"),
    "unemployment_allowance": gettext_lazy("领取失业补助金人员"),
    "borderline": gettext_lazy("低保边缘人口"),
}
"""Whom a rule without grants of its own pays."""


def reasons_of(bits: int) -> list[Reason]:
    """The reasons in a line's integer."""
    return [reason for reason in Reason if bits & reason]
