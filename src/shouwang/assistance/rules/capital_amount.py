"""Amounts in the capital numerals of receipts: 1,200.50 元 is 壹仟贰佰元伍角整.

After the rules for filling in bills (中国人民银行《正确填写票据和结算凭证的基本规定》): 整 after 元 or 角, 零 for a gap.
"""

from __future__ import annotations

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def amount_in_capitals(fen: int) -> str:
    """Of an amount in fen, from 0 to less than 10^16 yuan."""
    if fen < 0 or fen >= 10**18:
        raise ValueError("a receipt has no such amount")
    yuan, rest = divmod(fen, 100)
    jiao, cents = divmod(rest, 10)
    words = f"{_whole(yuan)}元" if yuan else ""
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif cents and yuan:
        words += "零"
    if cents:
        return f"{words}{_DIGITS[cents]}分"
    return f"{words or '零元'}整"


def _whole(yuan: int) -> str:
    words, is_gap = "", False
    for group in reversed(range(len(_GROUPS))):
        part = yuan // 10_000**group % 10_000
        if not part:
            is_gap = is_gap or bool(words)
            continue
        if words and (is_gap or part < 1_000):
            words += "零"
        words += _four_digits(part) + _GROUPS[group]
        is_gap = False
    return words


def _four_digits(part: int) -> str:
    words, is_gap = "", False
    for place in reversed(range(4)):
        digit = part // 10**place % 10
        if not digit:
            is_gap = bool(words)
            continue
        words += ("零" if is_gap else "") + _DIGITS[digit] + _PLACES[place]
        is_gap = False
    return words
