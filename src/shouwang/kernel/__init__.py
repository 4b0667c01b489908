"""What every app stands on: money, clock, ids, errors, scope, audit. Imports nothing of ours."""
