"""Printed papers of the gates: what stands on each; `kernel.documents` draws them."""
