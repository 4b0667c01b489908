"""States and codes of what follows from late facts: months computed again, and lists of deaths."""

from __future__ import annotations

from django.db import models


class RecalculationState(models.TextChoices):
    """A month to be computed again: 待核算 -> 待复核 -> 已确认, or handed back."""

    WAITING = "waiting", "待核算"
    COMPUTED = "computed", "待复核"
    CONFIRMED = "confirmed", "已确认"
    REFUSED = "refused", "已退回"


BY_HAND: dict[str, str] = {RecalculationState.WAITING: "要人工核定", RecalculationState.REFUSED: "已人工办结"}
"""The same states of what the system does not compute again (states.LINKED)."""


class RecalculationCause(models.TextChoices):
    NOTICE = "notice", "标准追溯调整"
    FACTS = "facts", "资料补登或更正"


class RecalculationWait(models.TextChoices):
    """Why a line's difference is told and not settled."""

    NOT_ARRIVED = "not_arrived", "原款还没有到账，到账后再核算"
    COVERED = "covered", "有成员本月已在别处发放"


ARREARS = "arrears"
"""Payables with this reason, followed by the recalculation's id, are arrears of their month."""
