"""What a phone carries (docs/gate-formats.md, format 2): compiled for its gate, signed by the key that signs now.

Guarantees: the rules of the next 72 hours without a gap; an exercise changes none of them; every key to believe; what
is new of the deny list, of every area and without a name; of the people of its own estate no more than a keeper compares:
no whole name, no whole ID number. Read within the scope of the gate's area.
"""

from __future__ import annotations

import base64
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
from django.db.models import Max
from django.utils.translation import gettext as _

from shouwang.areas.public import area_names
from shouwang.kernel import clock
from shouwang.kernel.scope import FULL, Scope, use_scope
from shouwang.response.public import effective, measures_in_force

from ..errors import NotReady
from ..measures import CLOSED_MANAGEMENT, GATE_CONTROL, HEALTH_DECLARATION
from ..models import Device, Gate, PassDenial
from ..rules.codec import TrustedKey, sign_with
from ..rules.gate_rules import InForce, compiled
from ..rules.slips import slip_of
from ..states import EstateKind
from .keys import keys_to_trust, signing_key
from .phones import Phone
from .roster import roster_of
from .slips import slip_secret

FORMAT = 1
RULES_AHEAD = timedelta(hours=72)
SLIP_DAYS = 7
WIPE_AFTER_HOURS = 72
DENIALS_SETTLE = timedelta(minutes=1)
"""A number is told as reached when no transaction can still be writing a smaller one."""

_KINDS = (GATE_CONTROL, CLOSED_MANAGEMENT, HEALTH_DECLARATION)


def signed_manifest(*, phone: Phone, denied_after: int) -> dict[str, str]:
    """The manifest as a phone gets it. Raises NotReady while no key signs."""
    now = clock.now()
    key = signing_key(now)
    if key is None:
        raise NotReady(_("服务器还没有签发密钥，请联系系统管理员"), reason="key.none")
    body = msgspec.json.encode(manifest_body(phone=phone, denied_after=denied_after, now=now)).decode()
    signature = sign_with(bytes.fromhex(key.private), body.encode())
    return {"signed": body, "kid": bytes(key.kid).hex(), "signature": _base64url(signature)}


def manifest_body(*, phone: Phone, denied_after: int, now: datetime) -> dict[str, Any]:
    """Before it is signed."""
    with use_scope(Scope(spans=((phone.area_code, phone.area_code + 1),))):
        gate = Gate.objects.select_related("estate").get(id=phone.gate_id)
        rules = rule_segments(gate, now)
        roster = roster_of(estate=gate.estate, secret=bytes.fromhex(gate.secret), now=now)
        facts = gate_facts(gate)
    today = now.astimezone(clock.TZ).date()
    return {
        "format": FORMAT,
        "device": phone.id,
        "compiled_at": int(now.timestamp()),
        "gate": facts,
        "keys": [key_facts(key) for key in keys_to_trust(now)],
        "rules": rules,
        "denied": denied_since(denied_after, now),
        "secret": gate.secret,
        "roster": roster,
        "slips": [slip_facts(gate.estate_id, today + timedelta(days=offset)) for offset in range(SLIP_DAYS)],
    }


def enrolment_facts(*, device: Device) -> dict[str, Any]:
    """What a phone learns when it is enrolled, beside its own key: whom to believe, and where it stands."""
    with use_scope(Scope(spans=((device.area_code, device.area_code + 1),))):
        gate = Gate.objects.select_related("estate").get(id=device.gate_id)
        return {"keys": [key_facts(key) for key in keys_to_trust(clock.now())], "gate": gate_facts(gate)}


def gate_facts(gate: Gate) -> dict[str, Any]:
    estate = gate.estate
    return {
        "id": gate.id,
        "name": gate.name,
        "estate": estate.id,
        "estate_name": estate.name,
        "community": area_names([estate.area_code]).get(estate.area_code, ""),
        "kind": estate.kind,
        "stale_after_hours": gate.stale_after_hours,
        "stale_policy": gate.stale_policy,
        "wipe_after_hours": WIPE_AFTER_HOURS,
    }


def key_facts(key: TrustedKey) -> dict[str, Any]:
    return {
        "kid": key.kid.hex(),
        "point": _base64url(key.point),
        "from": int(key.valid_from.timestamp()),
        "until": int(key.valid_until.timestamp()),
    }


def rule_segments(gate: Gate, now: datetime) -> list[dict[str, Any]]:
    """The rules from now on for RULES_AHEAD, half-open, without a gap; neighbours differ."""
    begin = now.replace(microsecond=0)
    end = begin + RULES_AHEAD
    segments: list[dict[str, Any]] = []
    for start, until in pairwise(_turning_points(gate.area_code, begin, end)):
        facts = compiled(EstateKind(gate.estate.kind), _in_force(gate.area_code, start))
        if segments and {**segments[-1], "from": 0, "until": 0} == {**facts, "from": 0, "until": 0}:
            segments[-1]["until"] = int(until.timestamp())
        else:
            segments.append({"from": int(start.timestamp()), "until": int(until.timestamp()), **facts})
    return segments


def _turning_points(area_code: int, begin: datetime, end: datetime) -> list[datetime]:
    """Moments at which a measure begins or ends, up to the next whole second: the phone counts in seconds."""
    moments = {begin, end}
    day = begin.astimezone(clock.TZ).date()
    while clock.day_start(day) < end:
        for measure in measures_in_force(None, area_code, day):
            if measure.kind in _KINDS:
                moments |= {
                    _whole_second(moment) for moment in (measure.from_at, measure.until_at) if moment is not None
                }
        day += timedelta(days=1)
    return sorted(moment for moment in moments if begin <= moment <= end)


def _whole_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0) + timedelta(seconds=1 if moment.microsecond else 0)


def _in_force(area_code: int, at: datetime) -> InForce:
    """At an instant; exercises never count."""
    found = {kind: effective(kind, area_code, at) for kind in _KINDS}
    control, closed, declaration = (found[kind] for kind in _KINDS)
    used = {measure_id for one in found.values() if one is not None for measure_id in one.measure_ids}
    holding = [measure for measure in measures_in_force(None, area_code, at) if measure.id in used]
    return InForce(
        gate_control=control.parameters if control else None,
        closed_management=closed.parameters if closed else None,
        declaration_every_days=declaration.parameters["every_days"] if declaration else None,
        measure_ids=[str(measure.id) for measure in holding],
        sentences=[measure.sentence for measure in holding],
    )


def denied_since(after: int, now: datetime) -> dict[str, Any]:
    """Passes out of use, of every area: they name no person. Those that have ended by themselves are left out."""
    with use_scope(FULL):
        new = PassDenial.objects.filter(number__gt=after, denied__expires_at__gt=now)
        passes = {str(pass_id): reason for pass_id, reason in new.values_list("denied_id", "reason")}
        settled = PassDenial.objects.filter(recorded_at__lt=now - DENIALS_SETTLE).aggregate(reached=Max("number"))
    return {"after": after, "number": max(after, settled["reached"] or 0), "passes": passes}


def slip_facts(estate_id: int, on: date) -> dict[str, str]:
    """An estate's slip of a day."""
    slip = slip_of(slip_secret(estate_id), on)
    return {"on": on.isoformat(), "word": slip.word, "colour": slip.colour}


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
