"""The measures that social assistance obeys.

The measures are those that provinces and cities ordered in early 2020 (exits and reviews paused, approval simplified,
relief before papers). No national text gives the days, the limits or the months: local documents differ (5 and 10 working
days for the papers, 3 to 6 months of 低保渐退), so they are parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.kernel import money
from shouwang.response.public import MeasureKind, Parameter, Rehearse, WorkField, register_kind

RELIEF_FIRST = "relief_first"
EXIT_PAUSED = "exit_paused"
REVIEW_PAUSED = "review_paused"
SIMPLIFIED_APPROVAL = "simplified_approval"
PETTY_RESERVE = "petty_reserve"
GRADUAL_EXIT = "gradual_exit"
PRICE_DOUBLED = "price_doubled"

KINDS: tuple[MeasureKind, ...] = (
    MeasureKind(
        key=RELIEF_FIRST,
        label=gettext_lazy("先行救助"),
        work_field=WorkField.ASSISTANCE,
        parameters=(
            Parameter(
                "papers_due_working_days",
                gettext_lazy("补齐手续的期限"),
                gettext_lazy("个工作日"),
                minimum=1,
                maximum=60,
            ),
        ),
        combine="strictest",
        sentence=lambda values: (
            _("先行救助：可先行给付，手续在 %(days)s 个工作日内补齐") % {"days": values["papers_due_working_days"]}
        ),
    ),
    MeasureKind(
        key=EXIT_PAUSED,
        label=gettext_lazy("暂缓退出"),
        work_field=WorkField.ASSISTANCE,
        parameters=(),
        combine="union",
        sentence=lambda _values: _("暂缓退出：在保对象暂不停发、不减发；死亡和骗取的除外"),
    ),
    MeasureKind(
        key=REVIEW_PAUSED,
        label=gettext_lazy("暂缓复核"),
        work_field=WorkField.ASSISTANCE,
        parameters=(),
        combine="union",
        sentence=lambda _values: _("暂缓复核：在保家庭的定期复核推迟到措施解除以后"),
    ),
    MeasureKind(
        key=SIMPLIFIED_APPROVAL,
        label=gettext_lazy("简化审批"),
        work_field=WorkField.ASSISTANCE,
        parameters=(),
        combine="union",
        sentence=lambda _values: _("简化审批：新申请可以不开民主评议会，以电话、视频代替入户调查"),
    ),
    MeasureKind(
        key=PETTY_RESERVE,
        label=gettext_lazy("乡镇备用金"),
        work_field=WorkField.ASSISTANCE,
        parameters=(
            Parameter(
                "limit_fen",
                gettext_lazy("单笔限额"),
                gettext_lazy("元"),
                minimum=100,
                maximum=100_000_00,
                is_money=True,
            ),
        ),
        combine="nearest",
        sentence=lambda values: (
            _("乡镇备用金：乡镇（街道）可以直接支付，单笔不超过 %(limit)s 元")
            % {"limit": money.yuan(values["limit_fen"])}
        ),
    ),
    MeasureKind(
        key=GRADUAL_EXIT,
        label=gettext_lazy("低保渐退"),
        work_field=WorkField.ASSISTANCE,
        parameters=(
            Parameter("months", gettext_lazy("渐退期"), gettext_lazy("个月"), minimum=1, maximum=12, stricter="higher"),
        ),
        combine="nearest",
        sentence=lambda values: (
            _("低保渐退：收入超过标准的家庭，低保金再发 %(months)s 个月") % {"months": values["months"]}
        ),
    ),
    MeasureKind(
        key=PRICE_DOUBLED,
        label=gettext_lazy("提高价格补贴"),
        work_field=WorkField.ASSISTANCE,
        parameters=(),
        combine="union",
        sentence=lambda _values: _("提高价格补贴：价格临时补贴标准提高 1 倍"),
    ),
)


def register(rehearsals: Mapping[str, Mapping[str, Rehearse]]) -> None:
    """With what each kind tells before it is signed and after it is lifted (see rehearsals)."""
    for kind in KINDS:
        told = rehearsals.get(kind.key, {})
        rehearse, postponed = told.get("rehearse", kind.rehearse), told.get("postponed", kind.postponed)
        register_kind(replace(kind, rehearse=rehearse, postponed=postponed))
