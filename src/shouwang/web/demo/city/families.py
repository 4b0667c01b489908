"""Who lives together: households of one to six as dibao families are, by age, relation and cause of hardship."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import NamedTuple

from .people import PersonMaker, Sex, surname_of
from .seeds import PersonSeed


class Part(NamedTuple):
    """A place in a family. `age` names a rule below; the shares are those of the disabled and the seriously ill."""

    relation: str
    age: str
    disabled_share: float
    ill_share: float


_OLD_HEAD = Part("head", "old", 0.12, 0.10)
_OLD_SPOUSE = Part("spouse", "like_head", 0.12, 0.10)
_WEAK_HEAD = Part("head", "adult", 0.70, 0.25)
_PARENT_HEAD = Part("head", "parent", 0.22, 0.30)
_PARENT_SPOUSE = Part("spouse", "like_head", 0.22, 0.20)
_CHILD = Part("child", "child", 0.05, 0.03)
_WEAK_CHILD = Part("child", "grown_child", 0.80, 0.15)
_GRANDCHILD = Part("grandchild", "grandchild", 0.05, 0.02)
_OLD_PARENT = Part("parent", "old_parent", 0.12, 0.10)

FAMILIES: dict[int, tuple[tuple[float, tuple[Part, ...]], ...]] = {
    1: ((0.68, (_OLD_HEAD,)), (1.0, (_WEAK_HEAD,))),
    2: (
        (0.52, (_OLD_HEAD, _OLD_SPOUSE)),
        (0.80, (_PARENT_HEAD, _CHILD)),
        (1.0, (_OLD_HEAD, _WEAK_CHILD)),
    ),
    3: (
        (0.55, (_PARENT_HEAD, _PARENT_SPOUSE, _CHILD)),
        (0.75, (_OLD_HEAD, _OLD_SPOUSE, _GRANDCHILD)),
        (1.0, (_OLD_HEAD, _OLD_SPOUSE, _WEAK_CHILD)),
    ),
    4: (
        (0.60, (_PARENT_HEAD, _PARENT_SPOUSE, _CHILD, _CHILD)),
        (1.0, (_PARENT_HEAD, _PARENT_SPOUSE, _CHILD, _OLD_PARENT)),
    ),
    5: ((1.0, (_PARENT_HEAD, _PARENT_SPOUSE, _CHILD, _CHILD, _OLD_PARENT)),),
    6: ((1.0, (_PARENT_HEAD, _PARENT_SPOUSE, _CHILD, _CHILD, _OLD_PARENT, _OLD_PARENT)),),
}
"""Size -> kinds of family with the cumulated share of each."""

_SIZE_SHARES = {
    False: ((0.60, 1), (0.86, 2), (0.955, 3), (0.988, 4), (0.997, 5), (1.0, 6)),
    True: ((0.47, 1), (0.76, 2), (0.94, 3), (0.985, 4), (0.996, 5), (1.0, 6)),
}


def draw_size(is_urban: bool, draw: float) -> int:
    return next(size for bound, size in _SIZE_SHARES[is_urban] if draw < bound)


def make_family(
    maker: PersonMaker, rng: Random, size: int, joined_on: date, *, is_poor: bool = True
) -> tuple[PersonSeed, ...]:
    """`size` people, the head first. Without `is_poor` they are an ordinary family, met by a sudden hardship."""
    draw = rng.random()
    parts = next(parts for bound, parts in FAMILIES[size] if draw < bound)
    head_age, head_sex, surname = 0, _sex(rng), None
    members = []
    for part in parts:
        age = _age(part.age, head_age, rng.random())
        sex = head_sex if part.relation == "head" else _sex(rng)
        if part.relation == "spouse":
            sex = "female" if head_sex == "male" else "male"
        person = maker.person(
            sex=sex,
            birth_on=maker.birth_on(age),
            relation=part.relation,
            joined_on=joined_on,
            surname=None if part.relation == "spouse" else surname,
            disabled_share=part.disabled_share if is_poor else 0.02,
            ill_share=part.ill_share if is_poor else 0.08,
        )
        if part.relation == "head":
            head_age, surname = age, surname_of(person.name)
        members.append(person)
    return tuple(members)


def _sex(rng: Random) -> Sex:
    return "male" if rng.random() < 0.5 else "female"


def _age(rule: str, head_age: int, draw: float) -> int:
    """Whole years on 2020-01-01, so that parents and children are 20 to 40 years apart."""
    if rule == "old":
        return 60 + int(34 * draw**1.5)
    if rule == "adult":
        return 22 + int(38 * draw)
    if rule == "parent":
        return 31 + int(22 * draw)
    if rule == "like_head":
        return head_age - 3 + int(7 * draw)
    if rule == "child":
        return int(draw * min(18, head_age - 20))
    if rule == "grown_child":
        return head_age - 38 + int(17 * draw)
    if rule == "grandchild":
        return int(draw * min(18, head_age - 44))
    return min(head_age + 20 + int(14 * draw), 96)
