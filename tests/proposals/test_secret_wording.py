"""What a pull request of secrets says: places and hubs, what is checked and what is left to do, never a value."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import cmarkgfm
import pytest

from hubctl import __version__
from hubctl.adapters.git import checked_branch
from hubctl.proposals.checking import NOT_CHECKED
from hubctl.proposals.composing import BODY_LIMIT
from hubctl.proposals.identity import Marker, parse_marker, text_id
from hubctl.proposals.plan import FileEdit
from hubctl.proposals.secret_plan import SecretChange, SecretPlan, branch_of, places_of, plan_id
from hubctl.proposals.secret_wording import secret_offer

from .parts import commit_file, git, make_clone

FILE = "config/clusters/leap/enc-prod.secret.values.yaml"
CLUSTER = "config/clusters/leap/cluster.yaml"
STAGES = {"leap/prod": "prod", "leap/staging": "staging"}
ADDED = SecretChange(FILE, "jupyterhub.x.password", "added", ("leap/prod",))
LISTED = SecretChange(CLUSTER, "hubs[name=prod].helm_chart_values_files", "listed", ("leap/prod",))
CANARY = b"canary-3f9a"


def plan(*changes: SecretChange, verb: str = "secret set", **fields: object) -> SecretPlan:
    changes = changes or (ADDED, LISTED)
    edits = tuple(FileEdit(file, None, CANARY) for file in sorted({change.file for change in changes}))
    usual = {"scope": "hub-leap/prod/jupyterhub.x.password", "title": "[leap, prod] store jupyterhub.x.password"}
    return SecretPlan(**(usual | {"verb": verb, "changes": changes, "edits": edits, "stages": STAGES} | fields))


def body(*changes: SecretChange, **fields: object) -> str:
    return secret_offer(plan(*changes, **fields), base="main").said.body


def test_a_new_value_is_told_with_its_place_its_hub_the_checks_and_what_else_happens():
    offer = secret_offer(plan(), base="main")
    identity = plan_id(plan())
    marker = Marker(identity, plan().scope, text_id(plan().title), places_of(plan()))
    assert offer.said.message == (
        "[leap, prod] store jupyterhub.x.password\n\n"
        f"- {CLUSTER}: hubs[name=prod].helm_chart_values_files: listed\n"
        f"- {FILE}: jupyterhub.x.password: added\n\nHubctl-Proposal: {identity}\n"
    )
    assert (
        offer.said.body
        == f"""\
<!-- hubctl:begin -->
{marker}
Adds 1 secret value and lists an encrypted file in `cluster.yaml` in 2 files; 1 hub, all prod.
No secret value stands in this text.

| file | key path | what | hubs |
| --- | --- | --- | --- |
| `{CLUSTER}` | `hubs[name=prod].helm_chart_values_files` | listed | 1 |
| `{FILE}` | `jupyterhub.x.password` | added | 1 |

**Hubs affected: 1**

prod: 1

- `leap/prod`

Values files, as Helm lays them over each other:

- `{FILE}` feeds 1 hub (0 staging, 1 prod)

**Checks**

- ✓ encrypted: every value and comment in a secret file is ciphertext, as is seen without a key
- ✓ recipients: those of a secret file are the ones that its rule in `.sops.yaml` names
- ✓ whole: sops read each of them back with a key, which proves its MAC
- ✓ only the intended places changed: all else was read again and is as before
- {NOT_CHECKED} valid: whether a server takes these credentials was not tried

**To do besides**

- `cluster.yaml` changes, and with it every hub of the cluster is deployed again.

**Roll back** after the merge, in a fresh clone; then push it or open a pull request:

```sh
git revert --no-edit "$(git rev-list -1 --no-merges --grep='Hubctl-Proposal: {identity}' origin/main | grep . || git\
 log -1 --no-merges --no-show-signature --format=%H --fixed-strings --grep='{plan().title}' origin/main -- '{CLUSTER}')"
```

The revert conflicts where a file was changed since, for one MAC covers it all: then use `hubctl secret`.

**Decline**: close this pull request; it is proposed again only by who runs the same command again.
A commit of yours on this branch, and it is left to you. The label `hubctl:rebuild` lets the next run
build the branch anew.

hubctl {__version__}: run the same command again to renew this text. What you write outside it stays.
<!-- hubctl:end -->
"""
    )
    assert (offer.branch, offer.places, offer.changes) == (branch_of(plan()), frozenset(places_of(plan())), ())
    assert offer.wanted == (
        f"`{CLUSTER}` `hubs[name=prod].helm_chart_values_files`: listed",
        f"`{FILE}` `jupyterhub.x.password`: added",
    )


def test_what_else_counts_than_the_value_stands_behind_the_checks():
    text = body(warnings=("`a.yaml` has `b`, too: what it says counts from now on", "`c.yaml` was not listed"))
    _, _, behind = text.partition("credentials was not tried\n\n")
    assert behind.split("\n\n**To do", maxsplit=1)[0] == (
        "**Warnings**\n\n- `a.yaml` has `b`, too: what it says counts from now on\n- `c.yaml` was not listed"
    )


def test_all_recipients_that_come_and_go_are_named():
    several = f"gone: {', '.join(f'age age1{at:060}' for at in range(4))}; new: gcp_kms projects/{'p' * 150}"
    assert f"`{several}`" in body(SecretChange(FILE, "", "recipients", ("leap/prod",), several))


BOTH = ("leap/prod", "leap/staging")
SENTENCES = {
    "Changes 2 secret values in 2 files; 2 hubs: 1 staging now, 1 prod in the same merge.": (
        SecretChange(FILE, "a", "changed", BOTH),
        SecretChange("x.yaml", "a", "changed", BOTH),
    ),
    "Removes 1 secret value in 1 file; no hub reads these files by itself.": (SecretChange(FILE, "a", "removed", ()),),
    "Gives a new data key to the secrets in 1 file; 1 hub, all staging.": (
        SecretChange(FILE, "", "rotated", ("leap/staging",)),
    ),
    "Changes who can read to the recipients of `.sops.yaml` in 2 files; 1 hub, all prod.": (
        SecretChange(FILE, "", "recipients", ("leap/prod",), "gone: age age1x"),
        SecretChange("enc-b.yaml", "", "recipients", ("leap/prod",), "new: age age1y"),
    ),
    "Adds 1 secret value, changes 1 secret value and sets 2 values beside them that are not secret in 2 files;"
    " 1 hub, all prod.": (
        SecretChange(FILE, "a", "added", ("leap/prod",)),
        SecretChange(FILE, "b", "changed", ("leap/prod",)),
        SecretChange("x.yaml", "u", "plain", ("leap/prod",), "https://quay.io"),
        SecretChange("x.yaml", "n", "plain", ("leap/prod",), "robot"),
    ),
    "Lists an encrypted file in `cluster.yaml` in 1 file; 1 hub, all prod.": (LISTED,),
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_first_sentence_says_what_and_how_often(sentence: str) -> None:
    assert body(*SENTENCES[sentence]).split("\n")[2] == sentence


def besides(text: str) -> list[str]:
    """Return what is to do besides, and what going back means."""
    _, _, behind = text.partition("**To do besides**\n\n")
    listed = behind.split("\n\n", maxsplit=1)[0].split("\n") if behind else []
    back = text.split("```\n\n")[1].split("\n\n", maxsplit=1)[0].split("\n")
    return [*listed, *back]


OLD_VALUE = "A revert brings back the **old** value."
CONFLICTS = "The revert conflicts"


@pytest.mark.parametrize(
    ("verb", "what", "said"),
    [
        ("secret set", "added", [CONFLICTS]),
        ("secret set", "changed", ["- Old commits still hold the old value.", OLD_VALUE, CONFLICTS]),
        ("secret unset", "removed", ["- Old commits still hold the old value.", OLD_VALUE, CONFLICTS]),
        ("secret rotate", "rotated", ["- The values are the same as before.", CONFLICTS]),
        ("secret sync-recipients", "recipients", ["- Who is no recipient any more can", CONFLICTS]),
        (
            "secret registry rotate",
            "changed",
            ["- After the deployment **revoke the old password at the registry**", OLD_VALUE, CONFLICTS],
        ),
    ],
)
def test_it_says_what_a_merge_does_not_do_and_what_going_back_brings_back(
    verb: str, what: str, said: list[str]
) -> None:
    lines = besides(body(SecretChange(FILE, "a", what, ("leap/prod",)), verb=verb))
    assert [line.startswith(start) for line, start in zip(lines, said, strict=True)] == [True] * len(said)


def test_an_exposed_value_is_to_be_revoked_at_its_registry():
    text = body(SecretChange(FILE, "a", "changed", ("leap/prod",)), verb="secret registry rotate")
    assert "Where that one was exposed or revoked do not revert: set another, and revoke the exposed one at its" in text


def test_a_plan_of_plain_values_alone_claims_nothing_about_ciphertext():
    text = body(SecretChange("x.yaml", "u", "plain", ("leap/prod",), "https://quay.io"))
    assert ("MAC" in text, "ciphertext" in text, "`https://quay.io`" in text) == (False, False, True)


def test_the_id_hangs_on_verb_places_and_recipients_alone():
    one = plan()
    other_bytes = replace(one, edits=(FileEdit(FILE, b"a", b"b"),), notes=("x",), stages={}, title="y", scope="z")
    assert plan_id(one) == plan_id(other_bytes) == plan_id(plan(LISTED, ADDED))
    different = (
        plan(verb="secret unset"),
        plan(ADDED),
        plan(replace(ADDED, file="x.yaml"), LISTED),
        plan(replace(ADDED, path="x"), LISTED),
        plan(replace(ADDED, what="changed"), LISTED),
        plan(replace(ADDED, detail="gone: age age1x"), LISTED),
    )
    assert len({plan_id(each) for each in (one, *different)}) == len(different) + 1


def test_one_place_is_the_same_whatever_verb_changes_it_and_listing_a_file_is_none():
    rotated = plan(replace(ADDED, what="changed"), replace(ADDED, path="y"), verb="secret registry rotate")
    assert set(places_of(plan())) < set(places_of(rotated))
    assert len(places_of(plan())) == 1


@pytest.mark.parametrize(
    ("scope", "verb", "branch"),
    [
        ("hub-leap/prod/a.b", "secret set", "hubctl/secret-set/hub-leap-prod--a.b"),
        ("registry-quay.io", "secret registry rotate", "hubctl/secret-registry-rotate/registry-quay.io"),
        ("all", "secret sync-recipients", "hubctl/secret-sync-recipients/all"),
    ],
)
def test_the_branch_is_named_by_verb_and_scope(scope: str, verb: str, branch: str) -> None:
    assert branch_of(plan(verb=verb, scope=scope)) == checked_branch(branch) == branch


def test_scopes_that_differ_in_case_or_cannot_be_spelled_have_branches_of_their_own():
    scopes = ("hub-leap/prod/imagePullSecret", "hub-leap/prod/imagepullsecret", 'hub-leap/prod/["a/b"]', "x" * 300)
    assert len({branch_of(plan(scope=scope)).casefold() for scope in scopes}) == len(scopes)


HOSTILE = "x`<img src=x onerror=1>`|-->@everyone #1 [skip ci]\u202e"


def test_hostile_names_stay_in_their_code_span_and_call_nobody():
    odd = SecretChange(HOSTILE, HOSTILE, "recipients", (HOSTILE,), HOSTILE)
    offer = secret_offer(plan(odd, title=f"[leap] store {HOSTILE}"), base='x";id;#')
    shown = cmarkgfm.github_flavored_markdown_to_html(offer.said.body)
    assert ("<img" in shown.replace("&lt;img", ""), "\u202e" in offer.said.body) == (False, False)
    assert parse_marker(offer.said.body) is not None
    for text in (offer.said.title, offer.said.message):
        assert ("@everyone" in text, "[skip ci]" in text, "\u202e" in text) == (False, False, False)
    assert "id;" not in offer.said.body.split("```sh\n")[1].split("```")[0]


def test_a_large_plan_stays_below_the_limit_and_says_where_it_was_cut():
    many = [
        SecretChange(f"config/clusters/c{n}/enc-{'x' * 90}.yaml", f"jupyterhub.a{n}", "changed", (f"c{n}/prod",))
        for n in range(1500)
    ]
    text = body(*many)
    assert (len(text.encode()) <= BODY_LIMIT, "cut here" in text) == (True, True)


@pytest.mark.parametrize("odd", ["it's", "a$(id)", 'a"b', "a!b", "-x"])
def test_what_a_shell_might_read_wrong_is_not_in_the_command(odd: str) -> None:
    text = body(replace(ADDED, file=f"{odd}/enc-x.yaml")) if odd == "-x" else body(title=f"[leap] store {odd}")
    assert text.split("```sh\n")[1].split("```")[0].endswith(' origin/main)"\n')


def test_nothing_of_the_bytes_is_in_it():
    offer = secret_offer(plan(), base="main")
    assert CANARY.decode() not in f"{offer.said} {offer.wanted} {offer.branch}"


TITLES = ("[leap, prod] store jupyterhub.x.password", "Bring the recipients of 1 secret file to `.sops.yaml`")


@pytest.mark.parametrize("squashed", [False, True], ids=["whole", "squashed to its title"])
@pytest.mark.parametrize("title", [TITLES[0], pytest.param(TITLES[1], marks=pytest.mark.slow)])
def test_the_printed_command_takes_the_change_back(tmp_path: Path, title: str, *, squashed: bool) -> None:
    bare, clone = make_clone(tmp_path)
    offer = secret_offer(plan(ADDED, title=title), base="main")
    commit_file(clone, FILE, "a: 1\n", f"{offer.said.title} (#7)" if squashed else offer.said.message)
    commit_file(clone, "later.md", "later\n")
    git(clone, "push", "-q", "origin", "HEAD:main")
    git(tmp_path, "clone", "-q", str(bare), "fresh")
    command = offer.said.body.split("```sh\n")[1].split("\n")[0]
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path / "fresh", capture_output=True, text=True, check=False)
    assert (done.returncode, (tmp_path / "fresh" / FILE).exists()) == (0, False), done.stderr
