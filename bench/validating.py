"""What `validate` of a whole fleet costs, against loading the same files once and one pass of jsonschema over them."""

from __future__ import annotations

import sys

from bench._measuring import HUBCTL, NOTHING, cloned, in_turn, root_given, show, show_ratio, show_runs
from hubctl.adapters.files import WorkTree
from hubctl.fleet.read import read_fleet

# The chart's schema where the fleet has it, else that of nothing; it wants whole values, so it finds much in each file.
LOAD_AND_JUDGE = """
import os, sys, jsonschema, yaml
def load(file):
    with open(file, "rb") as text: return yaml.load(text, Loader=yaml.CSafeLoader)
schema = load(sys.argv[2]) if os.path.exists(sys.argv[2]) else {}
judge = jsonschema.Draft7Validator(schema)
values = [load(file) for file in open(sys.argv[1]).read().split("\\0")]
if len(sys.argv) > 3: [list(judge.iter_errors(each)) for each in values]
"""


def main() -> None:
    """Measure and show."""
    with cloned(root_given()) as root:
        fleet = read_fleet(WorkTree(root))
        files = [*fleet.texts, *(cluster.file for cluster in fleet.clusters)]
        listed = root.parent / "files"
        listed.write_text("\0".join(str(root / file) for file in files))
        show(f"{len(files)} plain files, {len(fleet.hubs)} hubs, in a git repository")
        schema = str(root / "helm-charts/basehub/values.schema.yaml")
        load = (sys.executable, "-c", LOAD_AND_JUDGE, str(listed), schema)
        validate = (*HUBCTL, "-C", str(root), "validate", "--json")
        taken = in_turn(
            {
                "nothing": NOTHING,
                "load": load,
                "pass": (*load, "judge"),
                "validate": validate,
                "validate --base HEAD": (*validate, "--base", "HEAD"),
            }
        )
    show_runs("python -c ''", taken["nothing"])
    show_runs("loading alone", taken["load"])
    show_runs("loading and one pass of jsonschema", taken["pass"])
    for name in ("validate", "validate --base HEAD"):
        show_runs(name, taken[name])
        show_ratio(f"{name} / loading and one pass of jsonschema", taken[name], taken["pass"])


if __name__ == "__main__":
    main()
