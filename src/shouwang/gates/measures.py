"""The measures that gates obey: who may pass, what to check, hours, how often, by which entrance.

No national text gives the numbers: estates of 2020 differed (no fixed hours in Zhengzhou, one shopper a household a day),
so they are parameters. A resident is never barred from coming home: no parameter of these can say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.registry.public import OrganisationKind
from shouwang.response.public import MeasureKind, Parameter, Rehearse, Values, WorkField, register_kind

from .states import ADMITTED, AFTER_ENTRY, FEVER_FROM_TENTHS, NOT_ADMITTED, UNLIMITED_EXITS

GATE_CONTROL = "gate_control"
CLOSED_MANAGEMENT = "closed_management"
HEALTH_DECLARATION = "health_declaration"

_WHO = {0: gettext_lazy("不准进入"), 1: gettext_lazy("登记后进入"), 2: gettext_lazy("放行")}
_YES = {0: gettext_lazy("不要求"), 1: gettext_lazy("要求")}


def _who(key: str, label: str | Promise, minimum: int = NOT_ADMITTED) -> Parameter:
    words = {value: word for value, word in _WHO.items() if value >= minimum}
    return Parameter(key, label, "", minimum=minimum, maximum=ADMITTED, words=words)


def _asked(key: str, label: str | Promise) -> Parameter:
    return Parameter(key, label, "", minimum=0, maximum=1, stricter="higher", words=_YES)


GATE_CONTROL_PARAMETERS = (
    _who("residents", gettext_lazy("本小区居民"), minimum=AFTER_ENTRY),
    _who("staff", gettext_lazy("工作人员")),
    _who("helpers", gettext_lazy("志愿服务人员")),
    _who("visitors", gettext_lazy("访客")),
    _who("others", gettext_lazy("其他人员")),
    _asked("temperature", gettext_lazy("测量体温")),
    _asked("mask", gettext_lazy("佩戴口罩")),
    _asked("credentials", gettext_lazy("查验健康码、行程卡")),
    Parameter(
        "fever_from_tenths",
        gettext_lazy("发热界线（0.1℃，373 即 37.3℃）"),
        "",
        minimum=368,
        maximum=380,
        usual=FEVER_FROM_TENTHS,
    ),
    Parameter("leave_from_hour", gettext_lazy("可以外出的时间，从"), gettext_lazy("时"), 0, 23, "higher", usual=0),
    Parameter("leave_until_hour", gettext_lazy("可以外出的时间，到"), gettext_lazy("时"), 1, 24, usual=24),
    Parameter(
        "exits",
        gettext_lazy("每户外出次数"),
        gettext_lazy("次"),
        minimum=0,
        maximum=UNLIMITED_EXITS,
        words={UNLIMITED_EXITS: gettext_lazy("不限次数")},
        usual=UNLIMITED_EXITS,
    ),
    Parameter("exit_days", gettext_lazy("外出次数按几天计"), gettext_lazy("天"), 1, 14, "higher", usual=1),
    _asked("single_entrance", gettext_lazy("只留一个出入口")),
)


def _gate_control_sentence(values: Values) -> str:
    admitted = "；".join(
        f"{parameter.label}{parameter.told(values[parameter.key])}" for parameter in GATE_CONTROL_PARAMETERS[:5]
    )
    checks = [p.label for p in GATE_CONTROL_PARAMETERS[5:8] if values[p.key]]
    parts = [_("卡口管理：%(admitted)s") % {"admitted": admitted}]
    if checks:
        parts.append(_("查验：%(checks)s") % {"checks": "、".join(map(str, checks))})
    if (values["leave_from_hour"], values["leave_until_hour"]) != (0, 24):
        hours = {"from": values["leave_from_hour"], "until": values["leave_until_hour"]}
        parts.append(_("外出时间 %(from)s 时至 %(until)s 时，回家不限") % hours)
    if values["exits"] != UNLIMITED_EXITS:
        parts.append(_("每户 %(days)s 天外出 %(exits)s 次") % {"days": values["exit_days"], "exits": values["exits"]})
    if values["single_entrance"]:
        parts.append(_("只留一个出入口，其余封闭"))
    return "；".join(parts)


def _closed_management_sentence(values: Values) -> str:
    outsiders = _WHO[values["outsiders"]]
    parts = [_("机构封闭管理：外部人员%(outsiders)s") % {"outsiders": outsiders}]
    parts.append(_("工作人员可以外出") if values["staff_leave"] else _("工作人员不外出"))
    parts.append(_("服务对象可以外出") if values["residents_leave"] else _("服务对象除因病等特殊情况外不外出"))
    return "；".join(parts)


_INSTITUTIONS = frozenset(
    {OrganisationKind.NURSING_HOME, OrganisationKind.CHILD_WELFARE, OrganisationKind.RESCUE_STATION}
)
_LEAVE = {0: gettext_lazy("不外出"), 1: gettext_lazy("可以外出")}

KINDS: tuple[MeasureKind, ...] = (
    MeasureKind(
        key=GATE_CONTROL,
        label=gettext_lazy("卡口管理"),
        work_field=WorkField.COMMUNITIES,
        parameters=GATE_CONTROL_PARAMETERS,
        combine="strictest",
        sentence=_gate_control_sentence,
    ),
    MeasureKind(
        key=CLOSED_MANAGEMENT,
        label=gettext_lazy("机构封闭管理"),
        work_field=WorkField.ELDERLY_CARE,
        org_kinds=_INSTITUTIONS,
        parameters=(
            _who("outsiders", gettext_lazy("外部人员")),
            Parameter("staff_leave", gettext_lazy("工作人员"), "", 0, 1, words=_LEAVE),
            Parameter("residents_leave", gettext_lazy("服务对象"), "", 0, 1, words=_LEAVE),
        ),
        combine="strictest",
        sentence=_closed_management_sentence,
    ),
    MeasureKind(
        key=HEALTH_DECLARATION,
        label=gettext_lazy("健康登记"),
        work_field=WorkField.COMMUNITIES,
        parameters=(Parameter("every_days", gettext_lazy("多久登记一次"), gettext_lazy("天一次"), 1, 30),),
        combine="strictest",
        sentence=lambda values: _("健康登记：每 %(days)s 天申报一次") % {"days": values["every_days"]},
    ),
)


def register(rehearsals: Mapping[str, Rehearse]) -> None:
    """With what each kind tells before it is signed (see rehearsals)."""
    for kind in KINDS:
        register_kind(replace(kind, rehearse=rehearsals[kind.key]))
