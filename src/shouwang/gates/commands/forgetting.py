"""Forgetting registrations whose day has come: the date that every own page shows is kept.

Guarantees: nothing personal stays: names, numbers, phone, address, declarations and the code go; what remains says that
somebody was registered and had a pass, and of whom not. Refuses what is still in use: a registration with a live pass is
kept until that has ended. Guests' names go with their host's data, other names with their pass.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import audit, clock
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotAllowed

from ..models import HealthDeclaration, Pass, Registration, Resident
from ..states_residents import FORGOTTEN, KEPT_AFTER_LAST_PASS

NOBODY: Final = "*"
"""What stands where a guest's name stood: a pass keeps a holder."""
_SLICE: Final = 200
"""Registrations of one transaction."""


def forget_registrations(*, actor: Actor) -> int:
    """Those whose day has come, in slices; returns how many. For the system alone."""
    if actor.role != "system":
        raise NotAllowed(_("到期删除由系统按日期办理"), reason="registration.system_only")
    forgotten = 0
    while count := _forget_slice(actor):
        forgotten += count
    _forget_named()
    return forgotten


@transaction.atomic
def _forget_slice(actor: Actor) -> int:
    live = Pass.objects.filter(denial=None, expires_at__gt=clock.now(), holder__isnull=False)
    due = Registration.objects.select_for_update(of=("self",)).filter(forgotten_at=None, forget_on__lte=clock.today())
    registrations = list(due.exclude(residents__passes__in=live).order_by("id")[:_SLICE])
    ids = [one.id for one in registrations]
    if not ids:
        return 0
    residents = Resident.objects.filter(registration_id__in=ids)
    Pass.objects.filter(host__in=residents).update(holder_name=NOBODY, holder_tail="", purpose="")
    residents.update(
        name="", initials="", id_number=None, id_index=None, id_tail="", no_id_reason=FORGOTTEN, person_id=None
    )
    HealthDeclaration.objects.filter(resident__registration_id__in=ids).delete()
    Registration.objects.filter(id__in=ids).update(
        building="", room="", phone=None, code_digest=None, decision_note="", forgotten_at=clock.now()
    )
    by_area: dict[int, int] = {}
    for one in registrations:
        by_area[one.area_code] = by_area.get(one.area_code, 0) + 1
    for area_code, count in sorted(by_area.items()):
        subject, data = "registration:many", {"count": count}
        audit.record(actor=actor, action="registration.forget", subject=subject, area_code=area_code, data=data)
    return len(ids)


@transaction.atomic
def _forget_named() -> None:
    """Staff, helpers and guests without a host: their names go four weeks after their pass."""
    over = clock.now() - timedelta(days=KEPT_AFTER_LAST_PASS.days)
    Pass.objects.filter(holder=None, expires_at__lt=over).exclude(holder_name=NOBODY).update(
        holder_name=NOBODY, holder_tail="", purpose=""
    )
