"""Makes passes.json anew, the same bytes each time: `.venv/bin/python -m tests.gates.vectors.make`.

Good passes of every kind and the hostile set of the EU certificate's test data, made for our format. The keys are test
keys, known to everybody. A hostile text is either cut from a good one or signed by a key that should not be believed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import base45
import cbor2

from shouwang.gates.rules import codec
from shouwang.gates.states import PASS_LIVES, PassKind

FILE = Path(__file__).with_name("passes.json")

KEY, NEXT_KEY, FOREIGN_KEY, SHORT_KEY = (bytes([number]) * 32 for number in (1, 2, 3, 4))
"""Scalars that nobody would choose: the bureau's, its next, a stranger's, one that ends early."""

NOW = datetime(2020, 3, 18, 0, 0, tzinfo=UTC)
ISSUED = datetime(2020, 3, 1, 0, 0, tzinfo=UTC)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
PASS_ID = 4_611_686_018_427_387_905


@dataclass(frozen=True)
class Key:
    """`kid` stands on its own: two keys may share one."""

    kid: str
    point: str
    valid_from: datetime
    valid_until: datetime


def key(private: bytes, until: datetime, kid: str = "") -> Key:
    point = codec.public_point(private)
    text = base64.urlsafe_b64encode(point).rstrip(b"=").decode()
    return Key(kid or codec.key_id(point).hex(), text, datetime(2020, 2, 1, tzinfo=UTC), until)


def bureau_keys() -> list[Key]:
    kid = codec.key_id(codec.public_point(KEY)).hex()
    late = datetime(2020, 12, 31, tzinfo=UTC)
    return [
        key(NEXT_KEY, late, kid=kid),  # collides with the one that signs
        key(KEY, late),
        key(NEXT_KEY, late),
        key(SHORT_KEY, datetime(2020, 4, 1, tzinfo=UTC)),
    ]


def facts(kind: PassKind = PassKind.RESIDENT, **changes: Any) -> codec.PassFacts:
    whole = {
        "pass_id": PASS_ID,
        "kind": kind,
        "estate": 2,
        "issued_at": ISSUED,
        "valid_from": ISSUED,
        "expires_at": ISSUED + PASS_LIVES[kind],
    }
    return codec.PassFacts(**(whole | changes))


def text_of(whole: bytes) -> str:
    return codec.PREFIX + base45.b45encode(whole).decode()


def bytes_of(text: str) -> bytes:
    return base45.b45decode(text[len(codec.PREFIX) :])


def signed(claims: object, *, protected: bytes = b"", private: bytes = KEY) -> bytes:
    """A COSE_Sign1 over whatever one likes; `claims` as bytes go in as they are."""
    header = protected or cbor2.dumps({1: -7, 4: codec.key_id(codec.public_point(KEY))}, canonical=True)
    payload = claims if isinstance(claims, bytes) else cbor2.dumps(claims, canonical=True)
    message = cbor2.dumps(["Signature1", header, b"", payload], canonical=True)
    return cbor2.dumps(cbor2.CBORTag(18, [header, {}, payload, codec.sign_with(private, message)]), canonical=True)


def claims(**changes: object) -> dict[int, object]:
    names = {"exp": 4, "nbf": 5, "iat": 6, "cti": 7, "ours": -70_000}
    plain = {
        4: int((ISSUED + timedelta(days=90)).timestamp()),
        5: int(ISSUED.timestamp()),
        6: int(ISSUED.timestamp()),
        7: PASS_ID.to_bytes(8, "big"),
        -70_000: [1, 2],
    }
    return plain | {names[name]: value for name, value in changes.items()}


def changed(text: str, change: Callable[[cbor2.CBORTag], None]) -> str:
    message = cbor2.loads(bytes_of(text))
    parts = list(message.value)
    change(parts)
    return text_of(cbor2.dumps(cbor2.CBORTag(18, parts), canonical=True))


def mirrored(text: str) -> str:
    """The other signature that verifies: (r, n - s)."""

    def mirror(parts: list[Any]) -> None:
        s = ORDER - int.from_bytes(parts[3][32:], "big")
        parts[3] = parts[3][:32] + s.to_bytes(32, "big")

    return changed(text, mirror)


def good() -> Iterator[tuple[str, str, dict[str, object]]]:
    for kind in PassKind:
        issued = NOW - timedelta(hours=1) if kind == PassKind.VISITOR else ISSUED
        made = facts(kind, issued_at=issued, valid_from=issued, expires_at=issued + PASS_LIVES[kind])
        yield f"{kind.label}", codec.encode(made, KEY), told(made)
    for name, made, private in (
        ("换了下一把密钥", facts(), NEXT_KEY),
        ("小区编号四字节", facts(estate=70_000), KEY),
        ("最小的证号", facts(pass_id=1), KEY),
        ("最大的证号", facts(pass_id=2**63 - 1), KEY),
        ("此刻起有效", facts(valid_from=NOW), KEY),
        ("再过一秒就过期", facts(expires_at=NOW + timedelta(seconds=1)), KEY),
        ("与密钥同时到期", facts(expires_at=datetime(2020, 4, 1, tzinfo=UTC)), SHORT_KEY),
    ):
        yield name, codec.encode(made, private), told(made)


def told(made: codec.PassFacts) -> dict[str, object]:
    plain = asdict(made)
    return {
        "pass": str(plain["pass_id"]),
        "kind": int(plain["kind"]),
        "estate": plain["estate"],
        "issued": int(made.issued_at.timestamp()),
        "from": int(made.valid_from.timestamp()),
        "until": int(made.expires_at.timestamp()),
    }


def hostile() -> Iterator[tuple[str, str, str]]:
    text = codec.encode(facts(), KEY)
    whole = bytes_of(text)
    yield from _of_texts(text)
    yield from _of_bytes(text, whole)
    yield from _of_signatures(text)
    yield from _of_payloads()
    later = facts(valid_from=NOW + timedelta(seconds=1))
    yield "还差一秒生效", codec.encode(later, KEY), "not_yet_valid"
    yield "此刻过期", codec.encode(facts(expires_at=NOW), KEY), "expired"
    yield "过期一年", codec.encode(facts(expires_at=ISSUED + timedelta(days=1)), KEY), "expired"


def _of_texts(text: str) -> Iterator[tuple[str, str, str]]:
    yield "空", "", "unreadable"
    yield "只有前缀", "SW1:", "unreadable"
    yield "健康码的网址", "https://example.cn/health?code=1", "unreadable"
    yield "欧盟证书的前缀", "HC1:" + text[4:], "unreadable"
    yield "小写前缀", "sw1:" + text[4:], "unreadable"
    yield "没有前缀", text[4:], "unreadable"
    yield "前缀前有空格", " " + text, "unreadable"
    yield "较新的版本", "SW2:" + text[4:], "unknown_version"
    yield "较新的版本，内容不明", "SW9:ANYTHING", "unknown_version"
    yield "不是版本的版本", "SWX:" + text[4:], "unreadable"
    yield "全角数字的版本", "SW２:" + text[4:], "unreadable"
    yield "不是 base45 的字符", text[:40] + "#" + text[41:], "unreadable"
    yield "小写字母", text[:40] + "a" + text[41:], "unreadable"
    yield "三个字符超出两字节", text[:4] + ":::" + text[7:], "unreadable"
    yield "末尾多一个字符", text + "0", "unreadable"
    yield "末尾多一个换行", text + "\n", "unreadable"
    yield "末尾少一个字符", text[:-1], "unreadable"
    yield "只有一半", text[: len(text) // 2], "unreadable"
    yield "很长", text + "0" * 3000, "unreadable"
    yield "汉字", "通行证", "unreadable"


def _of_bytes(text: str, whole: bytes) -> Iterator[tuple[str, str, str]]:
    yield "末尾多一个字节", text_of(whole + b"\x00"), "unreadable"
    yield "末尾少一个字节", text_of(whole[:-1]), "unreadable"
    yield "不是 CBOR", text_of(b"\xff" * 100), "unreadable"
    yield "嵌套很深的 CBOR", text_of(b"\x81" * 140), "unreadable"
    yield "声称四十亿字节", text_of(b"\xd2\x84\x5a\xff\xff\xff\xff" + whole[3:]), "unreadable"
    yield "没有 COSE 标签", text_of(whole[1:]), "unreadable"
    yield "套了 CWT 标签", text_of(b"\xd8\x3d" + whole), "unreadable"
    yield "不定长的数组", text_of(b"\xd2\x9f" + whole[2:] + b"\xff"), "unreadable"
    yield "长度不用最短写法", text_of(b"\xd2\x84\x58\x0d" + whole[3:]), "unreadable"
    yield "标签不用最短写法", text_of(b"\xd8\x12" + whole[1:]), "unreadable"
    yield "数组只有三项", text_of(b"\xd2\x83" + whole[2:-66]), "unreadable"
    yield "外层带未签名的字段", changed(text, lambda parts: parts.__setitem__(1, {4: b"12345678"})), "unreadable"
    yield "签名少一个字节", changed(text, lambda parts: parts.__setitem__(3, parts[3][:-1])), "unreadable"
    kid = codec.key_id(codec.public_point(KEY))
    for name, header in (
        ("另一种算法", {1: -37, 4: kid}),
        ("不写算法", {4: kid}),
        ("不写密钥号", {1: -7}),
        ("密钥号七个字节", {1: -7, 4: kid[:7]}),
        ("密钥号是文字", {1: -7, 4: kid.hex()[:8]}),
        ("多一个头字段", {1: -7, 4: kid, 5: b""}),
    ):
        protected = cbor2.dumps(header, canonical=True)
        yield name, text_of(signed(claims(), protected=protected)), "unreadable"
    swapped = b"\xa2\x04\x48" + kid + b"\x01\x26"
    yield "头字段次序颠倒", text_of(signed(claims(), protected=swapped)), "unreadable"


def _of_signatures(text: str) -> Iterator[tuple[str, str, str]]:
    foreign = cbor2.dumps({1: -7, 4: codec.key_id(codec.public_point(FOREIGN_KEY))}, canonical=True)
    yield "不认识的密钥", codec.encode(facts(), FOREIGN_KEY), "bad_signature"
    yield "不认识的密钥冒用密钥号", text_of(signed(claims(), private=FOREIGN_KEY)), "bad_signature"
    yield "用我们的密钥签，写别人的密钥号", text_of(signed(claims(), protected=foreign)), "bad_signature"
    yield "签名全零", changed(text, lambda parts: parts.__setitem__(3, bytes(64))), "bad_signature"
    yield "签名的 r 与 s 对调", changed(text, lambda p: p.__setitem__(3, p[3][32:] + p[3][:32])), "bad_signature"
    yield "镜像签名", mirrored(text), "bad_signature"
    yield "换成别人的内容", changed(text, lambda p: p.__setitem__(2, codec._payload(facts(pass_id=7)))), "bad_signature"
    beyond = facts(expires_at=datetime(2020, 4, 1, 0, 0, 1, tzinfo=UTC))
    yield "比密钥晚一秒到期", codec.encode(beyond, SHORT_KEY), "bad_signature"
    early = facts(issued_at=datetime(2020, 1, 31, 23, 59, 59, tzinfo=UTC))
    yield "密钥启用之前签发", codec.encode(early, KEY), "bad_signature"


def _of_payloads() -> Iterator[tuple[str, str, str]]:
    """Signed by our key all the same: another format of ours."""
    plain = cbor2.dumps(claims(), canonical=True)
    for name, payload in (
        ("不是映射", [1, 2]),
        ("少一项", {key: value for key, value in claims().items() if key != 6}),
        ("多一项", claims() | {1: "x"}),
        ("没有这种证", claims(ours=[6, 2])),
        ("零号小区", claims(ours=[1, 0])),
        ("小区是文字", claims(ours=[1, "2"])),
        ("种类是真假值", claims(ours=[True, 2])),
        ("证号九个字节", claims(cti=b"\x00" + PASS_ID.to_bytes(8, "big"))),
        ("证号七个字节", claims(cti=PASS_ID.to_bytes(8, "big")[1:])),
        ("证号超出范围", claims(cti=b"\xff" * 8)),
        ("到期在公元一万年后", claims(exp=253_402_300_800)),
        ("到期是小数", claims(exp=1592000000.5)),
        ("内容后多一个字节", plain + b"\x00"),
        ("内容不用最短写法", plain.replace(b"\x82\x01\x02", b"\x82\x01\x18\x02")),
        ("内容次序颠倒", b"\xa5" + plain[7:13] + plain[1:7] + plain[13:]),
        ("内容是乱字节", b"\xff\xff"),
        ("没有内容", b""),
    ):
        yield f"本系统所签：{name}", text_of(signed(payload)), "unknown_version"


def vectors() -> dict[str, object]:
    return {
        "about": "Made by tests/gates/vectors/make.py; read by Python and JavaScript. The keys are test keys.",
        "now": int(NOW.timestamp()),
        "keys": [
            {
                "kid": k.kid,
                "point": k.point,
                "from": int(k.valid_from.timestamp()),
                "until": int(k.valid_until.timestamp()),
            }
            for k in bureau_keys()
        ],
        "good": [{"case": case, "text": text, "facts": facts} for case, text, facts in good()],
        "hostile": [{"case": case, "text": text, "state": state} for case, text, state in hostile()],
    }


def written() -> str:
    """One case a line."""
    whole = vectors()
    lines = []
    for name, value in whole.items():
        if isinstance(value, list):
            items = ",\n".join(f"  {json.dumps(item, ensure_ascii=False)}" for item in value)
            lines.append(f'"{name}": [\n{items}\n ]')
        else:
            lines.append(f'"{name}": {json.dumps(value, ensure_ascii=False)}')
    return "{" + ",\n ".join(lines) + "}\n"


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
