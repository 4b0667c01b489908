from __future__ import annotations

import pytest

from shouwang.kernel.scope import use_scope
from tests.factories import GUDI_VILLAGE

from .setting import GAOLI_VILLAGE, County, everywhere, make_county, make_family, take_over


@pytest.fixture
def county(db: None) -> County:
    """寒亭区 with three dibao households in two townships: 450.00, 315.50 and 902.00 yuan a month."""
    with use_scope(everywhere().scope):
        made = make_county()
        one = make_family(GUDI_VILLAGE, size=1)
        two = make_family(GUDI_VILLAGE, size=2)
        three = make_family(GAOLI_VILLAGE, size=3)
    take_over(made, [(one, 450_00), (two, 315_50), (three, 902_00)])
    return made
