"""Showing a masked value of a person whole: through the kernel's one door, which logs who looked and why."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel import reveal as door
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import Invalid, NotFound

from ..queries.as_of import account_as_of
from ..queries.people import get_person_for
from ..states import Sealed


@transaction.atomic
def reveal(*, actor: Actor, person_id: UUID, field: str, reason: str, note: str = "") -> str:
    """The whole value of `field` (a code of Sealed). Raises NotFound when none is recorded; that look is not logged."""
    person = get_person_for(actor, person_id)
    if field not in frozenset(Sealed):
        raise Invalid(_("没有这一项"), reason="reveal.field")
    if field == Sealed.ACCOUNT:
        account = account_as_of([person.id], on=clock.today()).get(person.id)
        value = account.account if account else ""
    else:
        value = getattr(person, field) or ""
    if not value:
        raise NotFound(_("没有登记这一项"), reason="reveal.nothing")
    subject = f"person:{person.id}"
    door.reveal(actor=actor, subject=subject, field=field, area_code=person.area_code, reason=reason, note=note)
    return str(value)
