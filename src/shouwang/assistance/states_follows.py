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


class LeftOut(models.TextChoices):
    """Why a grant of the month was not computed again."""

    UNKNOWN_FACTS = "unknown_facts", "收入等资料没有登记，按规则算不出来"
    BY_HAND = "by_hand", "款项由人撤下、放弃或者冲回过，不再改动"
    NOT_IN_FORCE = "not_in_force", "按现在的资料当月不在保，或者已迁出"
    HELD = "held", "当月清册没有发给本户（已去世、已在别处发放等）"


ARREARS = "arrears"
"""Payables with this reason, followed by the recalculation's id, are arrears of their month."""
