"""The benefits 救助待遇 as rules: dated parameters, amounts as Ibis expressions, and why an amount is what it is.

Pure: frozen rows in, expressions, rows and words out. No model, no database, no clock, no engine: `compile` gives SQL text
that somebody else runs. README.md says how the pieces lie.
"""
