"""`shouwang selftest`: is this installation fit for work? What the operator's page checks, and what it takes for granted.

Guarantees: every check is made, also after one that failed or could not be made; nothing is changed but the audit's
note that rows were looked at. A line says what was found and what to do; no personal data.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from shouwang.accounts.public import as_system
from shouwang.areas.public import Area, Level, read_national
from shouwang.kernel import clock, crypto, deployment
from shouwang.registry.public import Person

from . import health
from .health import Check

SERVER_VERSION_MIN = 15_00_00
CLOCKS_APART_MAX = timedelta(seconds=60)
FAILED = "overdue"
"""The tone of a check that keeps the installation from its work; any other is a hint."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A check under the name by which a program knows it."""

    name: str
    check: Check

    @property
    def is_failed(self) -> bool:
        return self.check.tone == FAILED


def selftest() -> list[Finding]:
    """Every check, in order."""
    return [Finding(name, _made(check)) for name, check in CHECKS.items()]


def _made(check: Callable[[], Check]) -> Check:
    """A table that is not there, or a right that is missing, is an answer too."""
    try:
        return check()
    except DatabaseError as error:
        said = str(error).strip().splitlines()
        return Check(_("数据库"), _("无法检查"), FAILED, said[0] if said else type(error).__name__, _MIGRATE)


_MIGRATE = "shouwang migrate"


def _server_version() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('server_version_num')::int")
        (version,) = cursor.fetchone()
    label, detail = _("数据库版本"), f"PostgreSQL {version // 10_000}"
    if version < SERVER_VERSION_MIN:
        return Check(label, _("过旧"), FAILED, detail, _("换用 PostgreSQL 15 或更新版本"))
    return Check(label, _("正常"), "done", detail)


def _role() -> Check:
    """Row-level security holds only for a role that is no superuser, does not bypass it and owns no table."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select current_user::text, rolsuper or rolbypassrls,
                   exists (select 1 from pg_class where relowner = pg_roles.oid and relnamespace = 'public'::regnamespace)
              from pg_roles where rolname = current_user
            """
        )
        name, passes_by, owns = cursor.fetchone()
    label = _("数据库角色")
    if passes_by or owns:
        advice = _("连接池要原样传递启动参数 options，应用才会以受限角色工作")
        return Check(label, _("权限过大"), FAILED, _("%(name)s 可绕过行级权限") % {"name": name}, advice)
    return Check(label, _("受限"), "done", name)


def _keys() -> Check:
    """The ring opens what it seals, and what the oldest and the newest record hold; the index finds them again."""
    label, purpose = _("密钥"), "selftest"
    if crypto.decrypt(crypto.encrypt("守望", purpose=purpose), purpose=purpose) != "守望":
        return Check(label, _("不可用"), FAILED, _("加密后不能还原"))
    with as_system("自检：密钥"):
        known = Person.objects.exclude(id_index=None).values_list("id", flat=True)
        samples: set[UUID] = {key for order in ("id", "-id") for key in known.order_by(order)[:1]}
        for sample in samples:
            try:
                person = Person.objects.get(id=sample)
            except crypto.CannotDecrypt:
                advice = _("找回备份的 SHOUWANG_KEYS，放回密钥环")
                return Check(label, _("不匹配"), FAILED, _("密钥环打不开已有的证件号码"), advice)
            if bytes(person.id_index or b"") != crypto.blind_index("id_number", person.id_number or ""):
                advice = _("找回备份的 SHOUWANG_INDEX_KEY")
                return Check(label, _("不匹配"), FAILED, _("索引密钥找不到已有的证件号码"), advice)
    detail = _("已打开 %(count)s 个样本") % {"count": len(samples)} if samples else _("底册为空，没有样本")
    return Check(label, _("正常"), "done", detail)


def _area_tree() -> Check:
    """Nothing of the national tree that we ship is missing; villages and zones come on top."""
    label = _("区划")
    levels = dict(Area.objects.values_list("code", "level").iterator())
    held = Counter(levels.values())
    missing = sum(row.code not in levels for row in read_national())
    if missing:
        return Check(label, _("不全"), FAILED, _("缺 %(count)s 个") % {"count": f"{missing:,}"}, "shouwang areas load")
    detail = "，".join(f"{level.label} {held[level]:,}" for level in Level if held[level])
    return Check(label, _("完整"), "done", detail)


def _static_files() -> Check:
    """Every file that pages ask for was built."""
    built: dict[str, Any] = settings.DJANGO_VITE["default"]
    label, manifest = _("界面文件"), Path(built["manifest_path"])
    advice = _("在安装目录重新运行 make demo ARGS=--check，界面文件会重新生成")
    try:
        entries = json.loads(manifest.read_text())
    except (OSError, ValueError):
        return Check(label, _("缺失"), FAILED, _("没有文件清单"), advice)
    files = {entry["file"] for entry in entries.values()}
    missing = [name for name in sorted(files) if not (manifest.parent / name).is_file()]
    if missing or not files:
        return Check(label, _("缺失"), FAILED, "、".join(missing) or _("文件清单是空的"), advice)
    return Check(label, _("完整"), "done", _("%(count)s 个文件") % {"count": len(files)})


def _clocks_agree() -> Check:
    """A demo's clock stands elsewhere on purpose; otherwise ours and the database server's must tell the same time."""
    label = _("时钟误差")
    if deployment.is_demo():
        return Check(label, _("演示"), "done", _("演示库的时钟不与数据库服务器核对"))
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        apart = abs(clock.now() - cursor.fetchone()[0])
    detail = _("与数据库服务器相差 %(seconds)s 秒") % {"seconds": f"{apart.total_seconds():.0f}"}
    if apart > CLOCKS_APART_MAX:
        return Check(label, _("过大"), FAILED, detail, _("在两台机器上校时（NTP）"))
    return Check(label, _("正常"), "done", detail)


CHECKS: dict[str, Callable[[], Check]] = {
    "server_version": _server_version,
    "role": _role,
    **health.CHECKS,
    "clocks_agree": _clocks_agree,
    "keys": _keys,
    "areas": _area_tree,
    "static_files": _static_files,
}
