"""Files as sops writes them: samples made by real sops, and made-up ones for keys that only a cloud has."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path

from hubctl.secrets.creation_rules import Rules, read_rules

SAMPLES = Path(__file__).parent / "samples"
CANARY = "hunter2-CANARY-7d1f"
VERSIONS = ("3.8.1", "3.9.4", "3.10.2", "3.11.0", "3.13.2")
NAMES = tuple(sorted(str(path.relative_to(SAMPLES)) for path in SAMPLES.glob("3.*/*")))
GCP = "projects/two-clouds/locations/global/keyRings/sops-keys/cryptoKeys/similar-hubs"
ARN = "arn:aws:kms:us-east-2:012345678910:key/612d5f0a-11b3-45e6-aca6-a5b005693a48"
MADE_UP_RULES = f"""\
creation_rules:
- path_regex: config/clusters/aws-.*secret.*
  kms: {ARN}
- path_regex: .*secret.*
  gcp_kms: {GCP}
"""


def sample(name: str) -> str:
    """The text of a file that real sops wrote."""
    return (SAMPLES / name).read_text(encoding="utf-8")


def sample_rules() -> Rules:
    """The rules under which the samples were encrypted."""
    return read_rules((SAMPLES / ".sops.yaml").read_bytes())


def encoded(chance: random.Random, length: int) -> str:
    return base64.b64encode(chance.randbytes(length)).decode()


def ciphertext(chance: random.Random, kind: str = "str", length: int | None = None) -> str:
    """What sops writes for a value of a length."""
    data = encoded(chance, length or chance.choice((1, 2, 3, 8, 40, 2400)))
    return f"ENC[AES256_GCM,data:{data},iv:{encoded(chance, 32)},tag:{encoded(chance, 16)},type:{kind}]"


def made_up(chance: random.Random, *, aws: bool, version: str) -> dict[str, object]:
    """An encrypted tree with the metadata of a cloud's key, as documented for sops 3.7 and read in later sources."""
    old = tuple(map(int, version.split("."))) < (3, 10)
    created = (
        f"20{chance.randint(18, 26)}-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}T0{chance.randint(0, 9)}:30:59Z"
    )
    key: dict[str, object]
    if aws:
        key = {"arn": ARN, "created_at": created, "enc": encoded(chance, 184), "aws_profile": ""}
    else:
        key = {"resource_id": GCP, "created_at": created, "enc": encoded(chance, 113)}
    kinds = ("kms", "gcp_kms", "azure_kv", "hc_vault", "age")
    mine = "kms" if aws else "gcp_kms"
    block: dict[str, object] = {kind: [key] if kind == mine else [] for kind in kinds if old or kind == mine}
    block |= {"lastmodified": created, "mac": ciphertext(chance, length=128)}
    block |= {"pgp": []} if old else {}
    return {**tree(chance, 3), "sops": {**block, "unencrypted_suffix": "_unencrypted", "version": version}}


def tree(chance: random.Random, depth: int) -> dict[str, object]:
    """Keys as in values files of hubs, over what sops leaves for values of all types."""
    words = ("jupyterhub", "hub", "config", "password", "k.ey", "_json_key", "a b", "ü", "client-secret", "extraEnv")
    return {word: _value(chance, depth) for word in chance.sample(words, chance.randint(1, 4))}


def _value(chance: random.Random, depth: int) -> object:
    kind = chance.choice(("leaf", "leaf", "leaf", "tree", "list", "empty"))
    if depth and kind == "tree":
        return tree(chance, depth - 1)
    if depth and kind == "list":
        return [_value(chance, depth - 1) for _ in range(chance.randint(0, 3))]
    if kind == "empty":
        return chance.choice(("", None, [], {}))
    return ciphertext(chance, chance.choice(("str", "str", "int", "float", "bool", "time")))


def as_yaml(data: dict[str, object], *, indent: int, comments: random.Random | None = None) -> str:
    """The text of a tree as go-yaml lays it out; with comments, some are above keys and behind values."""
    lines: list[str] = []
    for line in _lines(data, 0, indent):
        inside = "ENC[" in line and "mac: " not in line
        if comments and inside and comments.random() < 0.3:
            blanks = line[: len(line) - len(line.lstrip(" "))]
            lines.append(f"{blanks}#{ciphertext(comments, 'comment')}")
        behind = comments and inside and comments.random() < 0.1
        lines.append(f"{line} #{ciphertext(comments, 'comment')}" if comments and behind else line)
    return "\n".join(lines) + "\n"


def _lines(value: object, column: int, indent: int) -> list[str]:
    lines = []
    blanks = " " * column
    if isinstance(value, dict):
        for key, inner in value.items():
            name = key if key.replace("_", "").replace(".", "").isalpha() else json.dumps(key, ensure_ascii=False)
            if isinstance(inner, dict | list) and inner:
                lines += [f"{blanks}{name}:", *_lines(inner, column + indent, indent)]
            else:
                lines.append(f"{blanks}{name}: {_scalar(inner)}")
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, dict | list) and inner:
                first, *rest = _lines(inner, column + 2, indent)
                lines += [f"{blanks}- {first.strip()}", *rest]
            else:
                lines.append(f"{blanks}- {_scalar(inner)}")
    return lines


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    return value if isinstance(value, str) and value and not value[0].isdigit() else json.dumps(value)
