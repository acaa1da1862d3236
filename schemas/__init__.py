"""JSON Schemas of what hubctl reads, writes and answers; shipped in the wheel."""
