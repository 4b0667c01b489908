"""Forms of estates, entrances and phones."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.areas.public import AreaField
from shouwang.kernel.forms import DayField

from ..states import EstateKind, GateState, StalePolicy


class BoardQuery(forms.Form):
    area = AreaField(label=_("区划"), required=False)
    on = DayField(label=_("日期"), required=False)


class EstateQuery(forms.Form):
    q = forms.CharField(label=_("小区名称"), required=False, max_length=40)


class EstateForm(forms.Form):
    name = forms.CharField(label=_("名称"), max_length=60, help_text=_("居民登记时按这个名称找自己的小区。"))
    kind = forms.ChoiceField(label=_("类型"), choices=EstateKind.choices)
    area = AreaField(label=_("所在社区（村）"))
    address = forms.CharField(label=_("地址"), max_length=120, required=False)


class BuildingForm(forms.Form):
    name = forms.CharField(label=_("楼号"), max_length=20)
    household_count = forms.IntegerField(label=_("户数"), min_value=0, max_value=5_000)


class GateForm(forms.Form):
    name = forms.CharField(label=_("出入口名称"), max_length=40, help_text=_("例如 南门。"))
    stale_after_hours = forms.IntegerField(label=_("名册超过几小时算过时"), min_value=1, max_value=72, initial=24)
    stale_policy = forms.ChoiceField(
        label=_("名册过时以后"), choices=StalePolicy.choices, initial=StalePolicy.ADMIT_AND_FLAG
    )


class GateStatusForm(forms.Form):
    state = forms.ChoiceField(label=_("状态"), choices=GateState.choices)
    emergency_note = forms.CharField(
        label=_("消防车、救护车怎样进入"), max_length=200, required=False, help_text=_("封闭的出入口必须写明。")
    )


class RevokeForm(forms.Form):
    reason = forms.CharField(label=_("停用原因"), max_length=100)
    wipe = forms.BooleanField(label=_("下次联网时清除手机上的名册"), required=False)


class NoteForm(forms.Form):
    note = forms.CharField(label=_("核实的情况"), max_length=200)


class JudgeForm(NoteForm):
    decision = forms.ChoiceField(choices=[("take", _("收下")), ("leave", _("不收"))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].label = _("理由")
