"""What other apps may use of the area tree."""

from .codes import format_area_code, parse_area_code
from .commands import AreasLoaded, load_areas, load_zones
from .forms import AreaField
from .models import Area, Level
from .queries import area_chains, area_names, children, full_names, get_area, reporting_units, search_areas
from .source import read_national, read_weifang_villages, read_zones
from .source import reporting_units as reporting_units_in

__all__ = [
    "Area",
    "AreaField",
    "AreasLoaded",
    "Level",
    "area_chains",
    "area_names",
    "children",
    "format_area_code",
    "full_names",
    "get_area",
    "load_areas",
    "load_zones",
    "parse_area_code",
    "read_national",
    "read_weifang_villages",
    "read_zones",
    "reporting_units",
    "reporting_units_in",
    "search_areas",
]
