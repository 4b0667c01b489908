"""The form of a supposition: one parameter and the measures, on a month that was run."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.areas.public import AreaField
from shouwang.kernel import clock
from shouwang.kernel.errors import Invalid

from ..rules.benefits.catalogue import key_of
from ..rules.benefits.parameters import ParameterRow, Status
from ..rules.benefits.programmes import rule_of
from ..rules.monthly import month_of
from ..states import MONTHLY, Programme
from .payments import MonthField

_AS_IT_WAS = [("", _("不变"))]
_CHANGEABLE = tuple(
    dict.fromkeys(key for programme in sorted(MONTHLY) for key in rule_of(programme).uses if not key_of(key).is_text)
)


class WhatIfForm(forms.Form):
    programme = forms.ChoiceField(
        label=_("救助类别"), choices=[(code, label) for code, label in Programme.choices if code in MONTHLY]
    )
    month = MonthField(label=_("月份"), initial=lambda: month_of(clock.today()))
    area = AreaField(label=_("区划"))
    key = forms.ChoiceField(
        label=_("改哪一项"),
        choices=[*_AS_IT_WAS, *((key, f"{key_of(key).label}（{key_of(key).unit.value}）") for key in _CHANGEABLE)],
        required=False,
    )
    value = forms.CharField(
        label=_("改成"), required=False, max_length=24, widget=forms.TextInput(attrs={"class": "num"})
    )
    exit_paused = forms.ChoiceField(
        label=_("暂缓退出"), choices=[*_AS_IT_WAS, ("yes", _("在行")), ("no", _("解除"))], required=False
    )
    gradual_exit_months = forms.IntegerField(
        label=_("渐退期（月）"),
        required=False,
        min_value=1,
        max_value=12,
        widget=forms.NumberInput(attrs={"class": "num"}),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        key, text = values.get("key"), values.get("value")
        if bool(key) != bool(text):
            raise forms.ValidationError(_("改哪一项和改成多少要一起填写"), code="what_if.half")
        if key and text:
            try:
                key_of(key).parse(text, key_of(key).unit.value)
            except Invalid as refusal:
                raise forms.ValidationError(str(refusal), code=refusal.reason) from None
        return values

    def rows(self) -> tuple[ParameterRow, ...]:
        """What is supposed of the parameters, from the month asked on."""
        values = self.cleaned_data
        if not values["key"]:
            return ()
        entry = key_of(values["key"])
        row = ParameterRow(
            key=values["key"],
            area_code=values["area"],
            valid_from=values["month"],
            text=values["value"],
            unit=entry.unit.value,
            source_number=str(_("测算")),
            status=Status.PLACEHOLDER,
        )
        return (row,)

    def measures(self) -> dict[str, Any]:
        values, supposed = self.cleaned_data, {}
        if values["exit_paused"]:
            supposed["is_exit_paused"] = values["exit_paused"] == "yes"
        if values["gradual_exit_months"]:
            supposed["gradual_exit_months"] = values["gradual_exit_months"]
        return supposed
