"""Secrets: what sops files hold, whether they are encrypted, and sops itself as a program."""
