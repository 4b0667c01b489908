"""What gate phones call, under /api/v1/gate/: outside sessions, forms and actors, known by a device key.

One function answers, whichever server stands in front: `PhonesMiddleware` among the pages, `gates.wsgi` in a process of
its own. Every answer is JSON; a refusal has a `code` and a `message` in the keeper's words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import msgspec
from django.utils.translation import gettext as _

from shouwang.kernel import clock
from shouwang.kernel.errors import DomainError

from ..commands.devices import EnrolmentRequest, enrol_device, note_wiped
from ..commands.held_batches import hold_batch
from ..commands.observations import take_observations
from ..errors import Busy, DeviceRefused
from ..queries.manifest import enrolment_facts, signed_manifest
from ..queries.phones import authorised_phone, phone_of
from ..rules.batches import BODY_BYTES_MAX, NoBatch, TooManyItems
from ..states import SCANS_IN_A_BATCH_MAX

PREFIX = "/api/v1/gate/"
SMALL_BODY_BYTES_MAX = 16 * 1024


@dataclass(frozen=True, slots=True)
class PhoneRequest:
    """A call, as far as any server knows it. `length` is None when the caller did not say it."""

    method: str
    call: str
    query: str
    authorization: str
    length: int | None
    read: Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class PhoneAnswer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


HEADERS = {"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def observations(request: PhoneRequest) -> PhoneAnswer:
    body = _body(request, BODY_BYTES_MAX)
    try:
        phone = authorised_phone(request.authorization, "observations")
        receipt = take_observations(phone=phone, body=body)
    except DeviceRefused as refusal:
        if refusal.reason != "device.revoked":
            raise
        phone = phone_of(request.authorization, believed_seconds=0.0)
        held = hold_batch(phone=phone, body=body)
        return _refusal(refusal, held=held, wipe=phone.must_wipe)
    return _json(
        {
            "received_ms": int(receipt.received_at.timestamp() * 1000),
            "answers": receipt.answers,
            "received": {"through": receipt.through, "missing": receipt.missing},
            "wipe": False,
        }
    )


def manifest(request: PhoneRequest) -> PhoneAnswer:
    phone = authorised_phone(request.authorization, "manifest")
    denied = parse_qs(request.query).get("denied", ["0"])[0]
    if not (denied.isascii() and denied.isdigit() and len(denied) <= 18):
        return _json({"code": "invalid", "message": _("作废名单编号不对")}, status=400)
    return _json(signed_manifest(phone=phone, denied_after=int(denied)))


def enrol(request: PhoneRequest) -> PhoneAnswer:
    asked = msgspec.json.decode(_body(request, SMALL_BODY_BYTES_MAX), type=EnrolmentRequest)
    enrolled = enrol_device(request=asked)
    facts = enrolment_facts(device=enrolled.device)
    told = {"device": enrolled.device.id, "key": enrolled.key, "profile": enrolled.device.profile}
    return _json(told | facts | {"received_ms": clock.epoch_ms()})


def wiped(request: PhoneRequest) -> PhoneAnswer:
    """Also a revoked phone may say so: it was told to."""
    note_wiped(phone=phone_of(request.authorization))
    return _json({"wiped": True})


CALLS: Mapping[tuple[str, str], Callable[[PhoneRequest], PhoneAnswer]] = {
    ("POST", "observations"): observations,
    ("GET", "manifest"): manifest,
    ("POST", "enrol"): enrol,
    ("POST", "wiped"): wiped,
}


def answer(request: PhoneRequest) -> PhoneAnswer:
    """The answer to any call, known or not."""
    view = CALLS.get((request.method, request.call))
    if view is None:
        known = [method for method, call in CALLS if call == request.call]
        if known:
            return _json({"code": "method", "message": _("不支持的方法")}, status=405, headers={"Allow": known[0]})
        return _json({"code": "not_found", "message": _("没有这个地址")}, status=404)
    try:
        return view(request)
    except _TooLarge as refusal:
        return _too_large(refusal.limit)
    except TooManyItems:
        return _too_large(BODY_BYTES_MAX)
    except (NoBatch, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        told = {"code": "bad_json", "message": _("内容不是约定的格式"), "at": str(error)[:200]}
        return _json(told, status=400)
    except Busy as refusal:
        return _refusal(refusal, headers={"Retry-After": str(refusal.data["retry_after_s"])})
    except DomainError as refusal:
        return _refusal(refusal)


class _TooLarge(Exception):
    def __init__(self, limit: int) -> None:
        self.limit = limit


def _body(request: PhoneRequest, limit: int) -> bytes:
    if request.length is None or request.length > limit:
        raise _TooLarge(limit)
    body = request.read(request.length)
    if len(body) != request.length:
        raise NoBatch("the body was cut off")
    return body


def _too_large(limit: int) -> PhoneAnswer:
    message = _("一次最多上传 %(count)s 条，请分批") % {"count": SCANS_IN_A_BATCH_MAX}
    told = {"code": "too_large", "message": message, "items_max": SCANS_IN_A_BATCH_MAX, "bytes_max": limit}
    return _json(told, status=413)


def _refusal(refusal: DomainError, *, headers: Mapping[str, str] | None = None, **more: object) -> PhoneAnswer:
    told = {"code": refusal.reason, "message": refusal.message} | refusal.data | more
    return _json(told, status=refusal.status, headers=headers)


def _json(told: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None) -> PhoneAnswer:
    return PhoneAnswer(status, msgspec.json.encode(told), HEADERS | dict(headers or {}))
