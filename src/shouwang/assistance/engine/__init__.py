"""Computing a run: a frozen snapshot of the facts, the rules' SQL on it, and the results on their way back.

`duck` is the one file that knows DuckDB; everything else speaks of tables, files and standard SQL, so that another
engine can read the same snapshot.
"""
