"""Names for people who do not exist: surnames by their frequency in Shandong, given names by generation.

The weights are estimates for realism; nothing rests on them.
"""

from __future__ import annotations

_SURNAME_WEIGHTS = (
    ("王", 104), ("张", 92), ("李", 86), ("刘", 74), ("孙", 38), ("赵", 36), ("徐", 25), ("马", 21), ("陈", 22),
    ("杨", 20), ("于", 19), ("高", 18), ("韩", 17), ("郭", 15), ("宋", 15), ("朱", 14), ("周", 13), ("吴", 13),
    ("丁", 12), ("董", 12), ("郑", 11), ("冯", 10), ("姜", 10), ("胡", 9), ("崔", 9), ("林", 9), ("牟", 7),
    ("谭", 7), ("秦", 7), ("夏", 7), ("邢", 6), ("魏", 6), ("曹", 6), ("邱", 6), ("傅", 5), ("窦", 5), ("鞠", 4),
    ("臧", 4), ("葛", 4), ("隋", 4), ("尹", 4), ("钟", 4), ("史", 3), ("滕", 3), ("郝", 3), ("付", 3), ("逄", 3),
    ("仪", 1), ("单", 2), ("綦", 2), ("郄", 1), ("欧阳", 1), ("国", 1),
)  # fmt: skip

SURNAMES = tuple(surname for surname, weight in _SURNAME_WEIGHTS for _ in range(weight))

_OLD_MALE = "国建德志明玉金福永文学世成光振洪家庆廷树兴春乐士云相清传"
_OLD_MALE_TAIL = "军华胜祥亮山林海福田江河东义忠礼堂友全才民生贵臣平昌禄亭"
_OLD_FEMALE = "秀桂玉淑凤兰翠春爱素美金月云瑞文风荣华香"
_OLD_FEMALE_TAIL = "英兰芳梅花香珍云荣琴莲美芝娥霞华凤玲贞芬"
_NEW_MALE = "子浩宇梓俊一志文家嘉晨泽鑫明博瑞佳天思建"
_NEW_MALE_TAIL = "轩涵豪宇泽然睿杰翔辰凯阳博鹏琪洋航浩诺森"
_NEW_FEMALE = "子梓雨欣佳思语诗若一嘉晓静文梦怡可艺雅心"
_NEW_FEMALE_TAIL = "涵萱彤琪妍悦菲瑶晴雪怡琳婷蕊颖然馨慧宁洁"
_RARE = "堃喆赟翀燚犇昇垚淼頔"


def _pairs(firsts: str, lasts: str) -> tuple[str, ...]:
    return tuple(first + last for first in firsts for last in lasts if first != last)


_OLD = {
    "male": _pairs(_OLD_MALE, _OLD_MALE_TAIL) + tuple(_OLD_MALE_TAIL) * 6,
    "female": _pairs(_OLD_FEMALE, _OLD_FEMALE_TAIL) + tuple(_OLD_FEMALE_TAIL) * 4,
}
_NEW = {
    "male": _pairs(_NEW_MALE, _NEW_MALE_TAIL) + tuple(_RARE) + tuple(_NEW_MALE_TAIL),
    "female": _pairs(_NEW_FEMALE, _NEW_FEMALE_TAIL) + tuple(_RARE[:3]) + tuple(_NEW_FEMALE_TAIL),
}

GIVEN_NAMES = {(sex, is_old): names[sex] for is_old, names in ((True, _OLD), (False, _NEW)) for sex in names}
"""(sex, born before 1975) -> given names."""
