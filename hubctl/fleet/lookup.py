"""One value among a hub's effective values, and the nearest ones where it is not there (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hubctl.errors import NotFound
from hubctl.fleet.merging import Keys, Merged, Source
from hubctl.show import near, plural, show
from hubctl.text.keypath import Named, Step, parse_key_path
from hubctl.text.walk import key_path

_MOST_PATHS = 20_000  # among which near ones are looked for


def look_up(merged: Merged, text: str, *, unread: int = 0) -> tuple[object, tuple[Source, ...]]:
    """Return the value at a key path and the sources of it: of each leaf below it, or of the list it lies in.

    UsageError for what is no key path. NotFound, code `no-such-key`, with near paths as hint where nothing is there;
    `unread` files may say it.
    """
    steps = parse_key_path(text)
    found: object = merged.values
    for count, step in enumerate(steps):
        try:
            found = _child(found, step)
        except LookupError:
            raise _absent(merged, text, steps, count, unread) from None
    keys = _keys(steps)
    return found, tuple(one for one in merged.sources if _meets(one.path, keys))


def _child(value: object, step: Step) -> object:
    if isinstance(step, str) and isinstance(value, Mapping):
        return value[step]
    if not isinstance(value, list) or isinstance(step, str):
        raise KeyError(step)
    if isinstance(step, int):
        return value[step]
    (item,) = _called(value, step) or (None,)
    if item is None:
        raise KeyError(step.value)
    return item


def _called(items: Sequence[object], step: Named) -> list[object]:
    """The item of that name, none where several have it: such a name names nothing."""
    named: list[object] = [
        item for item in items if isinstance(item, Mapping) and _text(item.get(step.field)) == step.value
    ]
    return named if len(named) == 1 else []


def _text(value: object) -> str | None:
    return None if value is None or isinstance(value, Mapping | list) else str(value)


def _keys(steps: Sequence[Step]) -> Keys:
    """The keys before the first step into a list, which is one leaf."""
    keys: list[str] = []
    for step in steps:
        if not isinstance(step, str):
            break
        keys.append(step)
    return tuple(keys)


def _meets(path: Keys, keys: Keys) -> bool:
    return path[: len(keys)] == keys or keys[: len(path)] == path


def _absent(merged: Merged, text: str, steps: tuple[Step, ...], count: int, unread: int) -> NotFound:
    words = " or ".join(f"`{show(path, 300)}`" for path in _near_paths(merged, steps, count))
    hints = [f"did you mean {words}?"] if words else []
    if unread:
        hints.append(f"{plural(unread, 'file')} that hubctl does not read may set it")
    return NotFound(
        f"no value at `{show(text, 300)}`",
        hint="; ".join(hints) or "leave the key path out to see all values",
        code="no-such-key",
    )


def _near_paths(merged: Merged, steps: tuple[Step, ...], count: int) -> list[str]:
    """At most three paths: those that end as the wanted one does or begins, else keys like the one not found."""
    keys = _keys(steps)
    every = list(dict.fromkeys(_every_path(merged)))
    for length in range(len(keys), 0, -1) if count == 0 else ():
        ending = [path for path in every if len(path) > length and path[-length:] == keys[:length]]
        if ending:
            return [key_path(None, path) for path in sorted(ending, key=len)[:3]]
    step = steps[count]
    if not isinstance(step, str):
        return []
    beside = {path[-1]: path for path in reversed(every) if path[:-1] == keys[:count]}
    anywhere = {path[-1]: path for path in reversed(every)}
    names = near(step, beside)
    found = [beside[name] for name in names] or [anywhere[name] for name in near(step, anywhere)]
    return [key_path(None, path) for path in found]


def _every_path(merged: Merged) -> Iterator[Keys]:
    for source in merged.sources[:_MOST_PATHS]:
        for end in range(1, len(source.path) + 1):
            yield source.path[:end]
