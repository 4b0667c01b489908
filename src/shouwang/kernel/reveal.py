"""The one door to a masked value in the clear: who looked at which field of which record, and why.

A page that shows an identity number, a phone or an account whole calls `reveal` first. Refuses: a look outside the
actor's area, and one without a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import audit
from .actor import Actor
from .errors import Invalid, NotFound

OTHER: Final = "other"
REASONS: Final[Mapping[str, str | Promise]] = {
    "verify": gettext_lazy("核对身份"),
    "contact": gettext_lazy("电话联系本人或家属"),
    "payment": gettext_lazy("核对发放账户"),
    "inspection": gettext_lazy("上级核查、审计抽查"),
    OTHER: gettext_lazy("其他（请写明）"),
}
_NOTE_LENGTH_MAX: Final = 200


@transaction.atomic
def reveal(
    *,
    actor: Actor,
    subject: str,
    field: str,
    area_code: int,
    reason: str,
    note: str = "",
    is_command: bool = False,
) -> None:
    """Record the look; the caller shows the value only after this returns.

    `subject` is "aggregate:id", `field` the column's name, `reason` a key of REASONS; "other" needs a note.
    `is_command`: a record of the command of events, open to event roles too. Raises NotFound (outside the actor's area)
    or Invalid.
    """
    if not (actor.scope.commands(area_code) if is_command else actor.scope.contains(area_code)):
        raise NotFound(_("没有这条记录，或不在您的辖区"), reason="reveal.outside")
    if reason not in REASONS:
        raise Invalid(_("请选择查看原因"), reason="reveal.reason")
    if reason == OTHER and not note.strip():
        raise Invalid(_("选择“其他”时请写明原因"), reason="reveal.note")
    data = {"field": field, "reason": reason, "note": note.strip()[:_NOTE_LENGTH_MAX]}
    audit.record(actor=actor, action="field.reveal", subject=subject, area_code=area_code, data=data)
