"""The form that asks for a month to be computed again."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.areas.public import AreaField

from ..states import GRANTED, Programme
from .payments import MonthField


class RecalculationForm(forms.Form):
    request_id = forms.UUIDField(widget=forms.HiddenInput)
    programme = forms.ChoiceField(
        label=_("救助类别"),
        choices=[(code, label) for code, label in Programme.choices if code in GRANTED],
        help_text=_("价格临时补贴、一次性补助要人工核定。"),
    )
    month = MonthField(label=_("月份"), help_text=_("已经在本系统生成过清册的月份。"))
    area = AreaField(label=_("单位"), help_text=_("县（市、区）或者功能区。"))
    basis = forms.CharField(label=_("依据"), max_length=200, help_text=_("哪些资料补登或更正了，依据什么文件或核查。"))
