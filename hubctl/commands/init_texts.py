"""The files `hubctl init` offers, as text."""

from __future__ import annotations

from collections.abc import Iterable

SETTINGS = """\
# Settings of hubctl for this repository. Every key may be missing: hubctl works without this file.
# Examples have no blank after `#`: remove the `#` of each line, nothing else, and write your own values.
# All keys: docs/settings.md of hubctl. Where credentials go is never read from this file, because a pull request
# can change it: that belongs into ~/.config/hubctl/config.yaml.

# The version of this format.
version: 1

# How old a tag must be before it is taken: `7d`, `12h`, a bare number is days. Without it the age does not count.
#minimum_age: 3d

# How newer tags are chosen, where the tag itself does not say it well enough. The first rule that matches counts;
# a comment beside a value, for example `newest` after `hubctl:`, is stronger. Globs for `image` and `path`; either
# `pin` with a reason, or `pattern`, a Python regular expression for the whole tag, with an `order`.
#policies:
#- image: "*/gpu-notebook"
#  pin: the drivers of these nodes are older
#- image: quay.io/example-org/*
#  path: config/clusters/*/staging.values.yaml
#  pattern: "[0-9]{4}\\\\.[0-9]{2}\\\\.[0-9]{2}"
#  order: date
#  ignore: ["*-rc*"]
#  minimum_age: 12h

# Images that move together or not at all, by a name of your own.
#groups:
#  dask: [quay.io/example-org/dask-notebook, "quay.io/example-org/dask-worker*"]

# Whether hubs of production wait until staging has had a tag for `soak`. The other value is `together`.
#rollout: staging-first
#soak: 2d

# Which hubs are staging: globs of their names, or of `cluster/hub`. All others are production.
#staging: ["*staging*", example-cluster/test]

# What `hubctl validate` finds and is left for later, a rule and a file each; `hubctl validate --rules` lists the rules.
#baseline:
#- rule: unlisted-file
#  file: config/clusters/example-cluster/old.values.yaml

# What one pull request covers, `hub`, `cluster`, `image` or `all`; how many of hubctl may be open at once.
#group: cluster
#max_open: 10

# Put on every pull request of hubctl, asked for a review, assigned to it.
#labels: [images]
#reviewers: [octocat, example-org/infrastructure]
#assignees: [octocat]

# Addresses and logins whose commits count as hubctl's own, so that it may renew its branches.
#bot_identities: [hubctl@example.org]

# What is known of a registry that hubctl cannot know by its name: the dialect it speaks.
#registries:
#  quay.example.org:
#    kind: quay
"""

_SOPS_HEAD = """\
# Who can open the encrypted files of this repository: everybody whose public key stands here. Of all rules the first
# whose `path_regex` is found in a path counts. After a change: `hubctl secret sync-recipients`.
creation_rules:
"""
_SOPS_PATHS = (r"(^|/)enc-[^/]*$", r"\.secret\.[^/]*$")
_SOPS_STORES = """\

# As many blanks as the other files of a fleet have; sops before 3.9 does not know it.
stores:
  yaml:
    indent: 2
  json:
    indent: 4
  json_binary:
    indent: 4
"""

_ENTRIES = {
    "hubctl-validate": """\
  - id: hubctl-validate
    name: hubctl validate
    entry: hubctl validate
    language: system
    files: (^|/)(cluster\\.yaml|[^/]*\\.values\\.ya?ml)$
    exclude: (^|/)enc-|\\.secret\\.
    require_serial: true
""",
    "hubctl-secret-check": """\
  - id: hubctl-secret-check
    name: hubctl secret check
    entry: hubctl secret check --staged
    language: system
    files: (^|/)(enc-[^/]*|[^/]*\\.secret\\.[^/]*|\\.sops\\.yaml)$
    types: [] # links too
    pass_filenames: false
    require_serial: true
""",
}
HOOK_NAMES = tuple(_ENTRIES)

WORKFLOW = """\
# What a pull request changes, which hubs its merge deploys, and whether anything is wrong.
# Write in where hubctl comes from: its repository for OWNER/hubctl, and for COMMIT the commit you reviewed.
name: hubctl

on:
  pull_request:

permissions: {}

concurrency:
  group: hubctl-${{ github.ref }}
  cancel-in-progress: true

jobs:
  check:
    name: plan and validate
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      contents: read # to check the repository out
    steps:
    - name: Check out
      uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
      with:
        persist-credentials: false
        fetch-depth: 0 # the plan starts where the branch left its base
    - name: Check hubctl out
      uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
      with:
        persist-credentials: false
        repository: OWNER/hubctl
        ref: COMMIT
        path: .hubctl
    - name: Install Python
      uses: actions/setup-python@e797f83bcb11b83ae66e0230d6156d7c80228e7c # v6.0.0
      with:
        python-version: "3.13"
    - name: Install hubctl
      run: pip install ./.hubctl
    - name: Plan
      run: hubctl plan "$BASE..HEAD" --format markdown >> "$GITHUB_STEP_SUMMARY"
      env:
        BASE: ${{ github.event.pull_request.base.sha }}
    - name: Check that what is secret is encrypted
      run: hubctl secret check --base "$BASE"
      env:
        BASE: ${{ github.event.pull_request.base.sha }}
    - name: Validate
      run: hubctl validate --base "$BASE" --format github
      env:
        BASE: ${{ github.event.pull_request.base.sha }}
"""


def entry(hooks: Iterable[str] = HOOK_NAMES) -> str:
    """Return hooks of `HOOK_NAMES` as an item of `repos` in `.pre-commit-config.yaml`."""
    return "- repo: local\n  hooks:\n" + "".join(_ENTRIES[hook] for hook in hooks)


HOOKS = f"repos:\n{entry()}"


def sops_rules(recipients: Iterable[str]) -> str:
    """Return a `.sops.yaml` whose rules encrypt all that is to be encrypted by its name to these recipients of age."""
    age = ",".join(recipients)
    return f"{_SOPS_HEAD}" + "".join(f"- path_regex: {regex}\n  age: {age}\n" for regex in _SOPS_PATHS) + _SOPS_STORES
