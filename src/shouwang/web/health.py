"""Is the installation well? A short answer for machines, a page of checks for the operator. No personal data."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from shouwang.accounts.public import as_system
from shouwang.kernel import clock, deployment
from shouwang.kernel.models import AuditEntry, WorkingDay

WORKER_SILENT_SECONDS = 120
UNSEALED_MINUTES_MAX = 10
DISK_FREE_MIN = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the page. `tone` is a status tone of the shell: done, waiting or overdue."""

    label: str
    word: str
    tone: str
    detail: str
    advice: str = ""


def database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select 1")
        return cursor.fetchone() == (1,)


def all_checks() -> list[Check]:
    return [check() for check in CHECKS.values()]


def _database() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('server_version'), pg_database_size(current_database())")
        version, size = cursor.fetchone()
    detail = _("PostgreSQL %(version)s，数据 %(size)s MB") % {"version": version, "size": f"{size // 1024**2:,}"}
    return Check(_("数据库"), _("正常"), "done", detail)


def _migrations() -> Check:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        return Check(
            _("表结构"),
            _("落后"),
            "overdue",
            _("有 %(count)s 项更新未执行") % {"count": len(waiting)},
            _("运行 shouwang migrate"),
        )
    return Check(_("表结构"), _("最新"), "done", "")


def _worker() -> Check:
    # Heartbeats are the queue's own, stamped by the database's clock: compared there.
    with connection.cursor() as cursor:
        cursor.execute("select extract(epoch from now() - max(last_heartbeat))::bigint from procrastinate_workers")
        (seconds,) = cursor.fetchone()
    if seconds is None or seconds > WORKER_SILENT_SECONDS:
        return Check(_("后台任务"), _("未运行"), "overdue", _("没有工作进程在线"), _("运行 shouwang worker"))
    return Check(_("后台任务"), _("正常"), "done", _("%(seconds)s 秒前有心跳") % {"seconds": seconds})


def _failed_tasks() -> Check:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) filter (where status = 'failed'), count(*) filter (where status = 'todo') from procrastinate_jobs"
        )
        failed, waiting = cursor.fetchone()
    detail = _("失败 %(failed)s 项，排队 %(waiting)s 项") % {"failed": failed, "waiting": waiting}
    if failed:
        return Check(_("任务队列"), _("有失败"), "waiting", detail, _("查看工作进程日志，修复后重试"))
    return Check(_("任务队列"), _("正常"), "done", detail)


def _audit() -> Check:
    with as_system("运行状况检查"):
        waiting = AuditEntry.objects.filter(block_number=None)
        count = waiting.count()
        late = waiting.filter(recorded_at__lt=clock.now() - timedelta(minutes=UNSEALED_MINUTES_MAX)).exists()
    detail = _("%(count)s 条待封存") % {"count": f"{count:,}"}
    if late:
        return Check(_("审计封存"), _("滞后"), "waiting", detail, _("检查后台任务是否在运行"))
    return Check(_("审计封存"), _("正常"), "done", detail)


def _working_days() -> Check:
    last = WorkingDay.objects.order_by("-day").values_list("day", flat=True).first() or date.min
    detail = _("已录入至 %(day)s") % {"day": last.isoformat()}
    if last < clock.today() + timedelta(days=60):
        return Check(_("工作日历"), _("需更新"), "waiting", detail, _("国务院办公厅通知公布后，在“工作日历”录入下一年"))
    return Check(_("工作日历"), _("正常"), "done", detail)


def _disk() -> Check:
    free = shutil.disk_usage(settings.STATE_DIR).free
    detail = _("可用 %(size)s GB") % {"size": f"{free / 1024**3:,.1f}"}
    if free < DISK_FREE_MIN:
        return Check(_("磁盘"), _("不足"), "overdue", detail, _("清理或扩容，备份目录另放一块盘"))
    return Check(_("磁盘"), _("正常"), "done", detail)


def _clock() -> Check:
    if deployment.is_demo():
        return Check(_("时钟"), _("演示"), "waiting", _("演示时间 %(now)s") % {"now": f"{clock.now():%Y-%m-%d %H:%M}"})
    skew = deployment.skew()
    if abs(skew) > clock.SKEW_TOLERATED:
        detail = _("本机与数据库服务器相差 %(seconds)s 秒，已按数据库服务器的时间记录") % {
            "seconds": round(abs(skew).total_seconds())
        }
        return Check(_("时钟"), _("有偏差"), "waiting", detail, _("在本机启用网络对时（NTP）"))
    return Check(_("时钟"), _("正常"), "done", f"{clock.now():%Y-%m-%d %H:%M}")


CHECKS: dict[str, Callable[[], Check]] = {
    "database": _database,
    "migrations": _migrations,
    "worker": _worker,
    "tasks": _failed_tasks,
    "audit": _audit,
    "working_days": _working_days,
    "disk": _disk,
    "clock": _clock,
}
"""By the name under which a program reads them, in the order of the page."""
