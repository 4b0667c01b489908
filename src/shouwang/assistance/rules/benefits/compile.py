"""The rules as SQL text, for whoever runs it over a snapshot: DuckDB on one machine, Spark over the same files.

The text names the tables of `inputs` and no others. For one household, give it views of the same names that hold that
household only: the text stays the one of the run.
"""

from __future__ import annotations

from functools import lru_cache

from .inputs import unbound
from .programmes import rule_of

DUCKDB, SPARK = "duckdb", "pyspark"


@lru_cache(maxsize=64)
def sql(programme: str, version: str, dialect: str = DUCKDB) -> str:
    """One SELECT. Raises KeyError for an unknown programme, LookupError for a version that it does not have."""
    import ibis

    rule = rule_of(programme)
    if version not in {text.version for text in rule.texts}:
        raise LookupError(f"{programme} has no text of {version}")
    return str(ibis.to_sql(rule.build(unbound(), version), dialect=dialect))


@lru_cache(maxsize=2)
def surcharges_sql(dialect: str = DUCKDB) -> str:
    """分类施保 person by person: every category that applies, the one that is paid, and its fen. For one household's card."""
    import ibis

    from . import dibao

    return str(ibis.to_sql(dibao.build_surcharges(unbound()), dialect=dialect))
