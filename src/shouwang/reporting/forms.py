"""What a person chooses to see figures: an area, a first day, a cut-off."""

from __future__ import annotations

from datetime import date, datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwang.areas.public import AreaField
from shouwang.kernel import clock
from shouwang.kernel.forms import DayField


class FiguresForm(forms.Form):
    """The query bar of a bulletin. The cut-off is a day's 24:00, or an hour of a day."""

    area = AreaField(label=_("区划"), required=False)
    since = DayField(label=_("起始日期"), required=False)
    until = DayField(
        label=_("截止日期"),
        required=False,
    )
    hour = forms.TypedChoiceField(
        label=_("截止时刻"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[(24, "24:00"), *((hour, f"{hour:02d}:00") for hour in range(1, 24))],
    )

    def since_or_default(self) -> date:
        """The first day of the year of the cut-off, unless given."""
        return self.cleaned_data.get("since") or self.as_of_or_default().replace(month=1, day=1).date()

    def as_of_or_default(self) -> datetime:
        """Yesterday's 24:00 unless given: the last day that is whole."""
        day = self.cleaned_data.get("until")
        if day is None:
            return clock.day_start(clock.today())
        hour = self.cleaned_data.get("hour") or 24
        if hour == 24:
            return clock.parse_cutoff(day.isoformat())
        return clock.day_start(day).replace(hour=hour)


class IssueForm(forms.Form):
    """Signing tonight's bulletin."""

    request_id = forms.UUIDField(widget=forms.HiddenInput)
    title = forms.CharField(label=_("标题"), max_length=100)
