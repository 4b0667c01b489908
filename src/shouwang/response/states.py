"""Where a measure stands. Derived from its instants, never stored."""

from __future__ import annotations

from django.db import models


class MeasureState(models.TextChoices):
    COMING = "coming", "即将生效"
    IN_FORCE = "in_force", "正在执行"
    LIFTED = "lifted", "已解除"
    OVER = "over", "已期满"

    @property
    def tone(self) -> str:
        return {"coming": "waiting", "in_force": "done", "lifted": "stopped", "over": "stopped"}[self.value]


class MeasurePhase(models.TextChoices):
    """By what the list of measures is filtered."""

    COMING = "coming", "即将生效"
    IN_FORCE = "in_force", "正在执行"
    ENDED = "ended", "已结束"
