"""QR codes of texts in QR's alphanumeric set: as SVG for a page, as PNG for a paper.

Guarantees: error correction Q (a card is folded and scratched) with the quiet zone that readers need, and the smallest
version that holds the text. Refuses a text that does not fit the set: it would silently need twice the room.
"""

from __future__ import annotations

import io

import segno

QUIET_ZONE = 4
_PNG_SCALE = 12


def qr_svg(text: str) -> bytes:
    """One SVG file; it scales with its frame."""
    out = io.BytesIO()
    _code(text).save(
        out, kind="svg", border=QUIET_ZONE, light="#fff", xmldecl=False, svgclass=None, lineclass=None, omitsize=True
    )
    return out.getvalue()


def qr_png(text: str) -> bytes:
    """Large enough for 60 mm at 300 dots an inch."""
    out = io.BytesIO()
    _code(text).save(out, kind="png", border=QUIET_ZONE, scale=_PNG_SCALE)
    return out.getvalue()


def _code(text: str) -> segno.QRCode:
    return segno.make(text, error="q", mode="alphanumeric", micro=False, boost_error=False)
