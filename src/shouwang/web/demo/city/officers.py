"""Who works in the demo: the city with three officers, each county unit with two, its leader and finance, each township
with two; and somebody of the health commission.

One post each; the loader gives them all the demo's password.
"""

from __future__ import annotations

from .names import GIVEN_NAMES, SURNAMES
from .people import PHONE_PREFIX
from .places import TOWNSHIP_SPAN
from .seeds import OfficerSeed
from .setting import Setting

_CITY_ROLES = ("city_officer", "city_officer", "city_officer", "finance", "auditor", "sysadmin")
_UNIT_ROLES = ("county_officer", "county_officer", "county_leader", "finance")
_TOWNSHIP_ROLES = ("township_assistant", "township_head")
_UNIT_SPAN = 1_000_000_000


def officers(setting: Setting) -> list[OfficerSeed]:
    """Usernames are the area's code and the role, as 370702-county_officer, 370702001-township_head-2 and so on."""
    rng = setting.rng("officers")
    posts = [(setting.areas.city_code, setting.areas.city_code // _UNIT_SPAN, role) for role in _CITY_ROLES]
    for unit in setting.areas.units:
        posts += [(unit, unit // _UNIT_SPAN, role) for role in _UNIT_ROLES]
        communities, _ = setting.villages[unit]
        posts.append((communities[0].code, communities[0].code // 1_000, "grid_worker"))
    for township in setting.areas.townships:
        posts += [(township.code, township.code // TOWNSHIP_SPAN, role) for role in _TOWNSHIP_ROLES]
    posts.append((setting.areas.city_code, setting.areas.city_code // _UNIT_SPAN, "partner"))
    taken: dict[str, int] = {}
    rows = []
    for serial, (area_code, short_code, role) in enumerate(posts):
        stem = f"{short_code}-{role}"
        taken[stem] = taken.get(stem, 0) + 1
        username = stem if taken[stem] == 1 else f"{stem}-{taken[stem]}"
        given = GIVEN_NAMES["male" if rng.random() < 0.55 else "female", rng.random() < 0.5]
        name = SURNAMES[int(rng.random() * len(SURNAMES))] + given[int(rng.random() * len(given))]
        rows.append(OfficerSeed(username, name, role, area_code, f"{PHONE_PREFIX}9{serial:07d}"))
    return rows
