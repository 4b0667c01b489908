"""Where measures, their orders and the answers of their sites stand. A measure's own state is derived, never stored."""

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


class OrderState(models.TextChoices):
    DRAFT = "draft", "拟稿"
    SIGNED = "signed", "已签发"
    DROPPED = "dropped", "已作废"

    @property
    def tone(self) -> str:
        return {"draft": "waiting", "signed": "done", "dropped": "stopped"}[self.value]


ORDER_MOVES: dict[tuple[str, str], str] = {
    (OrderState.DRAFT, "change"): OrderState.DRAFT,
    (OrderState.DRAFT, "rehearse"): OrderState.DRAFT,
    (OrderState.DRAFT, "sign"): OrderState.SIGNED,
    (OrderState.DRAFT, "drop"): OrderState.DROPPED,
}


class ReceiptState(models.TextChoices):
    """Where a site's answer stands; derived from its instants."""

    WAITING = "waiting", "未签收"
    RECEIVED = "received", "已签收"
    CONFIRMED = "confirmed", "已落实"
    OVERDUE = "overdue", "超时未落实"

    @property
    def tone(self) -> str:
        return {"waiting": "waiting", "received": "progress", "confirmed": "done", "overdue": "overdue"}[self.value]


class WorkField(models.TextChoices):
    """The ten fields of civil affairs that have an emergency plan of their own, and what goes across them."""

    GENERAL = "general", "综合"
    SOCIAL_ORGANISATIONS = "social_organisations", "社会组织"
    ASSISTANCE = "assistance", "社会救助"
    COMMUNITIES = "communities", "社区（村）"
    ELDERLY_CARE = "elderly_care", "养老服务"
    CHILDREN = "children", "儿童福利"
    RESCUE = "rescue", "救助管理"
    FUNERALS = "funerals", "殡葬服务"
    MARRIAGE = "marriage", "婚姻登记"
    CHARITY = "charity", "慈善捐赠"
    LOTTERY = "lottery", "福利彩票"
