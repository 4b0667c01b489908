"""Forms around the payment of a month. They tidy what was typed; commands decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.areas.public import AreaField
from shouwang.kernel.actor import Actor
from shouwang.kernel.forms import DayField
from shouwang.ledger.public import funds_for

from ..bank_files import profile_choices
from ..queries.publications import programme_choices
from ..states import Programme, PublicationKind
from .payments import MonthField, QueryForm


class ArrangementForm(forms.Form):
    request_id = forms.UUIDField(widget=forms.HiddenInput)
    area = AreaField(label=_("发放单位"), help_text=_("县（市、区）或功能区。"))
    fund = forms.TypedChoiceField(label=_("资金"), required=False, coerce=str, empty_value=None)
    profile = forms.ChoiceField(label=_("代发文件格式"), choices=profile_choices)
    payer_name = forms.CharField(label=_("付款户名"), required=False, max_length=140)
    payer_account = forms.CharField(
        label=_("付款账号"), required=False, max_length=40, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    payer_bank = forms.CharField(label=_("付款开户行"), required=False, max_length=140)
    payer_bank_code = forms.CharField(
        label=_("联行号"), required=False, max_length=12, help_text=_("12 位数字；ISO 20022 报文里用。")
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        funds = {fund.id: fund.name for programme in Programme for fund in funds_for(actor, programme)}
        field = self.fields["fund"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", _("全部资金")), *((str(fund_id), name) for fund_id, name in funds.items())]


class PublicationForm(forms.Form):
    request_id = forms.UUIDField(widget=forms.HiddenInput)
    area = AreaField(label=_("村（社区）"))
    programme = forms.ChoiceField(label=_("救助类别"), choices=programme_choices)
    month = MonthField(label=_("月份"))
    kind = forms.ChoiceField(
        label=_("张榜种类"), choices=PublicationKind.choices, help_text=_("公示满 7 天，第 8 天自动撤下；公布不撤。")
    )


class MonthQuery(QueryForm):
    area = AreaField(label=_("发放单位"), required=False)
    month = MonthField(label=_("月份"), required=False)


class CloseMonthForm(forms.Form):
    request_id = forms.UUIDField(widget=forms.HiddenInput)
    expected_open = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    note = forms.CharField(
        label=_("未了事项怎样处理"), required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 2})
    )


class AgreementForm(forms.Form):
    request_id = forms.UUIDField(widget=forms.HiddenInput)
    keeper_name = forms.CharField(label=_("代管人（户名）"), max_length=64)
    keeper_relation = forms.CharField(label=_("与本人的关系"), max_length=64, help_text=_("如侄子、村会计。"))
    document_number = forms.CharField(label=_("协议编号"), max_length=80, help_text=_("报县级民政部门备案的书面协议。"))
    valid_from = DayField(label=_("起始日期"))
    valid_until = DayField(label=_("结束日期"), required=False)
    reason = forms.CharField(label=_("代管原因"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
