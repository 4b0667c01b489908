"""健康登记: what may be declared, and what a gate is told of it. The declaration decides nothing by itself.

The groups are those of GB/T 38962-2020 and no more. Basic data stand in the registration and are not asked again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from shouwang.kernel.errors import Invalid

from ..states import FEVER_FROM_TENTHS
from ..states_residents import Certificate, DeclarationState, Symptom

TRAVEL_DAYS = 14
"""The look-back of the travel group, and how long a declaration counts that no measure asked for."""
PLACES_LENGTH_MAX = 60
_LOWEST_TENTHS, _HIGHEST_TENTHS = 340, 430


@dataclass(frozen=True, slots=True)
class DeclaredHealth:
    """What one person declares. `temperature_tenths` None: not measured; `places` empty: nowhere else in 14 days."""

    temperature_tenths: int | None = None
    symptoms: tuple[str, ...] = ()
    places: str = ""
    certificate: str = ""
    certificate_on: date | None = None

    @property
    def reports_symptoms(self) -> bool:
        return bool(self.symptoms) or (self.temperature_tenths or 0) >= FEVER_FROM_TENTHS

    def answers(self) -> str:
        """By group, as sealed in the row."""
        certificates = [{"kind": self.certificate, "on": str(self.certificate_on)}] if self.certificate else []
        groups = {
            "health": {"temperature_tenths": self.temperature_tenths, "symptoms": sorted(self.symptoms)},
            "travel": {"places": self.places},
            "certificates": certificates,
        }
        return json.dumps(groups, ensure_ascii=False)


def declared_from(answers: str) -> DeclaredHealth:
    """What `answers` said."""
    groups = json.loads(answers)
    certificate = next(iter(groups["certificates"]), {})
    return DeclaredHealth(
        temperature_tenths=groups["health"]["temperature_tenths"],
        symptoms=tuple(groups["health"]["symptoms"]),
        places=groups["travel"]["places"],
        certificate=certificate.get("kind", ""),
        certificate_on=date.fromisoformat(certificate["on"]) if certificate else None,
    )


def check_declared(declared: DeclaredHealth, *, today: date) -> DeclaredHealth:
    """Raises Invalid with reason declaration.*."""
    tenths = declared.temperature_tenths
    if tenths is not None and not _LOWEST_TENTHS <= tenths <= _HIGHEST_TENTHS:
        raise Invalid(_("体温应在 34.0 至 43.0 之间，请核对"), reason="declaration.temperature")
    if not set(declared.symptoms) <= set(Symptom.values):
        raise Invalid(_("请从列出的症状中选择"), reason="declaration.symptoms")
    if len(declared.places) > PLACES_LENGTH_MAX:
        raise Invalid(_("到过的地方最多写 %(limit)s 个字") % {"limit": PLACES_LENGTH_MAX}, reason="declaration.places")
    if bool(declared.certificate) != (declared.certificate_on is not None):
        raise Invalid(_("有证明的，请选明种类并填写日期"), reason="declaration.certificate")
    if declared.certificate and declared.certificate not in Certificate.values:
        raise Invalid(_("请从列出的证明中选择"), reason="declaration.certificate")
    if declared.certificate_on is not None and declared.certificate_on > today:
        raise Invalid(_("证明的日期晚于今天，请核对"), reason="declaration.certificate_on")
    return declared


def declaration_state(
    *, declared_on: date | None, reports_symptoms: bool, on: date, every_days: int | None
) -> DeclarationState:
    """What a gate is told on a day. `every_days`: as the measure in force asks; None when none does."""
    counts_for = TRAVEL_DAYS if every_days is None else every_days
    if declared_on is None or on >= declared_on + timedelta(days=counts_for):
        return DeclarationState.NONE if every_days is None else DeclarationState.DUE
    return DeclarationState.SYMPTOMS if reports_symptoms else DeclarationState.DECLARED
