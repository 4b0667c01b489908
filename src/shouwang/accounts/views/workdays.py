"""The working-day page 工作日历: a year at a glance, and a day to change."""

from __future__ import annotations

from datetime import date
from itertools import groupby

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shouwang.kernel import clock, workdays
from shouwang.kernel.actor import ActorRequest
from shouwang.kernel.errors import DomainError

from ..commands.workdays import FIRST_YEAR, LAST_YEAR, set_working_day
from ..decorators import roles_required
from ..forms import WorkingDayForm
from ..states import Role


@require_http_methods(["GET", "POST"])
@roles_required(Role.SYSADMIN)
def year_page(request: ActorRequest) -> HttpResponse:
    chosen = _date_in(request.GET.get("day", ""))
    year = chosen.year if chosen else _year_in(request.GET.get("year", ""))
    form = _form_of(chosen)
    if request.method == "POST":
        form = WorkingDayForm(request.POST)
        if form.is_valid():
            try:
                row = set_working_day(actor=request.actor, **form.cleaned_data)
            except DomainError as refusal:
                form.add_error(None, str(refusal))
            else:
                word = _("上班") if row.is_working else _("休息")
                messages.success(request, _("%(day)s 已改为%(word)s。") % {"day": row.day, "word": word})
                return redirect(f"{resolve_url('workdays')}?year={row.day.year}")
    days = workdays.days_of_year(year)
    months = [_weeks(list(month)) for _number, month in groupby(days, key=lambda day: day.on.month)]
    context = {
        "year": year,
        "earlier": year - 1 if year > FIRST_YEAR else None,
        "later": year + 1 if year < LAST_YEAR else None,
        "months": months,
        "exceptions": [day for day in days if day.is_exception],
        "working_count": sum(day.is_working for day in days),
        "is_provisional": any(day.is_provisional for day in days),
        "today": clock.today(),
        "form": form,
    }
    return render(request, "accounts/workdays.html", context, status=422 if form.errors else 200)


def _weeks(month: list[workdays.CalendarDay]) -> list[list[workdays.CalendarDay | None]]:
    """The month in rows from Monday to Sunday, with blanks before its first day and after its last."""
    cells: list[workdays.CalendarDay | None] = [None] * month[0].on.weekday() + list(month)
    cells += [None] * (-len(cells) % 7)
    return [cells[start : start + 7] for start in range(0, len(cells), 7)]


def _form_of(chosen: date | None) -> WorkingDayForm:
    if chosen is None:
        return WorkingDayForm()
    day = next(day for day in workdays.days_of_year(chosen.year) if day.on == chosen)
    return WorkingDayForm(initial={"day": day.on, "is_working": "1" if day.is_working else "0", "note": day.note})


def _date_in(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _year_in(text: str) -> int:
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else clock.today().year
    return min(max(year, FIRST_YEAR), LAST_YEAR)
