"""Form fields that every app types the same things into: a day, a span of days, an amount."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from .errors import DomainError
from .money import parse_yuan

_IN_THE_CALENDAR = (MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2999, 12, 31)))


class DayField(forms.DateField):
    """A day, picked or typed; one from which another can be counted, and which an instant can be made of."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, validators=_IN_THE_CALENDAR, **kwargs)


class PeriodQuery(forms.Form):
    """From a day to a day, both open to be left out."""

    since = DayField(label=_("从"), required=False)
    until = DayField(label=_("到（含当日）"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("since") and cleaned.get("until") and cleaned["since"] > cleaned["until"]:
            self.add_error("until", _("结束日期不能早于开始日期"))
        return cleaned


class YuanField(forms.CharField):
    """An amount typed in yuan; cleans to fen, None when empty and not required."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off", "class": "num"}
        super().__init__(widget=forms.TextInput(attrs=attrs), max_length=24, **kwargs)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_yuan(text)
        except DomainError as refusal:
            raise forms.ValidationError(refusal.message, code=refusal.reason) from None
