"""The outside, one file a thing: http, git, files, clock, schema."""
