"""The demo city, whole: one call, the same rows every time for the same areas, seed and scale.

Guarantees at scale 1.0 that the rows add up to the published figures to the fen, or raises. At a smaller scale every
aim shrinks in proportion and is met as nearly as so few people allow.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from . import dibao, orders, price, relief, tekun
from .dibao_records import write_dibao
from .officers import officers
from .people import PersonMaker
from .places import CityAreas
from .plan import PUBLISHED, quotas
from .relief_records import write_reliefs
from .seeds import DemoCity
from .setting import Setting
from .standards import Standards
from .tekun_records import write_tekun
from .twins import write_twins

SEED = 20200318


def generate(areas: CityAreas, *, seed: int = SEED, scale: float = 1.0) -> DemoCity:
    """Raises KeyError for a reporting unit without a profile, ValueError for a scale outside 0 to 1 or a missed aim."""
    if not 0 < scale <= 1:
        raise ValueError("scale is above 0 and at most 1")
    with _collector_paused():
        return _generate(areas, seed, scale)


def _generate(areas: CityAreas, seed: int, scale: float) -> DemoCity:
    aims = PUBLISHED.scaled(scale)
    setting = Setting(
        areas, Standards(areas.city_code), seed, PersonMaker(f"{seed}/people"), villages=areas.villages_of()
    )
    city = DemoCity.empty()
    city.batches.extend(setting.batches())
    missed = {}

    drafts = dibao.draft_households(setting, quotas(aims.dibao_people, areas.units, programme="dibao"))
    missed["dibao"] = dibao.steer(drafts, aims.dibao_yuan)
    write_dibao(setting, city, drafts)

    homes = tekun.draft_homes(setting, quotas(aims.tekun_people, areas.units, programme="tekun"))
    missed["tekun"] = tekun.steer(homes, aims.tekun_yuan)
    write_tekun(setting, city, homes)

    price.write_for_grants(setting, city)
    people, yuan = price.counted(city)
    places = quotas(aims.price_people - people, areas.units, programme="dibao")
    others, missed["price subsidy"] = price.plan_others(setting, places, aims.price_yuan - yuan)
    price.write_for_others(setting, city, others)

    cases = relief.draft_cases(setting, city, quotas(aims.relief_person_times, areas.units, programme="relief"), scale)
    township_limit = setting.standards.number("relief.township_limit", areas.city_code)
    missed["relief"] = relief.steer(cases, aims.relief_yuan, township_limit)
    write_reliefs(setting, city, cases)

    write_twins(setting, city)
    city.officers.extend(officers(setting))
    city.documents.extend(orders.DOCUMENTS)
    papers_due = setting.standards.number("relief.papers_due", areas.city_code)
    city.measures.extend(
        orders.measures(areas.city_code, papers_due_working_days=papers_due, township_limit_fen=township_limit * 100)
    )
    if scale == 1.0 and any(missed.values()):
        raise ValueError(f"the published figures are missed, by yuan: {missed}")
    return city


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A million live tuples and no cycles: the collector would spend as long as the generator."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
