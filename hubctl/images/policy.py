"""How a site's newer tag is chosen: read from a comment or a flag, found in the settings, and brought together."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import get_args

from hubctl.errors import UsageError
from hubctl.images.choice import Order, Policy
from hubctl.images.pattern import compile_pattern
from hubctl.settings import PolicyRule
from hubctl.show import near, show

TEXT_LIMIT = 1_000
ORDERS: tuple[str, ...] = get_args(Order)

_REASON = re.compile(r"\s+because\s+(?P<reason>\S.*)")
_VERB = re.compile(r"(?P<verb>pin|newest)(?:\s+because\s+(?P<reason>\S.*))?")
_VALUE = r"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<plain>[^"'\s]\S*))"""
_ASSIGNMENT = re.compile(rf"(?P<key>[A-Za-z_-]+)={_VALUE}(?=\s|$)\s*")
_FORMS = "write `pin because REASON`, `newest` or `pattern=REGEX order=date|version|number|created`"


def parse_policy(text: str, *, origin: str = "comment") -> Policy:
    """Return the policy that stands behind `# hubctl:` or `--policy`.

    `pin`, `newest` (inferred again) or `pattern=…` and `order=…` in any order, each with ` because REASON` behind
    it where one is given; a value that holds blanks stands in quotes, in which nothing is escaped.
    UsageError where the text is none of these, or its pattern is refused by `compile_pattern`.
    """
    stripped = text.strip()
    if len(stripped) > TEXT_LIMIT:
        raise UsageError(f"a policy has at most {TEXT_LIMIT} characters, not {len(stripped)}")
    if verb := _VERB.fullmatch(stripped):
        reason = (verb["reason"] or "").strip()
        return Policy(kind="pin" if verb["verb"] == "pin" else "inferred", reason=reason, origin=origin)
    values, reason = _assignments(stripped)
    if "pattern" not in values:
        raise UsageError(f"a policy with an order needs a pattern: `{show(stripped, 80)}`", hint=_FORMS)
    compile_pattern(values["pattern"])
    return Policy(kind="pattern", pattern=values["pattern"], order=_order(values), reason=reason, origin=origin)


def policy_for(
    rules: Sequence[PolicyRule], *, image: str, key: str, file: str, key_path: str = ""
) -> PolicyRule | None:
    """Return the first rule of the settings that speaks of a site, None without one.

    A rule's `image` glob is compared with the name as written and with `key`, its normalised form; its `path` glob
    with the file's path and with the key path as text. `*` also matches `/`, and `**/` may match nothing.
    """
    for rule in rules:
        named = rule.image is None or matches(rule.image, (image, key))
        placed = rule.path is None or matches(rule.path, (file, key_path))
        if named and placed:
            return rule
    return None


def resolve_policy(  # noqa: PLR0913  # one parameter for each source of a policy
    *,
    comment: Policy | None = None,
    rule: PolicyRule | None = None,
    flag: Policy | None = None,
    to: str | None = None,
    minimum_age: dt.timedelta | None = None,
    settings_age: dt.timedelta = dt.timedelta(0),
    allow_downgrade: bool = False,
) -> Policy:
    """Return the one policy of a site; the strongest source wins: `--to`, `--policy`, comment, `hubctl.yaml`, inferred.

    What is typed now is stronger than what was written once, so `--to` and `--policy` move a pinned site; between
    the two written sources the comment beside the value is stronger. The ignore list and the age of a rule stay in
    force under a comment or `--policy`, because they speak of bad tags and not of the way to choose; `minimum_age`
    (the flag) replaces the rule's age, the rule's `settings_age`. `--to` names one tag, so nothing but the flag's
    age holds it back. UsageError where the rule's pattern is refused by `compile_pattern`.
    """
    if to is not None:
        age = minimum_age or dt.timedelta(0)
        return Policy(kind="to", tag=to, minimum_age=age, allow_downgrade=allow_downgrade, origin="--to")
    rule = rule or PolicyRule()
    ages = (minimum_age, rule.minimum_age, settings_age)
    return replace(
        flag or comment or _policy_of(rule),
        ignore=rule.ignore,
        minimum_age=next(age for age in ages if age is not None),
        allow_downgrade=allow_downgrade,
    )


def _policy_of(rule: PolicyRule) -> Policy:
    if rule.pin is not None:
        return Policy(kind="pin", reason=rule.pin, origin="hubctl.yaml")
    if rule.pattern is not None:
        compile_pattern(rule.pattern)
        return Policy(kind="pattern", pattern=rule.pattern, order=rule.order, origin="hubctl.yaml")
    return Policy()


def _assignments(text: str) -> tuple[dict[str, str], str]:
    """Return the `key=value` pairs and the reason behind them; UsageError for anything else."""
    values: dict[str, str] = {}
    position = 0
    while found := _ASSIGNMENT.match(text, position):
        key = found["key"]
        if key not in ("pattern", "order"):
            raise UsageError(f"a policy has no `{show(key, 40)}`", hint=_near(key, ("pattern", "order")))
        if key in values:
            raise UsageError(f"a policy has one `{key}`, not two: `{show(text, 80)}`")
        values[key] = next(value for value in found.group("double", "single", "plain") if value is not None)
        position = found.end()
    rest = text[position:]
    reason = _REASON.fullmatch(" " + rest)
    if not values or (rest and not reason):
        raise UsageError(f"not a policy: `{show(text, 80)}`", hint=_FORMS)
    return values, reason["reason"].strip() if reason else ""


def _order(values: dict[str, str]) -> Order | None:
    """Return the order written, None where it is to be inferred."""
    written = values.get("order")
    if written is None:
        return None
    for order in get_args(Order):
        if written == order:
            known: Order = order
            return known
    raise UsageError(f"not an order: `{show(written, 40)}`", hint=_near(written, ORDERS))


def _near(word: str, words: Sequence[str]) -> str:
    names = near(word, words) or list(words)
    return "use " + " or ".join(f"`{name}`" for name in names)


def matches(glob: str, texts: Sequence[str]) -> bool:
    """Tell whether one of `texts` is the glob itself or matches it; `*` also matches `/`, `**/` may match nothing."""
    globs = (glob, glob.replace("**/", ""))
    return any(text == glob or any(fnmatchcase(text, each) for each in globs) for text in texts)
