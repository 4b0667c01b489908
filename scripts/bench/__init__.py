"""What Shouwang costs, measured. `make bench` runs everything, `make bench ARGS="pages figures"` some of it.

Every number stands beside a bar measured or set for the same run: a limit of the specification, or the cheapest way of
doing the same work on the same machine. So it is the ratio that says something about the code, and a slower machine is
seen for what it is. The test suite asserts nothing of this: machines differ.

    --json     print the results as JSON instead of tables
    --write    put them into docs/benchmarks.md, each with its day, machine and load
"""
