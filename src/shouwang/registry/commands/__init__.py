"""Writes of the register. Facts are appended, never edited; who does what where is in `policies`."""
