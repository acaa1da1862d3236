"""What an image reference is, where one is written, which tag is newer and why (pure)."""
