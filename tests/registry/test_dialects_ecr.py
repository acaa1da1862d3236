"""Amazon's registries: tokens of two scopes, lists without order, and what the program `aws` tells or does not."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from hubctl.adapters.clock import Waiting
from hubctl.adapters.http import Http
from hubctl.commands.choosing import decided
from hubctl.images.choice import Take, Unknown
from hubctl.images.facts import Listing, NoAnswer, TagFact
from hubctl.registry import ecr
from hubctl.registry.address import endpoint
from hubctl.registry.answers import Allowance, Unanswered
from hubctl.registry.credentials import Found, Login
from hubctl.registry.hosts import ecr_home, known_dialect
from hubctl.registry.line import Lines
from hubctl.registry.logins import Logins
from hubctl.registry.session import Session
from hubctl.secret import Secret
from hubctl.settings import RegistryEntry
from tests.registry.conftest import Asking, image
from tests.registry.test_policies import CASES, IMAGES
from tests.servers.catalogue import TODAY
from tests.servers.distribution import distribution
from tests.servers.ecr import described, ecr_private, ecr_public
from tests.servers.faults import Server, serve
from tests.servers.fronts import Front
from tests.servers.tags import Tag, many_tags

HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
NAME = image("r.example/some/image")
START = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)
TAGS = [Tag(f"v{number}", f"v{number}", START + dt.timedelta(days=number)) for number in range(5)]
DIGEST = "sha256:" + "a" * 64


def entry(server: Server) -> RegistryEntry:
    return RegistryEntry(mirror=server.base, insecure=True, kind="ecr")


def login(folder: Path, host: str) -> dict[str, str]:
    auths = {host: {"auth": base64.b64encode(b"AWS:canary").decode()}}
    (folder / "config.json").write_text(json.dumps({"auths": auths}))
    return {"DOCKER_CONFIG": str(folder)}


# ---- which hosts


@pytest.mark.parametrize(
    ("host", "home"),
    [
        (HOST, ("123456789012", "eu-west-1")),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", ("123456789012", "cn-north-1")),
        ("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", ("123456789012", "us-gov-west-1")),
        ("123456789012.dkr-ecr.us-east-1.on.aws", ("123456789012", "us-east-1")),
        ("public.ecr.aws", None),
        (f"{HOST}.evil.example", None),
        (f"{HOST}:5000", None),
        (f"{HOST}.", None),
        ("12345678901.dkr.ecr.eu-west-1.amazonaws.com", None),
        ("123456789012.dkr.ecr.--region.amazonaws.com", None),
        ("123456789012.dkr.ecr.a.b.amazonaws.com", None),
        ("123456789012xdkr.ecr.eu-west-1.amazonaws.com", None),
        ("\u0661" * 12 + ".dkr.ecr.eu-west-1.amazonaws.com", None),
    ],
)
def test_a_private_registry_is_known_by_its_name_alone(host, home) -> None:
    assert ecr_home(host) == home
    assert known_dialect(host) == ("ecr" if home or host == "public.ecr.aws" else None)


# ---- the distribution API


def test_the_public_registry_is_asked_for_both_scopes(asking: Asking) -> None:
    tags = many_tags(1_050)
    with serve(ecr_public({"some/image": tags}, page=400)) as server:
        listing = asking({"r.example": entry(server)}).tags(NAME)
        names = sorted(tag.name for tag in tags)
        assert listing == Listing(tuple(TagFact(name, source="ecr") for name in names), "ecr")
        tokens = [asked.query for asked in server.log if asked.path == "/token/"]
        assert tokens == [{"service": "public.ecr.aws", "scope": "aws repository:some/image:pull"}]
        assert len(server.urls) == 5  # the challenge, the token, three pages


def test_a_private_list_has_no_order_and_is_asked_for_no_number(asking: Asking, config: Path) -> None:
    tags = many_tags(2_510)
    with serve(ecr_private({"some/image": tags})) as server:
        settings = {"r.example": entry(server)}
        listing = asking(settings, login(config, server.host)).tags(NAME)
        assert isinstance(listing, Listing), listing
        names = [fact.name for fact in listing.tags]
        assert sorted(names) == sorted(tag.name for tag in tags)
        assert names != sorted(names)
        assert [asked.query.get("n") for asked in server.log] == [None] * 4  # the challenge, three pages
        refused = asking(settings).tags(NAME)
        assert isinstance(refused, NoAnswer)
        assert refused.code == "denied"


# ---- what `aws` tells


class Amazon:
    """A private registry on loopback, and a folder of programs beside it."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.server = server
        self.environment = {"PATH": f"{self.bin}:/usr/bin:/bin", "AWS_PROFILE": "hub", "GITHUB_TOKEN": "canary-forge"}

    def install(self, script: str) -> None:
        path = self.bin / "aws"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)

    def prints(self, text: str) -> None:
        (self.bin / "answer").write_text(text)
        told = f'echo "$*" >> {self.bin}/asked; env > {self.bin}/env; cat {self.bin}/answer'
        self.install(f'if [ "$2" = get-login-password ]; then echo canary; else {told}; fi')

    @property
    def asked(self) -> str:
        return (self.bin / "asked").read_text()

    def holds(self, images: Mapping[str, Sequence[Tag]]) -> None:
        for path, tags in images.items():
            (self.bin / path.replace("/", "-")).write_text(described(tags))
        self.install(f'cat {self.bin}/$(echo "$8" | tr / -)')

    def list(
        self, *, path: str = "some/image", allowance: float = 20, root: Path | None = None
    ) -> tuple[tuple[TagFact, ...], list[str]]:
        """Return what the list and its notes are."""
        at = replace(endpoint(HOST, path, {}), base=self.server.base)
        http = Http({})
        try:
            lines = Lines(http, Waiting(20), max_in_flight=4, pause=0.01)
            found = Found(Login("a test", "AWS", Secret("canary")))
            session = Session(at, found, lines, aws=Logins({}, self.environment, root).aws)
            return ecr.list_tags(session, lines, Allowance(allowance)), session.notes
        finally:
            http.close()


@pytest.fixture
def amazon(tmp_path: Path) -> Iterator[Amazon]:
    with serve(ecr_private({"some/image": TAGS})) as server:
        yield Amazon(tmp_path, server)


@pytest.mark.parametrize("seconds", [False, True])
def test_aws_tells_tags_digests_and_dates_in_one_call(amazon: Amazon, seconds) -> None:
    latest = replace(TAGS[-1], name="latest")
    signature = Tag(f"sha256-{'a' * 64}.sig", "signature", START)
    amazon.prints(described([*TAGS, latest, signature], seconds=seconds))
    facts, notes = amazon.list()
    expected = {tag.name: TagFact(tag.name, tag.digest, tag.pushed, source="ecr") for tag in [*TAGS, latest]}
    assert ({fact.name: fact for fact in facts}, notes) == (expected, [])
    which = "--registry-id 123456789012 --region eu-west-1 --repository-name some/image"
    assert amazon.asked == f"ecr describe-images {which} --filter tagStatus=TAGGED --output json\n"
    assert amazon.server.urls == []
    environment = (amazon.bin / "env").read_text()
    assert "AWS_PROFILE=hub" in environment
    assert "canary" not in environment


@pytest.mark.slow
def test_what_aws_tells_leads_to_the_choices_of_the_table(asking: Asking, amazon: Amazon) -> None:
    amazon.holds(IMAGES)
    listings = {}
    for path in IMAGES:
        facts, notes = amazon.list(path=path)
        assert notes == []
        listings[path] = Listing(facts, "ecr")
    assert amazon.server.urls == []
    front = Front("ecr", lambda images: serve(distribution(images)), pushes=True)
    with front.start(IMAGES) as server:
        registry = asking({"r.example": front.entry(server)})
        for case in CASES:
            answer = decided(case.query, listings[case.image], registry, TODAY)
            assert not isinstance(answer, Unknown), answer
            assert (answer.tag if isinstance(answer, Take) else answer.code, case) == (case.of(front), case)


def test_a_date_of_aws_has_its_own_zone(amazon: Amazon) -> None:
    images = [
        {"imageDigest": DIGEST, "imageTags": ["v1"], "imagePushedAt": "2024-06-01T10:00:00.250000-07:00"},
        {"imageDigest": DIGEST, "imageTags": ["v2"], "imagePushedAt": 1717261200.25},
        {"imageDigest": DIGEST, "imageTags": ["v3"], "imagePushedAt": None},
        {"imageDigest": DIGEST},
    ]
    amazon.prints(json.dumps({"imageDetails": images}))
    pushed = dt.datetime(2024, 6, 1, 17, 0, 0, 250_000, dt.UTC)
    facts = [
        TagFact(f"v{number}", DIGEST, when, source="ecr") for number, when in ((1, pushed), (2, pushed), (3, None))
    ]
    assert amazon.list() == (tuple(facts), [])


@pytest.mark.slow
def test_a_list_of_many_megabytes_is_read(amazon: Amazon) -> None:
    tags = [Tag(f"v{number}", f"v{number}", START) for number in range(10_000)]
    text = described(tags)
    assert len(text) > 3_000_000
    amazon.prints(text)
    facts, notes = amazon.list()
    assert (len(facts), notes) == (10_000, [])


WRONG = "`aws` answered in an unknown form: "
FAILED = "`aws ecr describe-images` gave no list: "


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (None, FAILED + "it is not installed"),
        ("exit 3", FAILED + "exit code 3"),
        (
            "echo secret-canary; echo 'Unable to locate \033[31mcredentials' >&2; exit 255",
            FAILED + "exit code 255; it said: Unable to locate \\u001b[31mcredentials",
        ),
        ("kill -9 $$", FAILED + "it was ended by signal 9"),
        ("echo", "`aws` did not answer in JSON"),
        ("echo hello", "`aws` did not answer in JSON"),
        ("echo '[]'", WRONG + "its answer is no object"),
        ("echo '{}'", WRONG + "`imageDetails` is no list"),
        ("head -c 9000000 /dev/zero", FAILED + "it printed more than 8 MiB"),
    ],
)
def test_without_an_answer_of_aws_names_are_listed_and_it_is_said_why(amazon: Amazon, script, why) -> None:
    if script is not None:
        amazon.install(script)
    facts, notes = amazon.list()
    assert set(facts) == {TagFact(tag.name, source="ecr") for tag in TAGS}
    assert notes == [f"push dates are not known: {why}"]


@pytest.mark.parametrize(
    ("image_details", "what"),
    [
        ("v1", "`imageDetails` is no list"),
        (["v1"], "an image is no object"),
        ([{"imageDigest": 5}], "`imageDigest` is no text"),
        ([{"imageDigest": "sha256:x"}], "`imageDigest` is no digest"),
        ([{"imageDigest": DIGEST, "imageTags": "v1"}], "`imageTags` is no list"),
        ([{"imageDigest": DIGEST, "imageTags": [1]}], "a tag is no text"),
        ([{"imageDigest": DIGEST, "imagePushedAt": "soon"}], "`imagePushedAt` is no date"),
        ([{"imageDigest": DIGEST, "imagePushedAt": True}], "`imagePushedAt` is no date"),
        ([{"imageDigest": DIGEST, "imagePushedAt": []}], "`imagePushedAt` is no date"),
        ([{"imageDigest": DIGEST, "imagePushedAt": float("nan")}], "`imagePushedAt` is no date"),
        ([{"imageDigest": DIGEST, "imagePushedAt": float("inf")}], "`imagePushedAt` is no date"),
        ([{"imageDigest": DIGEST, "imagePushedAt": -1}], "`imagePushedAt` is no date"),
        ([{"imageDigest": DIGEST, "imagePushedAt": 10**400}], "`imagePushedAt` is no date"),
    ],
)
def test_a_wrong_type_from_aws_is_no_list(amazon: Amazon, image_details, what) -> None:
    amazon.prints(json.dumps({"imageDetails": image_details}))
    facts, notes = amazon.list()
    assert {fact.name for fact in facts} == {tag.name for tag in TAGS}
    assert notes == [f"push dates are not known: {WRONG}{what}"]


@pytest.mark.slow
def test_more_tags_than_there_may_be_are_no_list(amazon: Amazon) -> None:
    tags = [{"imageDigest": DIGEST, "imageTags": [f"v{number}" for number in range(100_001)]}]
    amazon.prints(json.dumps({"imageDetails": tags}))
    assert amazon.list()[1] == ["push dates are not known: `aws` lists more than 100000 tags of one image"]


def test_aws_that_hangs_is_ended_and_takes_its_time_from_the_list(amazon: Amazon) -> None:
    amazon.install("sleep 1000")
    with pytest.raises(Unanswered, match="a whole list took longer"):
        amazon.list(allowance=0.2)


@pytest.mark.slow
def test_what_hangs_on_aws_does_not_outlive_it(amazon: Amazon) -> None:
    amazon.prints(described(TAGS))
    amazon.install(f"sleep 1000 & cat {amazon.bin}/answer")
    facts, notes = amazon.list()
    assert ({fact.name for fact in facts}, notes) == ({tag.name for tag in TAGS}, [])


@pytest.mark.parametrize("path", ["-x/y", "some/image\n", "Some/Image", "../x"])
def test_a_name_amazon_cannot_hold_is_given_to_no_program(amazon: Amazon, path) -> None:
    amazon.prints(described(TAGS))
    with pytest.raises(Unanswered):
        amazon.list(path=path)
    assert not (amazon.bin / "asked").exists()


def test_no_aws_is_started_that_lies_where_others_write(amazon: Amazon) -> None:
    amazon.prints(described(TAGS))
    notes = amazon.list(root=amazon.bin)[1]
    why = f"{FAILED}it is not installed; one in the repository is not started"
    assert notes == [f"push dates are not known: {why}"]
    assert not (amazon.bin / "asked").exists()


def test_a_mirror_of_a_private_registry_is_asked_itself(asking: Asking, amazon: Amazon) -> None:
    amazon.prints(described(TAGS[:2]))
    environment = amazon.environment | login(amazon.bin, amazon.server.host)
    settings = {HOST: RegistryEntry(mirror=amazon.server.base, insecure=True, kind="ecr")}
    listing = asking(settings, environment).tags(image(f"{HOST}/some/image"))
    assert isinstance(listing, Listing), listing
    assert {fact.name for fact in listing.tags} == {tag.name for tag in TAGS}
    assert not (amazon.bin / "asked").exists()


def test_a_private_registry_is_listed_by_aws(asking: Asking, amazon: Amazon) -> None:
    amazon.prints(described(TAGS))
    listing = asking({}, amazon.environment).tags(image(f"{HOST}/some/image"))
    assert isinstance(listing, Listing), listing
    assert {fact.pushed for fact in listing.tags} == {tag.pushed for tag in TAGS}
    assert (listing.source, listing.notes) == ("ecr", ())
