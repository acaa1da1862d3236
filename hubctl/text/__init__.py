"""YAML text that can change one scalar and leave every other byte alone (pure)."""
