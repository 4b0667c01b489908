"""The demo's estates: households registered and confirmed by the communities, passes that phones believe on opening."""

from __future__ import annotations

from shouwang.gates.models import Estate, Gate, Pass, Registration, Resident
from shouwang.gates.queries.declarations import declaration_states
from shouwang.gates.queries.keys import keys_to_trust, live_keys
from shouwang.gates.rules.codec import decode
from shouwang.kernel import clock
from shouwang.kernel.scope import FULL, use_scope


def test_estates_have_gates_households_and_passes(demo_db: str) -> None:
    with use_scope(FULL):
        look_at_the_estates()


def look_at_the_estates() -> None:
    assert (
        Estate.objects.filter(name__in=("海棠苑", "翠竹园", "梧桐里", "银杏家园", "白浪河小区", "紫藤花园")).count()
        == 6
    )
    assert Gate.objects.filter(statuses__state="sealed").count() == 6
    states = set(Registration.objects.values_list("state", flat=True))
    assert {"confirmed", "ended"} <= states
    residents = Resident.objects.filter(registration__state="confirmed", left_on=None)
    unlinked = residents.filter(person_id=None, id_index__isnull=False)
    assert unlinked.count() == 0  # who has an ID number is the register's person
    now = clock.now()
    live = Pass.objects.filter(denial=None, expires_at__gt=now)
    held = set(live.exclude(holder=None).values_list("holder_id", flat=True))
    assert held == set(residents.values_list("id", flat=True))
    trusted = keys_to_trust(now)
    assert {decode(one.text, trusted, now).pass_id for one in live} == set(live.values_list("id", flat=True))
    assert live_keys(now).count() == 2
    told = declaration_states(list(residents.values_list("id", flat=True)), clock.today())
    assert {"declared", "due"} <= set(told.values())
