"""The door: declares commands, turns flags into a request, a report into text, JSON and an exit code."""
