"""Figures of one run on one machine; never tests."""
