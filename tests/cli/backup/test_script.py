"""Lines of a dump that belong to the server it was made on."""

from __future__ import annotations

import pytest

from shouwang.cli.backup.script import _is_left_out, _is_of_its_server


@pytest.mark.parametrize(
    ("line", "left_out"),
    [
        (b"SET transaction_timeout = 0;\n", True),
        (b"ALTER TABLE ONLY public.ledger_entry ALTER COLUMN id SET (pg_attver=141054136);\n", True),
        (b"ALTER TABLE ONLY public.ledger_entry ALTER COLUMN id SET (n_distinct=-1);\n", False),
        (b"ALTER TABLE ONLY public.ledger_entry ALTER COLUMN id SET DEFAULT nextval('public.x'::regclass);\n", False),
        (b"ALTER TABLE ONLY public.ledger_entry ALTER COLUMN id SET NOT NULL;\n", False),
        (b"SET lock_timeout = 0;\n", False),
    ],
)
def test_settings_of_the_server_stay_behind(line: bytes, left_out: bool) -> None:
    assert _is_of_its_server(line) is left_out


@pytest.mark.parametrize(
    ("line", "left_out"),
    [
        ("5; 2615 2200 SCHEMA - public pg_database_owner", True),
        ("4102; 0 0 ACL - SCHEMA public pg_database_owner", True),
        ("2301; 826 16387 DEFAULT ACL public DEFAULT PRIVILEGES FOR TABLES shouwang_owner", True),
        ("4103; 0 0 COMMENT - SCHEMA public pg_database_owner", True),
        ("4104; 0 0 ACL public TABLE ledger_entry shouwang_owner", False),
        ("231; 1259 16400 TABLE public ledger_entry shouwang_owner", False),
        ("3500; 2604 16401 DEFAULT public ledger_entry id shouwang_owner", False),
        ("; Archive created at 2020-03-18", False),
    ],
)
def test_the_database_restored_into_keeps_its_schema(line: str, left_out: bool) -> None:
    assert _is_left_out(line) is left_out
