"""One verb a file: `run(request, world) -> Report`. Introduces the rooms below to each other."""
