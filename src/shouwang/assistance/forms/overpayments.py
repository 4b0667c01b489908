"""Forms of the register of overpayments."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.areas.public import AreaField
from shouwang.kernel.forms import YuanField

from ..states import MONTHLY, Programme
from .payments import QueryForm

_PROGRAMMES = [("", _("全部")), *((code, label) for code, label in Programme.choices if code in MONTHLY)]


class OverpaymentQuery(QueryForm):
    state = forms.ChoiceField(
        label=_("办理状态"), choices=[("", _("待追回")), ("settled", _("已处理"))], required=False
    )
    programme = forms.ChoiceField(label=_("救助类别"), choices=_PROGRAMMES, required=False)
    area = AreaField(label=_("区划"), required=False)


class RecoverForm(forms.Form):
    request_id = forms.UUIDField(widget=forms.HiddenInput)
    amount = YuanField(label=_("追回金额（元）"), help_text=_("钱款退回专户以后再登记。"))
    reason = forms.CharField(label=_("追回经过"), max_length=100, widget=forms.Textarea(attrs={"rows": 2}))


class WriteOffForm(forms.Form):
    reason = forms.CharField(label=_("核销理由"), max_length=100, widget=forms.Textarea(attrs={"rows": 2}))
