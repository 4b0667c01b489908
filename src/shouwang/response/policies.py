"""Who registers documents and who orders measures. What is in force is for everyone to read."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from shouwang.accounts.public import Role
from shouwang.kernel.actor import Actor
from shouwang.kernel.errors import NotAllowed, NotFound
from shouwang.kernel.scope import Span

REGISTERS_DOCUMENTS: frozenset[str] = frozenset({Role.COUNTY_OFFICER, Role.COUNTY_LEADER, Role.CITY_OFFICER})
ORDERS_MEASURES: frozenset[str] = frozenset({Role.COUNTY_LEADER, Role.CITY_OFFICER})

ANSWERS_FOR_SITES: frozenset[str] = REGISTERS_DOCUMENTS | {Role.TOWNSHIP_ASSISTANT, Role.TOWNSHIP_HEAD}


def may_register_documents(actor: Actor) -> bool:
    return actor.is_system or actor.role in REGISTERS_DOCUMENTS


def may_order_measures(actor: Actor) -> bool:
    return actor.is_system or actor.role in ORDERS_MEASURES


def may_draft_orders(actor: Actor) -> bool:
    return actor.is_system or actor.role in REGISTERS_DOCUMENTS


def may_read_orders(actor: Actor) -> bool:
    return may_draft_orders(actor) or actor.role == Role.AUDITOR


def may_answer_for_sites(actor: Actor) -> bool:
    """A township answers for sites that have no user of their own; so does its county."""
    return actor.is_system or actor.role in ANSWERS_FOR_SITES


def may_order_measures_in(actor: Actor, spans: Sequence[Span]) -> bool:
    """The whole of `spans` is the actor's: a county does not lift what the city ordered for all its counties."""
    return may_order_measures(actor) and actor.scope.covers(spans)


def ensure_may_register_documents(actor: Actor, area_code: int) -> None:
    if not may_register_documents(actor):
        raise NotAllowed(_("文件由县区或市局民政人员登记"), reason="document.not_an_officer")
    if not actor.scope.contains(area_code):
        raise NotFound(_("没有这个区划，或者不在您的管辖范围"), area_code=area_code)


def ensure_may_order_measures(actor: Actor, spans: Sequence[Span]) -> None:
    if not may_order_measures(actor):
        raise NotAllowed(_("措施由县区民政负责人或市局发布和解除"), reason="measure.not_an_authority")
    if not actor.scope.covers(spans):
        raise NotAllowed(_("这个区划不全在您的管辖范围，请由上级发布或解除"), reason="measure.outside")


def ensure_may_draft_orders(actor: Actor, spans: Sequence[Span] = ()) -> None:
    if not may_draft_orders(actor):
        raise NotAllowed(_("措施由县区或市局民政人员拟稿"), reason="measure.not_an_authority")
    if not actor.scope.covers(spans):
        raise NotAllowed(_("这个区划不全在您的管辖范围，请由上级发布或解除"), reason="measure.outside")


def ensure_may_answer_for_sites(actor: Actor) -> None:
    if not may_answer_for_sites(actor):
        raise NotAllowed(_("机构的签收和落实由乡镇或县区民政人员代办"), reason="receipt.not_an_officer")
