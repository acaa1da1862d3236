"""Every rule: its name, how bad it is, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from hubctl import pages
from hubctl.problem import Problem

Severity: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule; its page is the heading of its name in `docs/problems.md`."""

    name: str
    severity: Severity
    summary: str

    @property
    def page(self) -> str:
        """Where the rule is explained."""
        return pages.of_rule(self.name)


def severity_of(problem: Problem) -> Severity:
    """Return how bad a problem is; what makes a run fail is an error, whatever its rule."""
    rule = BY_NAME.get(problem.rule)
    return "error" if problem.fails or rule is None else rule.severity


RULES: tuple[Rule, ...] = (
    Rule("binderhub-incomplete", "error", "a hub that builds images lacks its prefix, registry or user names"),
    Rule("binderhub-password", "error", "a registry password is in no encrypted file of a hub that builds images"),
    Rule("chart-schema", "error", "a chart's schema cannot be used: it leads elsewhere, in a circle, takes too long"),
    Rule("cluster-name", "error", "a cluster is not called like its folder"),
    Rule("cluster-schema", "error", "`cluster.yaml` departs from its schema"),
    Rule("cluster-shape", "error", "`cluster.yaml` does not say what a cluster needs"),
    Rule("container-repos", "error", "Terraform does not make the repository that an image prefix names"),
    Rule("dask-pull-secret", "error", "Dask workers get no login for images that are built on quay.io"),
    Rule("duplicate-hub", "error", "two hubs of one cluster have one name"),
    Rule("duplicate-key", "error", "a key stands twice in one mapping"),
    Rule("foreign-prefix", "warning", "an image prefix does not name its cluster and its hub"),
    Rule("ignored-key", "error", "the chart ignores a key at this level"),
    Rule("image-prefix", "error", "an image prefix is not what its registry wants"),
    Rule("image-spec", "warning", "`image_spec` in an override has no effect"),
    Rule("image-value", "error", "an image or a tag is none"),
    Rule("jsonnet-not-read", "warning", "hubctl does not see values in jsonnet"),
    Rule("missing-file", "error", "a listed values file is not there"),
    Rule("missing-key", "error", "the merged values of a hub lack a key that the chart's schema wants"),
    Rule("mutable-tag", "warning", "a tag moves by itself"),
    Rule("node-selectors", "error", "the docker daemon and its builds ask for different nodes"),
    Rule("number-tag", "error", "Helm reads an unquoted tag as a number"),
    Rule("odd-tag", "warning", "a tag is unlike all others of its image"),
    Rule("plain-secret", "error", "a secret stands in a plain file"),
    Rule("policy", "warning", "a policy cannot be read"),
    Rule("pre-puller-key", "warning", "the pre-puller cannot name a container after a choice"),
    Rule("pull-secret", "error", "user servers get no login for images that are built on quay.io"),
    Rule("pulled-tag", "warning", "another tag is pulled in advance than servers use"),
    Rule("registry-host", "error", "image prefix, url and server name different hosts"),
    Rule("registry-url", "error", "the address of a registry has no scheme"),
    Rule("secret-overridden", "error", "a plain file replaces a secret of an encrypted one before it"),
    Rule("service-scope", "error", "users may not use the image builder of their hub"),
    Rule("shadowed-image", "warning", "no server starts the image of `singleuser`"),
    Rule("shared-domain", "warning", "two hubs have one domain"),
    Rule("shared-prefix", "warning", "several hubs build under one image prefix"),
    Rule("sparse-checkout", "warning", "the checkout leaves out files of the fleet"),
    Rule("stale-text", "warning", "a display name tells another version than the tag"),
    Rule("unknown-key", "error", "the chart's schema knows no such key"),
    Rule("unlisted-file", "warning", "no `cluster.yaml` lists a values file"),
    Rule("unreadable", "error", "a file cannot be read"),
    Rule("untrusted-setting", "warning", "a setting counts in the user's own file alone"),
    Rule("wrong-value", "error", "a value is not what the chart's schema wants"),
)
BY_NAME = {rule.name: rule for rule in RULES}
