"""Orders and what they hold. A draft is its own level's: who may order measures in its area sees it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotFound

from ..models import Order, OrderItem


def get_order_for(actor: Actor, order_id: UUID) -> Order:
    """With its document. Raises NotFound, also for an order of another area."""
    order = Order.objects.select_related("document").filter(actor.scope.q(), id=order_id).first()
    if order is None:
        raise NotFound(_("没有这份发布单，或者不在您的管辖范围"), order_id=order_id)
    return order


def list_orders_for(actor: Actor, *, state: str = "") -> QuerySet[Order]:
    """The newest draft first; each has `measure_count`."""
    orders = Order.objects.filter(actor.scope.q()).annotate(measure_count=Count("items"))
    if state:
        orders = orders.filter(state=state)
    return orders.select_related("document").order_by("-drafted_at", "-id")


def items_of(order: Order) -> Sequence[OrderItem]:
    return list(OrderItem.objects.filter(order=order).order_by("position"))
