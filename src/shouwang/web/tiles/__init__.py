"""The tile-grid map: a square for each county or township, laid out by its real neighbours, drawn as SVG by the server.

`drawing` puts together what the template `components/tile_map.html` prints; `layout` says where a tile stands, `scale`
how dark it is. Pure functions over codes and whole numbers: nothing here reads the database, and no outline of any
division is drawn.
"""

from .drawing import SIDE, Drawing, Tile, draw

__all__ = ["SIDE", "Drawing", "Tile", "draw"]
