"""Sealed values open only with their key and in their column; masks show what they may."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from shouwang.kernel import crypto

NUMBER = "370703198001011486"
OLD, NEW = ("k1", b"1" * 32), ("key2", b"2" * 32)


def test_sealed_value_opens_and_never_looks_the_same_twice() -> None:
    first, second = (crypto.encrypt(NUMBER, purpose="person.id_number") for _ in range(2))
    assert first != second
    assert crypto.decrypt(first, purpose="person.id_number") == NUMBER
    assert NUMBER.encode() not in first


def test_rotated_ring_opens_old_values_and_seals_with_the_first_key(settings: LazySettings) -> None:
    settings.SHOUWANG_KEY_RING = (OLD,)
    sealed = crypto.encrypt("张三", purpose="p")
    settings.SHOUWANG_KEY_RING = (NEW, OLD)
    assert crypto.decrypt(sealed, purpose="p") == "张三"
    assert crypto.encrypt("张三", purpose="p")[1:5] == b"key2"
    settings.SHOUWANG_KEY_RING = (NEW,)
    with pytest.raises(crypto.CannotDecrypt, match="not in the ring"):
        crypto.decrypt(sealed, purpose="p")


def test_value_moved_to_another_column_does_not_open() -> None:
    sealed = crypto.encrypt(NUMBER, purpose="person.id_number")
    with pytest.raises(crypto.CannotDecrypt, match="does not belong"):
        crypto.decrypt(sealed, purpose="person.phone")


def test_damaged_value_does_not_open() -> None:
    sealed = crypto.encrypt(NUMBER, purpose="p")
    for damaged in (b"", sealed[:8], sealed[:-1], sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with pytest.raises(crypto.CannotDecrypt):
            crypto.decrypt(damaged, purpose="p")


def test_blind_index_is_equal_for_equal_values_of_one_kind_and_key(settings: LazySettings) -> None:
    first = crypto.blind_index("phone", "13812345678")
    assert first == crypto.blind_index("phone", "13812345678")
    assert first != crypto.blind_index("account", "13812345678")
    settings.SHOUWANG_INDEX_KEY = b"another key of another bureau 32"
    assert first != crypto.blind_index("phone", "13812345678")


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        (crypto.mask_id_number, NUMBER, "370703********1486"),
        (crypto.mask_id_number, "H12345678", "*********"),
        (crypto.mask_phone, "13812345678", "138****5678"),
        (crypto.mask_phone, "1234567", "*******"),
        (crypto.mask_account, "6217001234567890123", "****0123"),
        (crypto.mask_account, "0123", "****"),
        (crypto.mask_name, "张三", "张*"),
        (crypto.mask_name, "欧阳建国", "欧**国"),
        (crypto.mask_name, "", ""),
    ],
)
def test_mask(mask: object, value: str, shown: str) -> None:
    assert mask(value) == shown  # type: ignore[operator]
