"""Keeps what the pages show true: `python -m docs.record` writes every recorded output anew, tests compare it."""
