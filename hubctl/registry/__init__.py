"""Asks OCI registries: tags with dates and digests, manifests, image configs; credentials; dialects."""
