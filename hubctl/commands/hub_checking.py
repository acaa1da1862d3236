"""One hub after the other against the house rules and the schemas of its charts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hubctl.adapters.chart_schema import ChartSchema, Departure, SchemaUnusable, schema_in_json
from hubctl.errors import HubctlError
from hubctl.fleet.read import Tree
from hubctl.fleet.schemas import ChartParts, SchemaFile
from hubctl.fleet.seen import Seen, Spot
from hubctl.images.site import Site
from hubctl.rules import builders, levels, prefixes, profiles, tags, terraform
from hubctl.rules.finding import Finding
from hubctl.text.data import data
from hubctl.text.parse import parse

_RULES = (
    builders.binderhub_incomplete,
    builders.binderhub_password,
    builders.service_scope,
    builders.pull_secret,
    builders.dask_pull_secret,
    builders.node_selectors,
    builders.secret_overridden,
    prefixes.image_prefix,
    prefixes.registry_host,
    prefixes.registry_url,
    prefixes.foreign_prefix,
    profiles.shadowed_image,
    profiles.image_spec,
    profiles.pre_puller_key,
)
# What most hubs of a chart lack comes from where hubctl does not see it: rendered jsonnet, `--set`.
_FEW_HUBS = 10
_RULE_OF = {"missing": "missing-key", "unknown": "unknown-key", "form": "wrong-value", "value": "wrong-value"}
_MEND_OF = {
    "missing": "set it in a values file of the hub",
    "unknown": "correct the key, or remove it",
    "form": "write it as the chart's schema says",
    "value": "write it as the chart's schema says",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings of all hubs; `untold` counts keys that most hubs of a chart lack, which is no finding."""

    findings: tuple[Finding, ...]
    untold: int


@dataclass(slots=True)
class HubChecks:
    """Collects what is found; a schema is read once, and no more used once it turned out to be none."""

    tree: Tree
    texts: dict[str, bytes]
    sites: Mapping[str, Sequence[Site]]
    findings: list[Finding] = field(default_factory=list)
    schemas: dict[str, ChartSchema | None] = field(default_factory=dict)
    lacking: dict[tuple[str, tuple[str | int, ...]], list[Finding]] = field(default_factory=dict)
    lacks: Counter[tuple[str, tuple[str | int, ...]]] = field(default_factory=Counter)
    hubs: Counter[str] = field(default_factory=Counter)
    prefixes: list[prefixes.Prefix] = field(default_factory=list)
    fed: Counter[str] = field(default_factory=Counter)

    def hub(self, seen: Seen, parts: ChartParts) -> None:
        """Look at one hub."""
        self.fed.update({one.file for one in seen.told})
        for rule in _RULES:
            self.findings += rule(seen)
        self.findings += levels.ignored_key(seen, known_keys(seen, parts))
        self.findings += tags.pulled_tag(site for one in seen.told for site in self.sites.get(one.file, ()))
        self.prefixes += prefixes.own_prefix(seen)
        if prefixes.google_name(seen) is not None:
            self.findings += terraform.container_repos(seen, self.variables(seen.hub.cluster))
        self.charts(seen, parts)

    def charts(self, seen: Seen, parts: ChartParts) -> None:
        """Judge merged values by each schema of the chart and of the charts in it that are on."""
        for schema in parts.schemas:
            if all(_is_on(seen, paths) for paths in schema.conditions):
                self.hubs[schema.file] += 1
                for departure in self.departures(schema, seen):
                    self.depart(schema, departure, seen)

    def departures(self, schema: SchemaFile, seen: Seen) -> tuple[Departure, ...]:
        chart = self.schema(schema.file)
        if chart is None:
            return ()
        try:
            return chart.departures(_values_below(seen, schema.prefix))
        except SchemaUnusable as error:
            self.unusable(schema.file, error)
            return ()

    def variables(self, cluster: str) -> str | None:
        """The Terraform variables of a cluster, None where they are not here."""
        try:
            return self.tree.read(terraform.variables_of(cluster)).decode("utf-8", "replace")
        except HubctlError:
            return None

    def schema(self, file: str) -> ChartSchema | None:
        if file not in self.schemas:
            self.schemas[file] = None
            try:
                text = self.texts[file] = self.tree.read(file)
                self.schemas[file] = ChartSchema(_loaded(text, file))
            except HubctlError as error:
                self.unusable(file, error)
        return self.schemas[file]

    def unusable(self, file: str, error: HubctlError) -> None:
        self.schemas[file] = None
        mend = "keep the whole schema in this file, without loops"
        self.findings.append(Finding("chart-schema", Spot(file, ()), error.message, mend))

    def depart(self, schema: SchemaFile, departure: Departure, seen: Seen) -> None:
        """Note one departure, unless values that cannot be seen may heal it."""
        path = (*schema.prefix, *departure.place)
        keys = tuple(str(step) for step in path)
        if departure.kind == "missing":
            self.lacks[schema.file, path] += 1
        if departure.kind in {"missing", "form"} and seen.unseen:
            return
        if departure.kind != "unknown" and seen.hides_at(keys):
            return
        spot = seen.spot_at(path)
        mend = _MEND_OF[departure.kind]
        finding = Finding(_RULE_OF[departure.kind], spot, departure.message, mend, seen.hub.id)
        if departure.kind == "missing":
            self.lacking.setdefault((schema.file, path), []).append(finding)
        else:
            self.findings.append(finding)

    def checked(self) -> Checked:
        """Return what was found in all hubs together."""
        untold = 0
        for (file, path), found in self.lacking.items():
            if self.hubs[file] >= _FEW_HUBS and self.lacks[file, path] * 2 > self.hubs[file]:
                untold += 1
            else:
                self.findings += found
        dead = Counter(one.spot for one in self.findings if one.rule == "shadowed-image")
        ignored = {one.spot for one in self.findings if one.rule == "ignored-key"}
        kept = [one for one in self.findings if one.rule != "unknown-key" or one.spot not in ignored]
        kept = [one for one in kept if one.rule != "shadowed-image" or dead[one.spot] == self.fed[one.spot.file]]
        return Checked((*kept, *prefixes.shared_prefix(self.prefixes)), untold)


def known_keys(seen: Seen, parts: ChartParts) -> frozenset[str]:
    """Return the top-level keys that a wrapper reads; empty where that cannot be told, and for other charts."""
    if not seen.hub.prefix or parts.keys:
        return parts.keys if seen.hub.prefix else frozenset()
    return frozenset() if seen.hub.charts else frozenset({seen.hub.prefix[0], "global"})


def _is_on(seen: Seen, paths: Sequence[tuple[str, ...]]) -> bool:
    for path in paths:
        found: object = seen.values
        for key in path:
            found = found.get(key) if isinstance(found, Mapping) else None
        if isinstance(found, bool):
            return found
    return True


def _values_below(seen: Seen, prefix: tuple[str, ...]) -> object:
    """The values a chart gets: those below its key, and `global` of the charts around it."""
    found: object = seen.values
    for key in prefix:
        around = found if isinstance(found, Mapping) else {}
        found = around.get(key, {})
        if isinstance(found, Mapping) and "global" in around and "global" not in found:
            found = {**found, "global": around["global"]}
    return found


def _loaded(text: bytes, file: str) -> object:
    if file.endswith(".json"):
        return schema_in_json(text, file)
    documents = parse(text, file).documents
    return data(documents[0], file=file) if documents else {}
