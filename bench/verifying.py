"""What `secret check` of 260 encrypted files costs, all different, against loading the same files with libyaml."""

from __future__ import annotations

import base64
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from bench._measuring import HUBCTL, NOTHING, in_turn, show, show_ratio, show_runs

FILES = 260
KEY = "projects/example/locations/global/keyRings/sops-keys/cryptoKeys/hubs"
LOAD = """
import sys, yaml
for file in open(sys.argv[1]).read().split("\\0"):
    with open(file, "rb") as text: yaml.load(text, Loader=yaml.CSafeLoader)
"""


def main() -> None:
    """Measure and show."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "fleet"
        files = generate(root)
        listed = root.parent / "files"
        listed.write_text("\0".join(map(str, files)))
        size = sum(file.stat().st_size for file in files) // 1000
        show(f"{len(files)} encrypted files of {size} kB, in a git repository")
        check = (*HUBCTL, "-C", str(root), "secret", "check", "--json")
        taken = in_turn(
            {
                "python -c ''": NOTHING,
                "loading alone": (sys.executable, "-c", LOAD, str(listed)),
                "secret check": check,
                "secret check --staged": (*check, "--staged"),
                "secret check --base": (*check, "--base", "HEAD~1"),
            }
        )
    for name, runs in taken.items():
        show_runs(name, runs)
    show_ratio("secret check / loading alone", taken["secret check"], taken["loading alone"])


def generate(root: Path) -> list[Path]:
    """Make a repository with two commits: rules, then files as sops writes them, to a key that nobody has."""
    chance = random.Random(260)  # noqa: S311  # figures, no secrets
    root.mkdir()
    (root / ".sops.yaml").write_text(f"creation_rules:\n- path_regex: .*secret.*\n  gcp_kms: {KEY}\n")
    git(root, "init", "-q")
    git(root, "add", "--all")
    git(root, "commit", "-q", "-m", "Say who can open secrets")
    files = []
    for number in range(FILES):
        folder = root / f"config/clusters/cluster-{number // 6}"
        folder.mkdir(parents=True, exist_ok=True)
        files.append(folder / f"enc-hub-{number}.secret.values.yaml")
        files[-1].write_text(encrypted(chance))
    git(root, "add", "--all")
    git(root, "commit", "-q", "-m", "Add secrets")
    return files


def encrypted(chance: random.Random) -> str:
    """Return a file of 6 to 30 values, as one of a hub has them."""
    lines = ["jupyterhub:", "  hub:", "    config:"]
    for number in range(chance.randint(2, 10)):
        lines.append(f"      Authenticator{number}:")
        lines += [f"        {name}: {ciphertext(chance, 40)}" for name in ("client_id", "client_secret", "url")]
    lines += ["sops:", "  gcp_kms:", f"  - resource_id: {KEY}", '    created_at: "2026-01-01T00:00:00Z"']
    lines += [f"    enc: {letters(chance, 113)}", '  lastmodified: "2026-01-01T00:00:00Z"']
    lines += [f"  mac: {ciphertext(chance, 128)}", "  unencrypted_suffix: _unencrypted", "  version: 3.13.2"]
    return "\n".join(lines) + "\n"


def ciphertext(chance: random.Random, length: int) -> str:
    """Return what resembles a value of so many bytes that sops encrypted."""
    parts = (letters(chance, length), letters(chance, 32), letters(chance, 16))
    return "ENC[AES256_GCM,data:{},iv:{},tag:{},type:str]".format(*parts)


def letters(chance: random.Random, length: int) -> str:
    """Return random bytes as base64."""
    return base64.b64encode(chance.randbytes(length)).decode()


def git(root: Path, *words: str) -> None:
    """Run git in the repository, as somebody."""
    identity = ("-c", "user.name=Bench", "-c", "user.email=bench@example.org", "-c", "commit.gpgSign=false")
    subprocess.run(["git", *identity, *words], cwd=root, check=True)


if __name__ == "__main__":
    main()
