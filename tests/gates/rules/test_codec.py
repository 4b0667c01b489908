"""The signed pass, in Python and in JavaScript, by one file of vectors."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import segno

from shouwang.gates.errors import PassRefused
from shouwang.gates.rules import codec
from shouwang.gates.states import PassKind
from tests.gates.vectors import make

VECTORS: dict[str, Any] = json.loads(make.FILE.read_text(encoding="utf-8"))
NOW = datetime.fromtimestamp(VECTORS["now"], UTC)


@dataclass(frozen=True)
class NamedKey(codec.TrustedKey):
    """A key under the kid that a manifest gives it, so that two can share one."""

    name: bytes

    @property
    def kid(self) -> bytes:
        return self.name


def instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


KEYS = [
    NamedKey(
        base64.urlsafe_b64decode(key["point"] + "=="),
        instant(key["from"]),
        instant(key["until"]),
        bytes.fromhex(key["kid"]),
    )
    for key in VECTORS["keys"]
]


def test_vectors_are_what_the_script_makes() -> None:
    assert make.FILE.read_text(encoding="utf-8") == make.written()


@pytest.mark.parametrize("vector", VECTORS["good"], ids=lambda vector: vector["case"])
def test_good_pass_says_what_was_signed(vector: dict[str, Any]) -> None:
    facts = codec.decode(vector["text"], KEYS, NOW)
    assert make.told(facts) == vector["facts"]


@pytest.mark.parametrize("vector", VECTORS["hostile"], ids=lambda vector: vector["case"])
def test_hostile_text_is_refused_as_the_vector_says(vector: dict[str, Any]) -> None:
    with pytest.raises(PassRefused) as refused:
        codec.decode(vector["text"], KEYS, NOW)
    assert refused.value.reason == f"pass.{vector['state']}"


def test_no_bit_of_a_pass_can_be_turned() -> None:
    whole = make.bytes_of(VECTORS["good"][0]["text"])
    accepted = []
    for place in range(len(whole)):
        for bit in range(8):
            turned = bytearray(whole)
            turned[place] ^= 1 << bit
            try:
                codec.decode(make.text_of(bytes(turned)), KEYS, NOW)
            except PassRefused:
                continue
            accepted.append((place, bit))
    assert accepted == []


def test_pass_signed_twice_is_one_text() -> None:
    assert codec.encode(make.facts(), make.KEY) == codec.encode(make.facts(), make.KEY)


@pytest.mark.parametrize("kind", PassKind)
def test_pass_of_every_kind_fits_a_small_code(kind: PassKind) -> None:
    text = codec.encode(make.facts(kind, pass_id=2**63 - 1, estate=2**31 - 1), make.KEY)
    assert len(make.bytes_of(text)) <= codec.BYTES_MAX
    code = segno.make(text, error="q", boost_error=False)
    assert (code.mode, int(code.version) <= 10) == ("alphanumeric", True)
