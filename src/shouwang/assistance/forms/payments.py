"""Forms of grants and the payment chain. They tidy what was typed; commands decide."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.areas.public import AreaField, get_area
from shouwang.kernel import clock
from shouwang.kernel.forms import YuanField
from shouwang.kernel.scope import Span

from ..rules.monthly import month_of
from ..states import GRANTED, MONTHLY, AttemptState, BatchState, ChangeCause, GrantChangeKind, Programme

_ALL = [("", _("全部"))]
_MONTHLY = [(code, label) for code, label in Programme.choices if code in MONTHLY]
_GRANTED = [(code, label) for code, label in Programme.choices if code in GRANTED]


class MonthField(forms.DateField):
    """A month typed as 2020-03; cleans to its first day."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "month"}, format="%Y-%m")
        super().__init__(widget=widget, input_formats=["%Y-%m"], **kwargs)


class QueryForm(forms.Form):
    """A query bar: what cannot be read asks for nothing."""

    def wanted(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data

    def spans(self) -> tuple[Span, ...] | None:
        area = self.wanted().get("area")
        return get_area(area).span if area else None


class GrantQuery(QueryForm):
    programme = forms.ChoiceField(label=_("救助类别"), choices=[*_ALL, *_GRANTED], required=False)
    month = MonthField(label=_("月份"), required=False)
    in_force = forms.ChoiceField(
        label=_("发放状态"), choices=[*_ALL, ("yes", _("在发")), ("no", _("已停"))], required=False
    )
    area = AreaField(label=_("区划"), required=False)

    def chosen_month(self) -> date:
        return self.wanted().get("month") or month_of(clock.today())


class GrantChangeForm(forms.Form):
    request_id = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=_("变更"),
        choices=[
            (GrantChangeKind.CHANGE, _("调整金额")),
            (GrantChangeKind.SUSPEND, _("暂停发放")),
            (GrantChangeKind.END, _("终止")),
        ],
    )
    amount = YuanField(label=_("每月金额（元）"), required=False, help_text=_("调整金额时填写；暂停和终止不填。"))
    valid_from = MonthField(label=_("从哪个月起"))
    cause = forms.ChoiceField(label=_("原因类别"), choices=ChangeCause.choices)
    reason = forms.CharField(label=_("原因"), max_length=100, widget=forms.Textarea(attrs={"rows": 2}))


class BatchQuery(QueryForm):
    programme = forms.ChoiceField(label=_("救助类别"), choices=[*_ALL, *_MONTHLY], required=False)
    month = MonthField(label=_("发放月份"), required=False)
    state = forms.ChoiceField(label=_("办理状态"), choices=[*_ALL, *BatchState.choices], required=False)


class RunForm(forms.Form):
    programme = forms.ChoiceField(label=_("救助类别"), choices=_MONTHLY)
    month = MonthField(label=_("发放月份"), help_text=_("同一月份重复生成不会重复列入。"))
    area = AreaField(label=_("区划"), help_text=_("县（市、区）、功能区或者市；每个单位一份清册。"))


class LineQuery(QueryForm):
    township = forms.TypedChoiceField(label=_("乡镇（街道）"), required=False, coerce=int, empty_value=None)
    state = forms.ChoiceField(label=_("发放状态"), choices=[*_ALL, *AttemptState.choices], required=False)

    def __init__(self, *args: Any, townships: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["township"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [*_ALL, *townships]


class StepForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(label=_("意见"), required=False, max_length=200)


class ReturnForm(forms.Form):
    workbook = forms.FileField(
        label=_("银行回盘文件"),
        help_text=_("xlsx、xls、ods、csv（要有批次号、序号、金额、处理结果四列），或者 ISO 20022 的 pain.002 报文。"),
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("原因"), max_length=100, widget=forms.Textarea(attrs={"rows": 2}))


class ProblemQuery(QueryForm):
    programme = forms.ChoiceField(label=_("救助类别"), choices=[*_ALL, *_MONTHLY], required=False)
    month = MonthField(label=_("发放月份"), required=False)
    kind = forms.ChoiceField(
        label=_("情况"), choices=[*_ALL, ("returned", _("退票")), ("no_account", _("没有账号"))], required=False
    )
    area = AreaField(label=_("区划"), required=False)
