"""Finding a record by a name: one table of terms, by equality or prefix, within the actor's spans.

Guarantees: a name is found by itself, by its given name, by pinyin and by initials; an answer never leaves the spans it
was asked for. Refuses: a part of a number. A text that is a number is never looked up here, and a term that holds a
phone's or an identity number's run of digits is never stored: those are found whole, through their blind index.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Final
from uuid import UUID

from django.db import connection

from .scope import Span, spans_sql

TERM_LENGTH_MAX: Final = 40
_LONGEST_READ: Final = 12  # characters of a name whose pinyin is indexed; organisations' names run on
_BATCH_RECORDS: Final = 5_000
_TERMS_EACH_MAX: Final = 4

Record = tuple[UUID, int, Iterable[str]]
"""The id of a record, its area code, its terms."""

_NUMBER: Final = re.compile(r"[\d*]{4,}x?", re.ASCII)
_RUN_OF_DIGITS: Final = re.compile(r"\d{9}", re.ASCII)
_LEFT_OUT: Final = re.compile(r"[\s·•‧・.\-_()（）“”'\"]+")

_SURNAMES: Final = {
    "单": "shan",
    "仇": "qiu",
    "解": "xie",
    "查": "zha",
    "区": "ou",
    "朴": "piao",
    "盖": "ge",
    "曾": "zeng",
    "员": "yun",
    "乐": "yue",
    "召": "shao",
    "缪": "miao",
    "翟": "zhai",
    "尉": "yu",
    "折": "she",
    "黑": "he",
    "种": "chong",
    "秘": "bi",
}
"""How a character is read as a surname, where the dictionary of single characters reads it otherwise."""


def normalise(text: str) -> str:
    """As terms are stored: half-width, lower case, without blanks and the dots inside names."""
    return _LEFT_OUT.sub("", unicodedata.normalize("NFKC", text).lower())


def name_terms(name: str) -> set[str]:
    """What a person may type to find the name: 张建国 -> 张建国, 建国, zhangjianguo, jianguo, zjg.

    A surname that is read in two ways is found by both: 单 by shan and by dan.
    """
    plain = normalise(name)
    terms = {plain}
    if not plain.isascii():
        terms |= {plain[1:]} if len(plain) > 2 else set()
        read = plain[:_LONGEST_READ]
        rest = [_reading(character) for character in read[1:]]
        for first in {_reading(read[0]), _SURNAMES.get(read[0], _reading(read[0]))}:
            terms.add(first + "".join(rest))
            terms.add(first[:1] + "".join(syllable[:1] for syllable in rest))
        if len(rest) > 1:
            terms.add("".join(rest))
    return {term[:TERM_LENGTH_MAX] for term in terms} - {""}


def title_terms(title: str) -> set[str]:
    """The 2-grams of a document's or an organisation's title, so that any two characters of it find it."""
    plain = normalise(title)
    return {plain[:TERM_LENGTH_MAX]} | {plain[start : start + 2] for start in range(len(plain) - 1)} - {""}


def index_terms(kind: str, rows: Iterable[Record], *, replace: bool = False) -> int:
    """Store the terms of many records in few statements; returns how many terms.

    `replace` takes the records' earlier terms away first; their areas must be in scope. Raises ValueError for a term
    that holds a number.
    """
    count = 0
    remaining = iter(rows)
    while batch := list(islice(remaining, _BATCH_RECORDS)):
        lines = [(object_id, area_code, term) for object_id, area_code, terms in batch for term in _checked(terms)]
        with connection.cursor() as cursor:
            if replace:
                cursor.execute(
                    "delete from kernel_searchterm where kind = %s and object_id = any(%s)",
                    [kind, [object_id for object_id, _area, _terms in batch]],
                )
            cursor.execute(
                "insert into kernel_searchterm (kind, object_id, area_code, term)"
                " select %s, * from unnest(%s::uuid[], %s::bigint[], %s::text[])",
                [kind, *(list(column) for column in zip(*lines, strict=True))] if lines else [kind, [], [], []],
            )
        count += len(lines)
    return count


def find(kind: str, text: str, spans: Sequence[Span], *, limit: int = 20) -> list[UUID]:
    """Ids of the records with a term that begins with `text`, inside `spans`; a shorter term, so an exact one, first.

    Empty for a number, and for a single Latin letter, which would be half of everybody.
    """
    wanted = normalise(text)[:TERM_LENGTH_MAX]
    if not wanted or is_number(wanted) or (len(wanted) == 1 and wanted.isascii()):
        return []
    within, bounds = spans_sql(spans, "area_code")
    # Under a policy LIKE cannot use the index, ^@ can. In the index's own order the first matches end the scan; a record
    # has at most _TERMS_EACH_MAX terms that begin alike, so this many rows hold `limit` records.
    with connection.cursor() as cursor:
        cursor.execute(
            f"select object_id from kernel_searchterm where kind = %s and term ^@ %s and {within}"
            " order by term, area_code, object_id limit %s",
            [kind, wanted, *bounds, limit * _TERMS_EACH_MAX],
        )
        found = dict.fromkeys(row[0] for row in cursor.fetchall())
    return list(found)[:limit]


def is_number(text: str) -> bool:
    """Whether the text is a number, or the beginning or the masked form of one, and so no name."""
    return bool(_NUMBER.fullmatch(normalise(text)))


def holds_number(text: str) -> bool:
    """Whether the text holds a run of digits as long as a phone's or an identity number's."""
    return _RUN_OF_DIGITS.search(normalise(text)) is not None


def _checked(terms: Iterable[str]) -> Iterator[str]:
    for term in terms:
        if holds_number(term):
            raise ValueError("a number is found whole through its blind index, and is no search term")
        yield term


@lru_cache(maxsize=20_000)
def _reading(character: str) -> str:
    """The pinyin of one character without its tone; the character itself where it has none."""
    from pypinyin import lazy_pinyin  # 0.1 s and 20 MB, and only names in Chinese need it

    return str(lazy_pinyin(character)[0])
