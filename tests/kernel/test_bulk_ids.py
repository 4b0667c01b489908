"""What a bulk load uses in place of the one-by-one functions says the same."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.conf import LazySettings

from shouwang.kernel import clock, crypto
from shouwang.kernel.ids import new_ids


def test_bulk_ids_are_ascending_uuid7_of_the_clock() -> None:
    made = [UUID(hex=one) for one in new_ids(5_000)]
    assert made == sorted(set(made))
    assert {(one.version, one.variant) for one in made} == {(7, "specified in RFC 4122")}
    assert {one.int >> 80 for one in made} == {clock.epoch_ms()}


def test_sealer_and_indexer_agree_with_the_single_calls() -> None:
    sealed = crypto.sealer("registry_person.phone")("13812345678")
    assert crypto.decrypt(sealed, purpose="registry_person.phone") == "13812345678"
    assert crypto.indexer("phone")("13812345678") == crypto.blind_index("phone", "13812345678")


@pytest.mark.parametrize("key", [b"", b"short", b"k" * 32, b"k" * 64, b"longer than a block " * 4])
def test_indexer_agrees_under_a_key_of_any_length(settings: LazySettings, key: bytes) -> None:
    settings.SHOUWANG_INDEX_KEY = key
    index_of = crypto.indexer("account")
    for value in ("", "6217001234567890123", "张三"):
        assert index_of(value) == crypto.blind_index("account", value)
