"""Forms of postponed reviews."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.areas.public import AreaField

from ..states import GRANTED, Programme
from .payments import MonthField, QueryForm

_PROGRAMMES = [("", _("全部")), *((code, label) for code, label in Programme.choices if code in GRANTED)]


class ReviewQuery(QueryForm):
    state = forms.ChoiceField(
        label=_("复核"), choices=[("", _("等待复核")), ("settled", _("已经复核"))], required=False
    )
    programme = forms.ChoiceField(label=_("救助类别"), choices=_PROGRAMMES, required=False)
    area = AreaField(label=_("区划"), required=False)


class ApplyForm(forms.Form):
    valid_from = MonthField(label=_("从哪个月起执行"), help_text=_("暂缓期间已经发放的不追回。"))
    reason = forms.CharField(label=_("复核意见"), max_length=100, widget=forms.Textarea(attrs={"rows": 2}))


class DismissForm(forms.Form):
    reason = forms.CharField(
        label=_("不予变更的理由"),
        max_length=100,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("照原数额发放，直到下一次调整；收入等资料有变化的，请同时在底册更正。"),
    )


class LiftedQuery(QueryForm):
    programme = forms.ChoiceField(label=_("救助类别"), choices=_PROGRAMMES, required=False)
    area = AreaField(label=_("区划"), required=False)
