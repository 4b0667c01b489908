"""Words of registration and declaration: what is asked of residents, and for how long it is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import models

MEMBERS_MAX: Final = 12
"""Of one registration. A larger family registers twice; a dormitory is registered by spreadsheet, room by room."""

GUESTS_A_DAY_MAX: Final = 5
"""Visitors' passes that one household may make for one day by itself; the community makes more."""

CONSENT_VERSION: Final = "2020-03"
"""Of the consent's text (templates/gates/public/_consent.html): a new text has a new version."""

KEPT_AFTER_LAST_PASS: Final = timedelta(days=28)
"""No national text gives a number; practice was 14 to 28 days of use (domain, 1.2). Shown to the resident as a date."""

UNDECIDED_KEPT: Final = timedelta(days=30)
"""A registration that nobody confirmed is forgotten after so long."""

CONFIRMED_WITHIN: Final = timedelta(days=1)
"""The community looks at a registration by the next day: our own line, no law's."""

RENEWED_BEFORE: Final = timedelta(days=14)
"""A pass may be renewed so long before its end; a printed card is listed for printing anew as early."""

FORGOTTEN: Final = "forgotten"
"""Stands where the reason for having no ID number stood, once a resident's data have been forgotten."""


class Symptom(models.TextChoices):
    """After the health group of GB/T 38962-2020, in the words of the notices of 2020."""

    FEVER = "fever", "发热"
    COUGH = "cough", "咳嗽"
    FATIGUE = "fatigue", "乏力"
    SHORT_BREATH = "short_breath", "胸闷、呼吸困难"
    DIARRHOEA = "diarrhoea", "腹泻"
    OTHER = "other", "其他不适"


class Certificate(models.TextChoices):
    """After the certificates group of GB/T 38962-2020: what was seen, never a picture of it."""

    NUCLEIC_NEGATIVE = "nucleic_negative", "核酸检测阴性"
    ISOLATION_ENDED = "isolation_ended", "解除隔离证明"
    HEALTHY = "healthy", "健康证明"


class DeclarationState(models.TextChoices):
    """All that a gate is told about a declaration."""

    NONE = "none", "未要求"
    DECLARED = "declared", "已申报"
    DUE = "due", "待申报"
    SYMPTOMS = "symptoms", "申报有症状"


class ProposalState(models.TextChoices):
    WAITING = "waiting", "待复核"
    CONFIRMED = "confirmed", "已作废"
    REJECTED = "rejected", "未同意"
