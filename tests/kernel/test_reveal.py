"""A masked value is shown whole only with a reason, inside the area, and leaves an entry."""

from __future__ import annotations

import pytest

from shouwang.kernel.errors import DomainError, Invalid, NotFound
from shouwang.kernel.models import AuditEntry
from shouwang.kernel.reveal import reveal
from tests.factories import FANGZI, HANTING, acting

pytestmark = pytest.mark.django_db


def test_reveal_leaves_an_entry_with_field_and_reason() -> None:
    with acting(area_code=HANTING) as actor:
        reveal(actor=actor, subject="person:1", field="phone", area_code=HANTING, reason="contact")
        entry = AuditEntry.objects.get(action="field.reveal")
    assert (entry.subject, entry.user_id) == ("person:1", actor.user_id)
    assert entry.data == {"field": "phone", "reason": "contact", "note": ""}


@pytest.mark.parametrize(
    ("area_code", "reason", "note", "error"),
    [
        (FANGZI, "contact", "", NotFound),
        (HANTING, "", "", Invalid),
        (HANTING, "curiosity", "", Invalid),
        (HANTING, "other", "  ", Invalid),
    ],
)
def test_reveal_refused_leaves_no_entry(area_code: int, reason: str, note: str, error: type[DomainError]) -> None:
    with acting(area_code=HANTING) as actor:
        with pytest.raises(error):
            reveal(actor=actor, subject="person:1", field="phone", area_code=area_code, reason=reason, note=note)
        assert AuditEntry.objects.filter(action="field.reveal").count() == 0
