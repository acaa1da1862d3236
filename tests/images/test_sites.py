from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from hubctl.errors import Unparseable
from hubctl.images import Site, find_sites
from hubctl.text.parse import parse
from hubctl.text.walk import key_path

DIGEST = "sha256:" + "0" * 64
OTHER = "sha512:" + "1" * 128


def found(text: str) -> list[str]:
    """Draw each place as `line form key.path image tag [digest] [<- alias lines]`."""
    drawn = []
    for site in find_sites(textwrap.dedent(text).encode(), "hub.values.yaml"):
        words = [str(site.line), site.form, site.key_path, site.image or "-", site.tag or "-"]
        words += [site.digest[:6]] if site.digest else []
        words += ["<-", *map(str, site.aliases)] if site.aliases else []
        drawn.append(" ".join(words))
    return drawn


def test_a_place_carries_all_that_is_known_of_it():
    text = b"""\
---
jupyterhub:
  singleuser:
    profileList:
    - slug: small
      kubespawner_override:
        image: "quay.io/org/image:v1"  # hubctl: pin because GPU drivers
---
jupyterhub: {hub: {image: {name: quay.io/org/hub, tag: 4.30}}}
"""
    assert find_sites(text, "one.values.yaml") == (
        Site(
            file="one.values.yaml",
            path=("jupyterhub", "singleuser", "profileList", 0, "kubespawner_override", "image"),
            line=7,
            form="inline",
            image="quay.io/org/image",
            tag="v1",
            digest=None,
            role="user",
            aliases=(),
            document=0,
            comment="pin because GPU drivers",
            key_path="jupyterhub.singleuser.profileList[slug=small].kubespawner_override.image",
        ),
        Site(
            file="one.values.yaml",
            path=("jupyterhub", "hub", "image", "tag"),
            line=9,
            form="split",
            image="quay.io/org/hub",
            tag="4.30",
            digest=None,
            role="hub",
            aliases=(),
            document=1,
            comment=None,
            key_path="jupyterhub.hub.image.tag",
        ),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("image: quay.io/a/b:v1", ["1 inline image quay.io/a/b v1"]),
        ("image: 'b:v1'", ["1 inline image b v1"]),
        ('image: "\\x62:v1"', ["1 inline image b v1"]),
        ("image: >-\n  a/b:v1\n", ["1 inline image a/b v1"]),
        ("build_image: a/b:v1", ["1 inline build_image a/b v1"]),
        (f"image: a/b@{DIGEST}", ["1 inline image a/b - sha256"]),
        (f"image: localhost:5000/b:v1@{OTHER}", ["1 inline image localhost:5000/b v1 sha512"]),
        ("- image: a:1\n- image: b:2\n", ["1 inline [0].image a 1", "2 inline [1].image b 2"]),
        ('"k.e/y": {image: a:1}', ['1 inline ["k.e/y"].image a 1']),
        ("image: !!str a:1", ["1 inline image a 1"]),
        ("\ufeffimage: a:1\r\nother: 2\r\n", ["1 inline image a 1"]),
        ("initContainers: [{name: one, image: a:1}]", ["1 inline initContainers[name=one].image a 1"]),
        ("containers:\n- name: one\n  image: a:1\n  tag: v2\n", ["3 inline containers[name=one].image a 1"]),
    ],
)
def test_an_image_scalar_with_tag_or_digest_is_a_place(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("image: {name: a/b, tag: v1}", ["1 split image.tag a/b v1"]),
        ("image:\n  tag: v1\n  repository: a/b\n", ["2 split image.tag a/b v1"]),
        ("anything: {name: a/b, tag: v1, other: 1}", ["1 split anything.tag a/b v1"]),
        ("anything: {name: b, tag: v1, pullPolicy: Always}", ["1 split anything.tag b v1"]),
        ("image: {name: b, tag: v1, other: 1}", ["1 split image.tag b v1"]),
        ("image: {name: x, repository: a/b, tag: v1}", ["1 split image.tag a/b v1"]),
        ("image: {registry: quay.io, repository: a/b, tag: v1}", ["1 split image.tag quay.io/a/b v1"]),
        ("image: {registry: quay.io/, name: a, tag: v1}", ["1 split image.tag quay.io/a v1"]),
        ('image: {registry: "", repository: a/b, tag: v1}', ["1 split image.tag a/b v1"]),
        (f"image: {{repository: a/b, tag: main@{DIGEST}}}", ["1 split image.tag a/b main sha256"]),
        (f"image: {{repository: a/b, tag: main, digest: {DIGEST}}}", ["1 split image.tag a/b main sha256"]),
        ("image: {repository: a/b, tag: main, digest: no}", ["1 split image.tag a/b main"]),
        ("image: {tag: v1}", ["1 split image.tag - v1"]),
        ("image: {tag: v1, pullPolicy: Always}", ["1 split image.tag - v1"]),
        ("userImage: {tag: v1}", ["1 split userImage.tag - v1"]),
        ("image: {name: , tag: v1}", ["1 split image.tag - v1"]),
        ('image: {repository: "", tag: v1}', ["1 split image.tag - v1"]),
    ],
)
def test_a_map_of_name_and_tag_is_a_place_and_below_an_image_key_a_tag_alone(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize("tag", ["4.4", "20240318", "0123456", "1e10", "0x1f", "2024-03-18", "yes", "1_000", "12:30"])
def test_a_tag_is_its_text_whatever_yaml_takes_it_for(tag):
    expected = [] if ":" in tag else [f"1 split image.tag a/b {tag}"]
    assert found(f"image: {{name: a/b, tag: {tag}}}") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            """\
            prePuller:
              extraImages:
                one: {name: a/b, tag: v1}
                two: {tag: v2}
                three: a/c:v3
                four: a/c
            """,
            [
                "3 split prePuller.extraImages.one.tag a/b v1",
                "4 split prePuller.extraImages.two.tag - v2",
                "5 inline prePuller.extraImages.three a/c v3",
            ],
        ),
        (
            "extraImages: [{name: a, tag: v1, why: x}, 'b:v2', [c:v3]]",
            ["1 split extraImages[name=a].tag a v1", "1 inline extraImages[1] b v2"],
        ),
    ],
)
def test_the_entries_of_extra_images_are_places(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("extraEnv: {WORKER_IMAGE: a/b:v1}", ["1 inline extraEnv.WORKER_IMAGE a/b v1"]),
        ("environment: {DOCKERIMAGE_PATH: a/b:v1}", ["1 inline environment.DOCKERIMAGE_PATH a/b v1"]),
        ("env:\n- name: X_IMAGE\n  value: a/b:v1\n", ["3 inline env[name=X_IMAGE].value a/b v1"]),
        ("extraEnv: {X_IMAGE: {value: a/b:v1}}", ["1 inline extraEnv.X_IMAGE.value a/b v1"]),
        ("extraEnv: {one: {name: X_IMAGE, value: a/b:v1}}", ["1 inline extraEnv.one.value a/b v1"]),
        ("environment: {deep: {image: a/b:v1}}", ["1 inline environment.deep.image a/b v1"]),
        ("workerEnv: {IMAGE: a/b:v1}", ["1 inline workerEnv.IMAGE a/b v1"]),
        ("extraEnv: {OTHER: a/b:v1, X_IMAGE: a/b, Y_IMAGE: $(JUPYTER_IMAGE), IMAGE_PULL_POLICY: Always}", []),
        ("extraEnv: {IMAGE_HOST: 10.0.0.1:5000, IMAGE_URL: 'http://a:80', IMAGE_RATIO: 16:9}", []),
        ("extraEnv: {IMAGE_HOST: localhost:5000, IMAGE_REGISTRY: quay.io:443, IMAGE_ON: true}", []),
        ("env: [{name: OTHER, value: a/b:v1}, {name: X_IMAGE}, {name: [X_IMAGE], value: a:1}, {value: a:1}]", []),
        ("other: {X_IMAGE: a/b:v1}", []),
        ("list: [{name: X_IMAGE, value: a/b:v1}]", []),
    ],
)
def test_environment_values_whose_name_speaks_of_an_image_are_places(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment\n",
        "---\n---\nother: 1\n",
        "image:",
        "just text",
        "image: ''",
        "image: a/b",
        "image: '{value}'",
        "image: $(JUPYTER_IMAGE)",
        "image: ${IMAGE}:v1",
        "image: '{{ .Values.image }}:v1'",
        "image: a/b:set-by-chartpress",
        "image: a/b:PLACEHOLDER",
        "image: <name>:<tag>",
        "image: quay.io:443",
        "image: localhost:5000",
        "image: 10:30",
        "image: {name: '10', tag: '30'}",
        "image: https://example.org/logo.png",
        "image: |\n  a/b:v1\n",
        "image: [a/b:v1]",
        "image: {name: a/b}",
        "image: {name: a/b, tag: ''}",
        "image: {name: a/b, tag: }",
        "image: {name: a/b, tag: ~}",
        "image: {name: a/b, tag: true}",
        "image: {name: a/b, tag: [v1]}",
        "image: {name: a/b, tag: set-by-chartpress}",
        "image: {name: a/b, tag: '{value}'}",
        "image: {name: <name>, tag: v1}",
        "image: {name: a/b:v1, tag: v1}",
        "image: {name: A/b, tag: v1}",
        "image: {repository: 'https://github.com/a/b', tag: v1}",
        "image: !vault a/b:v1",
        "image: {name: a/b, tag: !vault v1}",
        "image_prefix: quay.io/a/b-:v1",
        "image_pull_policy: a:b",
        "image: {pullPolicy: IfNotPresent}",
        "pullPolicy: Always",
        "imagePullSecrets: [{name: secret}]",
        "validation_regex: ^.+:.+$",
        "dependencies: [{name: chart, version: 1.2.3, repository: 'https://example.org/charts'}]",
        "input: {name: tail, tag: kube, path: /var/log}",
        "release: {tag: v1}",
        "code: |\n  image: a/b:v1\n  c.image = 'a/b:v1'\n",
        "? [image]\n: a/b:v1\n",
        "a: {? {image: a/b:v1} : 1}",
        "sops: {mac: 'ENC[x]'}\nimage: a/b:v1\n",
        "image: a/b:v1\n---\nsops: {mac: 'ENC[x]'}\n",
    ],
)
def test_nothing_else_is_a_place(text):
    assert found(text) == []


def test_a_key_named_sops_alone_does_not_hide_a_file():
    assert found("sops: {enabled: true}\nimage: a/b:v1\n") == ["2 inline image a/b v1"]
    assert found("sops: on\nimage: a/b:v1\n") == ["2 inline image a/b v1"]


def test_of_repeated_keys_the_last_counts():
    assert found("image: a/b:v1\nimage: a/b:v2\n") == ["2 inline image a/b v2"]
    assert found("image: {name: a/b, tag: v1, name: a/c, tag: v2}") == ["1 split image.tag a/c v2"]
    assert found("hub: {image: a/b:v1}\nhub: {}\n") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            """\
            options: &options
              image: a/b:v1
              other: {image: {name: a/c, tag: v2}}
            again: *options
            list: [*options, 1]
            """,
            ["2 inline options.image a/b v1 <- 4 5", "3 split options.other.image.tag a/c v2 <- 4 5"],
        ),
        (
            """\
            inner: &inner {image: a/b:v1}
            outer: &outer {deep: *inner}
            again: *outer
            """,
            ["1 inline inner.image a/b v1 <- 2 3"],
        ),
        (
            """\
            userImage: {name: a/b, tag: &tag v1}
            singleuser: {image: {name: a/b, tag: *tag}}
            version: *tag
            """,
            ["1 split userImage.tag a/b v1 <- 2 3"],
        ),
        (
            """\
            x-common: &image a/b:v1
            hub: {image: *image}
            """,
            ["1 inline x-common a/b v1 <- 2"],
        ),
        (
            """\
            x-tag: &tag v1
            x-name: &name a/b
            image: {name: *name, tag: *tag}
            """,
            ["1 split x-tag a/b v1 <- 3"],
        ),
        (
            """\
            x-tag: &tag {tag: v1}
            image: *tag
            """,
            ["1 split x-tag.tag - v1 <- 2"],
        ),
        (
            """\
            x-env: &env {X_IMAGE: a/b:v1}
            x-list: &list [{name: Y_IMAGE, value: a/c:v2}]
            extraEnv: *env
            env: *list
            """,
            ["1 inline x-env.X_IMAGE a/b v1 <- 3", "2 inline x-list[name=Y_IMAGE].value a/c v2 <- 4"],
        ),
        (
            """\
            x-env: &env
              ONE: &one {image: a/b:v1}
            two: *one
            """,
            ["2 inline x-env.ONE.image a/b v1 <- 3"],
        ),
        ("key: &key v1\n*key : {image: a/b:v1}\n", ["2 inline v1.image a/b v1"]),
        ("a: &a 1\na: 2\nimage: {name: a/b, tag: *a}\n", []),
        ("l: [&a a/b:v1, *a]\nimage: *a\n", ["1 inline l[0] a/b v1 <- 1 2"]),
        ("a: {x: &a a/b:v1}\na: {}\nl: [*a]\n<<: *a\nb: {<<: [*a]}\nimage: *a\n", []),
    ],
)
def test_an_alias_is_no_place_of_its_own_but_counts_with_its_line(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            """\
            base: &base {name: a/b, tag: v1}
            image: {<<: *base}
            """,
            ["1 split base.tag a/b v1 <- 2"],
        ),
        (
            """\
            base: &base {name: a/b, tag: v1}
            image:
              <<: *base
              tag: v2
            """,
            ["1 split base.tag a/b v1", "4 split image.tag a/b v2"],
        ),
        (
            """\
            one: &one {name: a/one, tag: v1}
            two: &two {name: a/two, tag: v2, digest: x}
            image: {<<: [*one, *two]}
            """,
            ["1 split one.tag a/one v1 <- 3", "2 split two.tag a/two v2"],
        ),
        (
            """\
            env: &env {X_IMAGE: a/b:v1}
            extraEnv:
              <<: *env
              OTHER: 1
            """,
            ["1 inline env.X_IMAGE a/b v1 <- 3"],
        ),
        ("image:\n  <<: {name: a/b}\n  tag: v1\n", ["3 split image.tag a/b v1"]),
        ("text: &text hello\nimage:\n  <<: *text\n  tag: v1\n", ["4 split image.tag - v1"]),
    ],
)
def test_a_merge_key_uses_what_its_mapping_does_not_set_itself(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("x-image: &i {name: a/b, tag: v1}\nsingleuser: {image: *i}\n", "user"),
        ("x-image: &i a/b:v1\nhub: {image: *i}\n", "hub"),
        ("x-image: &i a/b:v1\nproxy: {chp: {image: *i}}\nhub: {initContainers: [{image: *i}]}\n", "sidecar"),
        ("x-image: &i a/b:v1\nproxy: {chp: {image: *i}}\n", "service"),
        ("hub: {image: &i {name: a/b, tag: v1}}\nsingleuser: {image: *i}\n", "hub"),
    ],
)
def test_an_anchor_that_no_chart_reads_has_the_role_of_its_first_use(text, role):
    assert [site.role for site in find_sites(text.encode(), "x")] == [role]


@pytest.mark.parametrize(
    ("line", "comment"),
    [
        ("image: a/b:v1 # hubctl: newest", "newest"),
        ("image: a/b:v1 #hubctl:pin  ", "pin"),
        ("image: a/b:v1 # see the docs # hubctl: pattern=v.* order=number", "pattern=v.* order=number"),
        ("image: a/b:v1 # hubctl:", ""),
        ("image: a/b:v1 # hubctl is good", None),
        ("image: {name: a/b, tag: v1} # hubctl: pin", "pin"),
        ("image:\n  name: a/b # hubctl: pin\n  tag: v1\n", None),
        ("# hubctl: pin\nimage: a/b:v1\n", None),
        ("image: a/b:v1\nother: 1 # hubctl: pin\n", None),
        ("{image: a/b:v1, other: 'x # hubctl: pin'}", None),
        ("{image: a/b:v1, other: 'x # hubctl: pin'} # hubctl: newest", "newest"),
        ("image: >- # hubctl: pin\n  a/b:v1\n", "pin"),
        ("image: a/b:v1", None),
    ],
)
def test_a_comment_on_the_line_of_the_tag_is_read(line, comment):
    assert [site.comment for site in find_sites(line.encode(), "x")] == [comment]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "l:\n- {slug: s, name: a, image: b:1}\n- {slug: s, name: c, image: b:2}\n",
            ["l[name=a].image", "l[name=c].image"],
        ),
        ("l:\n- {slug: s, image: b:1}\n- {slug: s, image: b:2}\n", ["l[0].image", "l[1].image"]),
        ("l:\n- {slug: s, name: a, image: b:1}\n- {slug: s, name: a, image: b:2}\n", ["l[0].image", "l[1].image"]),
        ("l:\n- {name: a, image: b:1}\n- {slug: t, image: b:2}\n- 1\n", ["l[name=a].image", "l[slug=t].image"]),
        ("l:\n- {slug: 'a]', image: b:1}\n", ['l[slug="a]"].image']),
        ("- image: b:1\n- k.y: {image: b:1}\n", ["[0].image", '[1]["k.y"].image']),
        ("l:\n- [{image: b:1}, {image: b:2}]\n", ["l[0][0].image", "l[0][1].image"]),
    ],
)
def test_key_paths_name_list_items_as_everywhere_else(text, expected):
    root = parse(text.encode()).documents[0]
    sites = find_sites(text.encode(), "x")
    assert [site.key_path for site in sites] == expected
    assert [key_path(root, site.path) for site in sites] == expected


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    ["- image: a/b:v1 # hubctl: pin\n", "- {name: one, image: a/b:v1} # hubctl: pin\n", "- {image: a/b:v1}\n"],
)
def test_a_long_list_is_no_slower_than_its_length(line):
    assert len(find_sites(line.encode() * 5_000, "long.yaml")) == 5_000


@pytest.mark.slow
def test_a_long_line_is_no_slower_than_its_length():
    text = "[" + "image: a/b:v1, " * 5_000 + "] # hubctl: pin\n"
    assert {site.comment for site in find_sites(text.encode(), "long.yaml")} == {"pin"}


@pytest.mark.parametrize(
    ("data", "line"),
    [(b"image: a:1\nb: [\n", 3), (b"\xff", 1), (b"a: *b\n", 1), (b"- " * 100 + b"x", 1)],
)
def test_a_file_that_cannot_be_read_is_one_error_with_its_file_and_line(data, line):
    with pytest.raises(Unparseable) as told:
        find_sites(data, "broken.yaml")
    assert (told.value.file, told.value.line) == ("broken.yaml", line)


def test_many_merges_of_merges_end_in_the_parsers_limit():
    lines = ["a0: &a0 {name: a/b, tag: v1}", *(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 60))]
    with pytest.raises(Unparseable):
        find_sites("\n".join(lines).encode(), "bomb.yaml")


def test_importing_the_package_reads_no_yaml_parser():
    code = (
        "import sys, hubctl.images as images\n"
        "early = {'yaml', 'ruamel'} & set(sys.modules)\n"
        "print(sorted(early), images.Site.__name__, images.find_sites.__name__, images.retag.__name__)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[] Site find_sites retag\n"


def test_the_package_has_no_other_names():
    import hubctl.images as package  # noqa: PLC0415  # the module itself is under test

    with pytest.raises(AttributeError, match="no attribute 'absent'"):
        _ = package.absent
