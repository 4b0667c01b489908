"""Which fonts a paper is drawn with: the bureau's own licensed fonts first, then the open ones that come with us.

Statutory papers name fonts (小标宋, 仿宋, 黑体) that nobody may ship: a bureau that owns them puts the files into the
folder of SHOUWANG_FONTS. Noto Serif SC and Noto Sans SC (OFL) come with the front end's lock and hold rare characters
of names; where the front end was not installed the system's Noto CJK fonts stand in.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import typst
from django.conf import settings

from ..errors import StateConflict

TITLE = ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "Noto Serif SC", "Noto Serif CJK SC")
BODY = ("FangSong_GB2312", "FangSong", "STFangsong", "Noto Serif SC", "Noto Serif CJK SC")
HEADING = ("SimHei", "STHeiti", "Noto Sans SC", "Noto Sans CJK SC")
WORD_TITLE, WORD_BODY, WORD_HEADING = "方正小标宋简体", "仿宋_GB2312", "黑体"
"""The names that an editable copy asks for; Word and WPS fall back by themselves where they are missing."""

_SYSTEM = Path("/usr/share/fonts/opentype/noto")


def font_folders() -> Iterator[Path]:
    """The folders that exist, the bureau's own first; the system's only where the packaged fonts are missing."""
    own: str = settings.SHOUWANG_FONTS
    if own:
        yield Path(own)
    packaged = [folder for folder in map(Path, settings.PACKAGED_FONTS) if folder.is_dir()]
    yield from packaged or ([_SYSTEM] if _SYSTEM.is_dir() else [])


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """The fonts of those folders and no other, read once a process. Raises StateConflict when none has Chinese."""
    found = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[folder for folder in font_folders() if folder.is_dir()],
    )
    if not set(found.families()) & {*TITLE, *BODY}:
        raise StateConflict(
            "没有可用的中文字体，不能生成 PDF。请安装前端依赖或 fonts-noto-cjk，或者设置 SHOUWANG_FONTS。",
            reason="documents.no_font",
        )
    return found


def chosen(families: tuple[str, ...]) -> list[str]:
    """Of the families wanted, those that are there; at least one is."""
    there = set(fonts().families())
    return [family for family in families if family in there] or sorted(there)


def font_report() -> dict[str, str]:
    """Which family is used for what: for the self-test."""
    return {"title": chosen(TITLE)[0], "body": chosen(BODY)[0], "heading": chosen(HEADING)[0]}
