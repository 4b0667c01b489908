"""Forms of the book. They tidy what was typed; commands decide."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.areas.public import AreaField
from shouwang.kernel import clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.forms import DayField, PeriodQuery, YuanField

from .programmes import programme_choices
from .queries import funds_in_reach, list_accounts_for
from .states import HOLDS_MONEY, AccountKind, FundLevel

_ALL = [("", _("全部"))]


class AsOfQuery(forms.Form):
    day = DayField(label=_("截至（当日 24:00）"), required=False)

    def as_of(self) -> datetime | None:
        """The cut-off asked for; None: now."""
        day: date | None = self.cleaned_data["day"] if self.is_valid() else None
        return clock.parse_cutoff(day.isoformat()) if day else None


class AccountQuery(AsOfQuery):
    fund = forms.UUIDField(label=_("资金"), required=False)
    kind = forms.ChoiceField(label=_("科目类别"), required=False, choices=[*_ALL, *AccountKind.choices])
    area = AreaField(label=_("区划"), required=False)
    field_order = ("fund", "kind", "area", "day")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [*_ALL, *((str(fund.id), fund.name) for fund in funds_in_reach(actor))]
        self.fields["fund"].widget = forms.Select(choices=choices)


class StatementQuery(PeriodQuery):
    since = DayField(label=_("记账日期从"), required=False)


def _offer(field: forms.Field, choices: list[tuple[str, str]]) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = [("", _("请选择")), *choices]


class _ByHand(forms.Form):
    request_id = forms.UUIDField(widget=forms.HiddenInput)
    amount = YuanField(label=_("金额（元）"))
    occurred_on = DayField(label=_("业务日期"), help_text=_("到账或调拨的日期，不能晚于今天。"))
    memo = forms.CharField(label=_("摘要"), max_length=200, help_text=_("写明来文文号和用途。"))


class ReceiptForm(_ByHand):
    fund = forms.ChoiceField(label=_("资金"))
    area = AreaField(label=_("收款单位所在区划"))
    field_order = ("request_id", "fund", "area", "amount", "occurred_on", "memo")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["fund"], [(str(fund.id), fund.name) for fund in funds_in_reach(actor)])


class TransferForm(_ByHand):
    giver = forms.ChoiceField(label=_("调出科目"))
    taker = forms.ChoiceField(label=_("调入科目"))
    field_order = ("request_id", "giver", "taker", "amount", "occurred_on", "memo")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = list_accounts_for(actor, kinds=HOLDS_MONEY)
        for name in ("giver", "taker"):
            _offer(self.fields[name], [(str(account.id), account.name) for account in accounts])


class FundForm(forms.Form):
    code = forms.CharField(label=_("资金编号"), max_length=40)
    name = forms.CharField(label=_("资金名称"), max_length=80)
    level = forms.ChoiceField(label=_("资金层级"), choices=FundLevel.choices)
    area = AreaField(label=_("管理单位所在区划"))
    programmes = forms.MultipleChoiceField(
        label=_("可以用于的救助项目"), choices=programme_choices, widget=forms.CheckboxSelectMultiple
    )
    single_limit = YuanField(label=_("单笔限额（元）"), required=False, help_text=_("不填即不设限额。"))
    purpose = forms.CharField(label=_("用途"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class ReverseForm(forms.Form):
    reason = forms.CharField(label=_("冲正原因"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
