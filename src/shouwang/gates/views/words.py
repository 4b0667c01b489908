"""States of this app in a colour and a word."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from ..models import Pass
from ..states import RegistrationState
from ..states_residents import RENEWED_BEFORE, DeclarationState

REGISTRATION_TONES = {
    RegistrationState.PENDING: "waiting",
    RegistrationState.CONFIRMED: "done",
    RegistrationState.REFUSED: "overdue",
    RegistrationState.WITHDRAWN: "stopped",
    RegistrationState.ENDED: "stopped",
}
_DECLARATION_TONES = {
    DeclarationState.NONE: "neutral",
    DeclarationState.DECLARED: "done",
    DeclarationState.DUE: "waiting",
    DeclarationState.SYMPTOMS: "overdue",
}


def declaration_words(state: str) -> tuple[str, str]:
    """Label and tone."""
    known = DeclarationState(state)
    return str(known.label), _DECLARATION_TONES[known]


def pass_words(one: Pass, now: datetime) -> tuple[str, str]:
    """Where a pass stands: label and tone."""
    if hasattr(one, "denial"):
        return _("已作废：%(reason)s") % {"reason": one.denial.get_reason_display()}, "overdue"
    if one.expires_at <= now:
        return _("已到期"), "stopped"
    if one.valid_from > now:
        return _("未到日期"), "waiting"
    if one.expires_at <= now + RENEWED_BEFORE and one.holder_id is not None:
        return _("即将到期"), "waiting"
    return _("有效"), "done"
