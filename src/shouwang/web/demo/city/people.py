"""People who cannot be anyone: right checksums, impossible places.

Guarantees: every ID number has a right GB 11643 checksum, its own birth date and sex, and the area part 379999, which
no division has or had; phones start with 100 and bank accounts with 9999, ranges that are given to nobody.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from random import Random
from typing import Literal

from .names import GIVEN_NAMES, SURNAMES
from .seeds import AccountSeed, Disability, PersonSeed

ID_AREA = "379999"
PHONE_PREFIX = "100"
ACCOUNT_PREFIX = "9999"
BANK = "演示银行"

Sex = Literal["male", "female"]

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_AREA_SUM = sum(int(digit) * weight for digit, weight in zip(ID_AREA, _ID_WEIGHTS, strict=False))
_SERIAL_SUMS = tuple(sum(int(d) * w for d, w in zip(f"{n:03d}", _ID_WEIGHTS[14:], strict=True)) for n in range(1000))

_REFERENCE = date(2020, 1, 1)
_DISABILITY_KINDS = (4,) * 48 + (5,) * 14 + (6,) * 14 + (1,) * 12 + (2,) * 8 + (3,) * 2 + (7,) * 2
_DISABILITY_LEVELS = (1,) * 22 + (2,) * 33 + (3,) * 27 + (4,) * 18
_NEEDS = ("long_term_medicine", "needs_escort", "meal_delivery", "remote_dialysis")
_OLD_NAME_BEFORE = date(1975, 1, 1)


class PersonMaker:
    """Makes people in order: the next key, the next free serial of a birth date."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed).random  # noqa: S311 - invented people, no secrets
        self._next_key = 1
        self._serials: defaultdict[tuple[date, Sex], int] = defaultdict(int)
        self._birth_parts: dict[date, tuple[str, int]] = {}

    def birth_on(self, age: int, before: date = _REFERENCE) -> date:
        """A birth date of somebody who is `age` years old on the day before `before`."""
        days = int(age * 365.2425 + self._random() * 364) + 1
        return before - timedelta(days=days)

    def id_number(self, birth_on: date, sex: Sex) -> str:
        """Raises ValueError when a birth date has run out of serials (499 a sex)."""
        part = self._birth_parts.get(birth_on)
        if part is None:
            digits = birth_on.strftime("%Y%m%d")
            weighted = sum(int(d) * w for d, w in zip(digits, _ID_WEIGHTS[6:14], strict=True))
            part = self._birth_parts[birth_on] = (digits, _AREA_SUM + weighted)
        self._serials[birth_on, sex] += 1
        serial = 2 * self._serials[birth_on, sex] + (sex == "male")
        if serial > 999:
            raise ValueError(f"no free serial for {birth_on} {sex}")
        check = _CHECK_DIGITS[(part[1] + _SERIAL_SUMS[serial]) % 11]
        return f"{ID_AREA}{part[0]}{serial:03d}{check}"

    def person(
        self,
        *,
        sex: Sex,
        birth_on: date,
        relation: str,
        joined_on: date,
        surname: str | None = None,
        disabled_share: float = 0.0,
        ill_share: float = 0.0,
        categories: tuple[str, ...] = (),
        self_care_score: int | None = None,
        care_mode: Literal["concentrated", "dispersed"] | None = None,
        no_id_reason: Literal["", "newborn", "unregistered", "unknown_identity"] = "",
    ) -> PersonSeed:
        random = self._random
        key, self._next_key = self._next_key, self._next_key + 1
        given = GIVEN_NAMES[sex, birth_on < _OLD_NAME_BEFORE]
        family = surname or SURNAMES[int(random() * len(SURNAMES))]
        if not no_id_reason and random() < 0.0012:
            no_id_reason = "unregistered"
        id_number = None if no_id_reason else self.id_number(birth_on, sex)
        disability = self._disability(id_number) if id_number and random() < disabled_share else None
        has_phone = birth_on < date(2004, 1, 1) and random() < 0.8
        return PersonSeed(
            key,
            family + given[int(random() * len(given))],
            sex,
            birth_on,
            id_number,
            no_id_reason,
            f"{PHONE_PREFIX}{key:08d}" if has_phone else None,
            relation,
            joined_on if joined_on > birth_on else birth_on,
            disability,
            random() < ill_share,
            categories,
            (_NEEDS[int(random() * len(_NEEDS))],) if random() < 0.04 else (),
            self_care_score,
            care_mode,
        )

    def _disability(self, id_number: str) -> Disability:
        kind = _DISABILITY_KINDS[int(self._random() * len(_DISABILITY_KINDS))]
        level = _DISABILITY_LEVELS[int(self._random() * len(_DISABILITY_LEVELS))]
        return Disability(kind, level, f"{id_number}{kind}{level}")


def surname_of(name: str) -> str:
    return name[:2] if name.startswith("欧阳") else name[:1]


def account_of(person: PersonSeed, *, valid_from: date, turn: int = 0) -> AccountSeed:
    """The person's `turn`-th account."""
    return AccountSeed(person.key, person.name, BANK, f"{ACCOUNT_PREFIX}{turn:03d}{person.key:012d}", valid_from)
