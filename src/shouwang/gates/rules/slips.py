"""The paper day slip 当日纸条: a word and a colour that only who knows the secret can tell beforehand.

Guarantees: one secret gives one slip a day, and slips of different days or secrets say nothing about one another
(HMAC-SHA256). The word is read aloud over a telephone, so it has two common characters and sounds like no other.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date

WORDS = (
    "海棠", "青松", "白鹤", "春雨", "明月", "高山", "流水", "红梅", "翠竹", "金秋", "朝阳", "晚霞", "长河", "大地",
    "蓝天", "星光", "清风", "瑞雪", "紫藤", "玉兰", "杜鹃", "牡丹", "荷花", "桂花", "石榴", "银杏", "梧桐", "杨柳",
    "骏马", "飞燕", "喜鹊", "雄鹰", "麦田", "稻香", "果园", "葡萄", "樱桃", "苹果", "蜜蜂", "蝴蝶", "灯塔", "帆船",
    "风筝", "陶瓷", "丝绸", "书桌", "钢琴", "竹笛", "宝石", "珍珠", "琥珀", "彩虹", "云海", "森林", "草原", "沙滩",
    "泉水", "瀑布", "晨钟", "平安", "团圆", "勤劳", "诚信", "和谐",
)  # fmt: skip
COLOURS = ("red", "orange", "green", "blue", "purple", "grey")


@dataclass(frozen=True, slots=True)
class Slip:
    on: date
    word: str
    colour: str


def slip_of(secret: bytes, on: date) -> Slip:
    """The slip of a day under a secret."""
    digest = hmac.digest(secret, on.isoformat().encode(), hashlib.sha256)
    return Slip(on, WORDS[digest[0] % len(WORDS)], COLOURS[int.from_bytes(digest[1:5], "big") % len(COLOURS)])
