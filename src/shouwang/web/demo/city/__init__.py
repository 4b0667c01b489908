"""The people and the history of the demo city, from a seed. Pure: no database, no clock, no framework.

`generate` gives rows and no totals; the published figures come out of them. Nobody in it exists.
"""

from .generate import SEED, generate
from .places import CityAreas, city_areas
from .seeds import DemoCity
from .standards import Parameter, Standards, parameters

__all__ = ["SEED", "CityAreas", "DemoCity", "Parameter", "Standards", "city_areas", "generate", "parameters"]
