"""Changing the working-day table: a day is worked or not, by which notice."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, NotAllowed
from shouwang.kernel.models import WorkingDay

from ..states import Role

FIRST_YEAR, LAST_YEAR = 2019, 2099
_SOURCE = "人工录入"


@transaction.atomic
def set_working_day(*, actor: Actor, day: date, is_working: bool, note: str) -> WorkingDay:
    """Deadlines are counted by the new answer from now on; a deadline that was fixed already stays as it is.

    Raises NotAllowed or Invalid.
    """
    if actor.role != Role.SYSADMIN and not actor.is_system:
        raise NotAllowed(_("工作日历只由系统管理员修改"), reason="workdays.sysadmin_only")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        words = {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise Invalid(_("只能修改 %(first)s 至 %(last)s 年的日期") % words, reason="workdays.year")
    if not note.strip():
        raise Invalid(_("请写明依据，例如放假通知的文号"), reason="workdays.note")
    before = WorkingDay.objects.select_for_update().filter(day=day).first()
    row, _created = WorkingDay.objects.update_or_create(
        day=day, defaults={"is_working": is_working, "note": note.strip()[:64], "source": _SOURCE}
    )
    audit.record(
        actor=actor,
        action="workdays.set",
        subject=f"working_day:{day}",
        area_code=actor.area_code,
        data={
            "is_working": is_working,
            "note": row.note,
            "before": before and {"is_working": before.is_working, "note": before.note, "source": before.source},
        },
    )
    return row
