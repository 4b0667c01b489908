"""What the book calls the entries of the payment chain, and where they lead."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from shouwang.kernel.actor import Actor
from shouwang.ledger.public import SourceLink, register_source

from .models import Overpayment, PaymentAttempt, PaymentBatch
from .states import OVERPAYMENT


def batch_link(actor: Actor, subject: str) -> SourceLink:
    """`subject` is "<batch id>:<place of the part>"."""
    batch_id = UUID(subject.partition(":")[0])
    number = PaymentBatch.objects.filter(actor.scope.q(), id=batch_id).values_list("number", flat=True).first()
    if number is None:
        return SourceLink(label=_("每月清册"))
    return SourceLink(label=_("清册 %(number)s") % {"number": number}, url=reverse("batch_page", args=[batch_id]))


def line_link(actor: Actor, subject: str) -> SourceLink:
    """`subject` is the id of the attempt that was reversed or given up."""
    found = PaymentAttempt.objects.filter(actor.scope.q(), id=UUID(subject)).exists()
    url = reverse("payment_line", args=[subject]) if found else ""
    return SourceLink(label=_("发放明细更正"), url=url)


def overpayment_link(actor: Actor, subject: str) -> SourceLink:
    """`subject` is the id of the overpayment that came back."""
    found = Overpayment.objects.filter(actor.scope.q(), id=UUID(subject)).exists()
    return SourceLink(label=_("追回多发"), url=reverse("overpayment_page", args=[subject]) if found else "")


def register() -> None:
    register_source(OVERPAYMENT, overpayment_link)
    register_source("batch", batch_link)
    register_source("reversal", line_link)
    register_source("cancel", line_link)
