"""What is wrong in a fleet: one family a file, `check(fleet) -> Iterable[Problem]`."""
