"""Signing keys: two alive at any time, the next one published a week ahead, what a withdrawn one signed signed anew."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from shouwang.accounts.public import Role, as_system
from shouwang.gates.commands.keys import (
    BELIEVED_AFTER,
    PUBLISHED_BEFORE,
    SIGNS_FOR,
    create_signing_key,
    hasten_rotation,
    rotate_keys,
    withdraw_signing_key,
)
from shouwang.gates.commands.passes import passes_to_print, renew_passes
from shouwang.gates.models import Pass, SigningKey
from shouwang.gates.queries.keys import keys_to_trust, live_keys, signing_key
from shouwang.gates.queries.passes import REPRINT, list_passes_for
from shouwang.gates.rules.codec import decode
from shouwang.kernel import clock
from shouwang.kernel.audit import AuditEntry
from shouwang.kernel.crypto import decrypt
from shouwang.kernel.errors import Conflict, NotAllowed
from shouwang.kernel.scope import FULL, use_scope
from tests.factories import GUDI_VILLAGE, HANTING, acting, make_actor

from .households import confirmed, estate_of, passes_of

pytestmark = pytest.mark.django_db

NOW = clock.instant(2020, 3, 18, 8)
WORKER = Role.GRID_WORKER


def rotate():
    with as_system("测试") as system:
        return rotate_keys(actor=system)


def signs_at(moment: datetime) -> SigningKey | None:
    return signing_key(moment)


def test_first_rotation_makes_two_and_the_next_none() -> None:
    first = rotate()
    assert (len(first.made), first.signing.signs_from) == (2, NOW)
    assert first.following.signs_from == first.signing.signs_until == NOW + SIGNS_FOR
    assert first.following.published_at == NOW
    assert rotate().made == ()
    with use_scope(FULL):
        assert AuditEntry.objects.filter(action="signing_key.create").count() == 2


def test_there_is_always_one_key_that_signs_and_one_that_has_been_told_for_a_week() -> None:
    """The worker asks daily; here every ninth day, for two years."""
    day = NOW
    while day < NOW + timedelta(days=730):
        with clock.at(day):
            rotate()
            signing = signing_key(day)
            assert signing is not None
            assert signing.published_at == signing.signs_from == NOW or (
                signing.signs_from - signing.published_at >= PUBLISHED_BEFORE
            )
            assert live_keys(day).count() >= 2
            assert signing.signs_until + BELIEVED_AFTER <= signing.valid_until
        day += timedelta(days=9)


def test_private_half_is_sealed_under_the_key_ring() -> None:
    key = rotate().signing
    with connection.cursor() as cursor:
        cursor.execute("select private from gates_signingkey where id = %s", [key.id])
        sealed = bytes(cursor.fetchone()[0])
    assert decrypt(sealed, purpose="gates_signingkey.private") == key.private
    assert bytes.fromhex(key.private) not in sealed


def test_next_key_is_not_published_too_late() -> None:
    late = NOW + PUBLISHED_BEFORE - timedelta(seconds=1)
    with as_system("测试") as system, pytest.raises(Conflict) as refused:
        create_signing_key(actor=system, published_at=NOW, signs_from=late)
    assert (refused.value.reason, SigningKey.objects.count()) == ("key.published_late", 0)


@pytest.mark.parametrize("act", [rotate_keys, hasten_rotation])
def test_nobody_but_the_system_makes_keys(act) -> None:
    with pytest.raises(NotAllowed):
        act(actor=make_actor(Role.COUNTY_OFFICER, HANTING))
    with use_scope(FULL):
        audits = AuditEntry.objects.filter(action__startswith="signing_key").count()
    assert (SigningKey.objects.count(), audits) == (0, 0)


def test_hastened_key_signs_after_its_week_and_phones_need_nothing_new() -> None:
    first = rotate()
    told = keys_to_trust(NOW)
    with as_system("测试") as system:
        hasten_rotation(actor=system)
    begins = NOW + PUBLISHED_BEFORE
    assert signs_at(begins - timedelta(seconds=1)) == first.signing
    assert signs_at(begins) == first.following
    with clock.at(begins), acting(WORKER, GUDI_VILLAGE) as actor:
        (made,) = passes_of(confirmed(actor, estate_of()))
        assert decode(made.text, told, begins).pass_id == made.id


def test_what_a_withdrawn_key_signed_is_signed_anew_and_the_card_listed() -> None:
    estate = estate_of()
    with acting(WORKER, GUDI_VILLAGE) as actor:
        (one,) = passes_of(confirmed(actor, estate))
        passes_to_print(actor=actor, pass_ids=[one.id])
    with clock.at(NOW + timedelta(days=10)):
        now = clock.now()
        with as_system("测试") as system:
            withdraw_signing_key(actor=system, key_id=one.key_id)
        assert live_keys(now).count() == 2
        with acting(WORKER, GUDI_VILLAGE) as actor:
            assert [row.id for row in list_passes_for(actor, standing=REPRINT)] == [one.id]
            (again,) = passes_to_print(actor=actor, pass_ids=[one.id])
            facts = decode(again.text, keys_to_trust(now), now)
            assert (facts.pass_id, facts.expires_at, again.text != one.text) == (one.id, one.expires_at, True)
            assert list(list_passes_for(actor, standing=REPRINT)) == []


def test_printed_cards_are_listed_a_fortnight_ahead_and_renewed() -> None:
    estate = estate_of()
    with acting(WORKER, GUDI_VILLAGE) as actor:
        registered = confirmed(actor, estate)
        (one,) = passes_of(registered)
        passes_to_print(actor=actor, pass_ids=[one.id])
        ends = one.expires_at
        for moment, listed in ((ends - timedelta(days=14, seconds=1), 0), (ends - timedelta(days=14), 1)):
            with clock.at(moment):
                assert list_passes_for(actor, standing=REPRINT).count() == listed
                assert len(renew_passes(actor=actor, registration_id=registered.registration.id)) == listed
        with clock.at(ends - timedelta(days=1)):
            renewed = Pass.objects.get()
            assert (renewed.id, renewed.expires_at) == (one.id, ends - timedelta(days=14) + timedelta(days=90))
            for text, until in ((one.text, ends), (renewed.text, renewed.expires_at)):
                facts = decode(text, keys_to_trust(clock.now()), clock.now())
                assert (facts.pass_id, facts.expires_at) == (one.id, until)
            passes_to_print(actor=actor, pass_ids=[one.id])
            assert list_passes_for(actor, standing=REPRINT).count() == 0


def test_key_that_ends_before_it_signs_is_refused_by_the_database() -> None:
    key = rotate().signing
    with pytest.raises(IntegrityError), transaction.atomic():
        SigningKey.objects.filter(id=key.id).update(valid_until=key.signs_from)
