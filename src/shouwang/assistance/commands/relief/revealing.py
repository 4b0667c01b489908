"""Showing the applicant's sealed values whole, as the case froze them: through the one door, which logs who and why."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import reveal as door
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, NotFound

from ...queries.relief import get_case_for, snapshot_of
from ...states import SealedInCase


@transaction.atomic
def reveal_applicant(*, actor: Actor, case_id: UUID, field: str, reason: str, note: str = "") -> str:
    """The whole value of `field` (a code of SealedInCase); the case's area decides, not the applicant's register.

    Raises NotFound when none is recorded (that look is not logged), and Invalid.
    """
    case = get_case_for(actor, case_id)
    if field not in frozenset(SealedInCase):
        raise Invalid(_("没有这一项"), reason="reveal.field")
    who = snapshot_of(case)
    value = who.id_number if field == SealedInCase.ID_NUMBER else who.phone
    if not value:
        raise NotFound(_("没有登记这一项"), reason="reveal.nothing")
    subject = f"relief_case:{case.id}"
    door.reveal(actor=actor, subject=subject, field=field, area_code=case.area_code, reason=reason, note=note)
    return value
