"""Kinds of measures whose module is not built yet: issued, shown and answered for by sites, obeyed by nobody's code.

Each has its final key and parameters; the app takes the key over when it is born. The kinds are those of the
four articles: services suspended or by appointment, gatherings paused, isolation days, reports and duty, the rules
of the donations.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.registry.public import OrganisationKind

from .kinds import MeasureKind, Parameter, register_kind
from .states import WorkField

_CARE = frozenset(
    {
        OrganisationKind.NURSING_HOME,
        OrganisationKind.CHILD_WELFARE,
        OrganisationKind.RESCUE_STATION,
        OrganisationKind.ELDERLY_CENTRE,
        OrganisationKind.DAY_CARE,
    }
)
_SERVICES = _CARE | {
    OrganisationKind.MARRIAGE_OFFICE,
    OrganisationKind.FUNERAL_HOME,
    OrganisationKind.CEMETERY,
    OrganisationKind.ASH_HALL,
    OrganisationKind.LOTTERY_OUTLET,
}

KINDS: tuple[MeasureKind, ...] = (
    MeasureKind(
        key="service_suspended",
        label=gettext_lazy("暂停服务"),
        parameters=(),
        combine="union",
        sentence=lambda _values: _("暂停服务：暂停办理和接待，恢复时间另行通知"),
        org_kinds=_SERVICES,
        is_text_only=True,
    ),
    MeasureKind(
        key="service_by_appointment",
        label=gettext_lazy("预约办理"),
        parameters=(
            Parameter("per_hour", gettext_lazy("每小时接待"), gettext_lazy("组"), minimum=1, maximum=60),
            Parameter(
                "days_ahead",
                gettext_lazy("至少提前"),
                gettext_lazy("天预约"),
                minimum=0,
                maximum=14,
                stricter="higher",
            ),
        ),
        combine="strictest",
        sentence=lambda values: (
            _("预约办理：提前 %(days)s 天预约，每小时接待不超过 %(hour)s 组")
            % {"days": values["days_ahead"], "hour": values["per_hour"]}
        ),
        org_kinds=_SERVICES,
        is_text_only=True,
    ),
    MeasureKind(
        key="gathering_suspended",
        label=gettext_lazy("暂停聚集性活动"),
        parameters=(
            Parameter("people_max", gettext_lazy("同一场所聚集不超过"), gettext_lazy("人"), minimum=0, maximum=500),
        ),
        combine="strictest",
        sentence=lambda values: (
            _("暂停聚集性活动：同一场所聚集不超过 %(people)s 人") % {"people": values["people_max"]}
        ),
        org_kinds=_SERVICES,
        is_text_only=True,
    ),
    MeasureKind(
        key="isolation_days",
        label=gettext_lazy("隔离观察"),
        parameters=(
            Parameter("new_resident_days", gettext_lazy("新入住和返院人员"), gettext_lazy("天"), 0, 28, "higher"),
            Parameter("staff_days", gettext_lazy("返岗工作人员"), gettext_lazy("天"), 0, 28, "higher"),
        ),
        combine="strictest",
        sentence=lambda values: (
            _("隔离观察：新入住和返院人员 %(resident)s 天，返岗工作人员 %(staff)s 天")
            % {"resident": values["new_resident_days"], "staff": values["staff_days"]}
        ),
        work_field=WorkField.ELDERLY_CARE,
        org_kinds=_CARE,
        is_text_only=True,
    ),
    MeasureKind(
        key="visit_frequency",
        label=gettext_lazy("走访频次"),
        parameters=(
            Parameter("every_days", gettext_lazy("每几天走访一次"), gettext_lazy("天"), minimum=1, maximum=30),
        ),
        combine="strictest",
        sentence=lambda values: (
            _("走访频次：重点对象每 %(days)s 天至少走访或电话联系一次") % {"days": values["every_days"]}
        ),
        work_field=WorkField.COMMUNITIES,
        is_text_only=True,
    ),
    MeasureKind(
        key="supplies_reserve",
        label=gettext_lazy("物资储备"),
        parameters=(Parameter("days", gettext_lazy("不少于几天用量"), gettext_lazy("天"), 1, 90, stricter="higher"),),
        combine="strictest",
        sentence=lambda values: _("物资储备：防护和生活物资不少于 %(days)s 天用量") % {"days": values["days"]},
        org_kinds=_CARE,
        is_text_only=True,
    ),
    MeasureKind(
        key="advance_payment",
        label=gettext_lazy("提前发放"),
        parameters=(
            Parameter(
                "months", gettext_lazy("提前发放"), gettext_lazy("个月"), minimum=1, maximum=3, stricter="higher"
            ),
        ),
        combine="nearest",
        sentence=lambda values: _("提前发放：救助金提前 %(months)s 个月发放") % {"months": values["months"]},
        work_field=WorkField.ASSISTANCE,
        is_text_only=True,
    ),
    MeasureKind(
        key="daily_report",
        label=gettext_lazy("日报告和零报告"),
        parameters=(Parameter("due_hour", gettext_lazy("每天几时前报送"), gettext_lazy("时"), minimum=1, maximum=24),),
        combine="nearest",
        sentence=lambda values: (
            _("日报告和零报告：每天 %(hour)s 时前报送，没有情况也要报") % {"hour": values["due_hour"]}
        ),
        org_kinds=_SERVICES,
        is_text_only=True,
    ),
    MeasureKind(
        key="duty",
        label=gettext_lazy("值班值守"),
        parameters=(Parameter("people", gettext_lazy("每班不少于"), gettext_lazy("人"), 1, 20, stricter="higher"),),
        combine="strictest",
        sentence=lambda values: (
            _("值班值守：24 小时值班、领导带班，每班不少于 %(people)s 人") % {"people": values["people"]}
        ),
        org_kinds=_SERVICES,
        is_text_only=True,
    ),
    MeasureKind(
        key="no_overhead",
        label=gettext_lazy("不提取工作经费"),
        parameters=(),
        combine="union",
        sentence=lambda _values: _("不提取工作经费：捐赠款物不得提取任何形式的工作经费"),
        work_field=WorkField.CHARITY,
        is_text_only=True,
    ),
    MeasureKind(
        key="accepting_bodies",
        label=gettext_lazy("指定接收单位"),
        parameters=(),
        combine="union",
        sentence=lambda _values: _("指定接收单位：捐赠款物只由指定的慈善组织和红十字会接收"),
        work_field=WorkField.CHARITY,
        org_kinds=frozenset({OrganisationKind.SOCIAL_ORGANISATION}),
        is_text_only=True,
    ),
)


def register() -> None:
    for kind in KINDS:
        register_kind(kind)
