"""Each refusal, limit and oddity of GitHub through the client: one clear message, the right exit code, no token."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubctl.errors import AuthNeeded, RemoteRefused
from hubctl.proposals.github import GitHub
from hubctl.proposals.github_refusal import Complaint, Token, error, parsed
from hubctl.secret import Secret
from tests.forge import TOKEN, Fault, start_forge
from tests.proposals.github_parts import HTML, NEW, PULLS, client, failure, forge_with_branch, said, waits


@pytest.fixture
def forge(tmp_path: Path):
    with forge_with_branch(tmp_path) as running:
        yield running


READ_ROWS = [
    (
        Fault("GET", "", status=401, body=said("Bad credentials")),
        ("AuthNeeded", 4, "credentials", "GitHub does not accept the token from `GH_TOKEN`: Bad credentials",
         "put a valid token into `GH_TOKEN`"),
    ),
    (
        Fault("GET", "", status=403, body=said("Resource not accessible by integration"),
              headers={"X-Accepted-GitHub-Permissions": "metadata=read; contents=read"}),
        ("MissingRight", 4, "credentials",
         "the token from `GH_TOKEN` may not do this in `acme/fleet`: Resource not accessible by integration",
         "GitHub asks for one of these permissions: metadata=read; contents=read"),
    ),
    (
        Fault("GET", "", status=403, body=said("Resource protected by organization SAML enforcement."),
              headers={"X-GitHub-SSO": "required; url=https://github.com/orgs/acme/sso?authorization_request=A1"}),
        ("MissingRight", 4, "credentials", "the organisation wants single sign-on for the token from `GH_TOKEN`",
         "authorise it at https://github.com/orgs/acme/sso?authorization_request=A1"),
    ),
    (
        Fault("GET", "", status=403, body=said("Repository was archived so is read-only.")),
        ("RemoteRefused", 1, "archived", "`acme/fleet` is archived: it takes no pull requests", None),
    ),
    (
        Fault("GET", "", status=403, body=HTML),
        ("RemoteRefused", 1, "refused",
         "refused on the way to GitHub: status 403, with a body that is not GitHub's", None),
    ),
    (
        Fault("GET", "", status=404, body=said("Not Found")),
        ("Missing", 1, "not-found",
         "`acme/fleet` or a part of it does not exist, or the token from `GH_TOKEN` may not see it",
         "check the name (`--repo OWNER/NAME`) and the repositories the token was made for"),
    ),
    (
        Fault("GET", "", status=409, body=said("Git Repository is empty.")),
        ("RemoteRefused", 1, "empty", "`acme/fleet` is empty: it has no commit to start from", None),
    ),
    (
        Fault("GET", "", status=451, body=said("Repository \x1b]0;x\x07 access blocked\n::error::")),
        ("RemoteRefused", 1, "refused",
         "GitHub refused with 451: Repository \\u001b]0;x\\u0007 access blocked\\n::error::", None),
    ),
    (
        Fault("GET", "", status=422, body=said("Invalid", "a string", {"resource": "R", "code": "missing"}, 7)),
        ("Unprocessable", 1, "refused", "GitHub refused: Invalid: a string, R missing", None),
    ),
    (
        Fault("GET", "", status=422, body=said("Changes must be made through a pull request.")),
        ("Unprocessable", 1, "refused", "GitHub refused: Changes must be made through a pull request.",
         "a rule of the repository takes no pushes to this branch: let hubctl push to `hubctl/*`"),
    ),
    (
        Fault("GET", "", status=401, body=said(f"no such token: {TOKEN}")),
        ("AuthNeeded", 4, "credentials", "GitHub does not accept the token from `GH_TOKEN`: no such token: ***",
         "put a valid token into `GH_TOKEN`"),
    ),
    (
        Fault("GET", "", status=409, body=said("Conflict")),
        ("RemoteRefused", 1, "refused", "GitHub refused with 409: Conflict", None),
    ),
    (
        Fault("GET", "", status=403, body=said("x" * 1000)),
        ("MissingRight", 4, "credentials",
         f"the token from `GH_TOKEN` may not do this in `acme/fleet`: {'x' * 399}…", None),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "expected"), READ_ROWS, ids=lambda row: getattr(row, "status", None))
def test_a_refusal_is_one_message_and_one_exit_code(forge, fault, expected):
    forge.faults.append(fault)
    assert failure(client(forge).repository) == expected
    assert len(forge.log) == 1


def test_a_token_no_header_can_carry_is_refused_before_anything_is_sent(forge):
    for token in ("", "two words", "line\nbreak", "ümlaut"):
        assert failure(client(forge, token=token).repository)[:3] == ("AuthNeeded", 4, "credentials")
    assert forge.log == []


def test_a_wrong_token_names_the_variable_it_came_from(forge):
    with pytest.raises(AuthNeeded, match="does not accept the token from `GH_TOKEN`") as problem:
        client(forge, token="ghp_wrong_canary").repository()
    assert "ghp_wrong_canary" not in f"{problem.value.message}{problem.value.hint}"


@pytest.mark.parametrize("fault", [{"status": 502, "body": HTML}, {"status": 200, "body": HTML}, {"cut": True}])
def test_a_read_is_tried_again_after_what_may_pass(forge, fault):
    forge.faults.append(Fault("GET", "", times=3, **fault))
    github = client(forge)
    assert github.repository().full_name == "acme/fleet"
    assert waits(github) == [0.0, 1.0, 3.0]


def test_a_read_without_a_budget_is_tried_once_more_and_no_longer(forge):
    forge.faults.append(Fault("GET", "", status=503, body=HTML, times=9))
    assert failure(client(forge, wait=0).repository)[:4] == (
        "Lost",
        1,
        "no-answer",
        "GitHub failed: status 503, with a body that is not GitHub's",
    )
    assert len(forge.log) == 2


def test_an_answer_that_will_not_be_another_next_time_is_not_asked_for_again(forge):
    forge.faults.append(Fault("GET", "", status=200, headers={"Content-Encoding": "br"}, body="{}", times=9))
    assert failure(client(forge).repository)[2] == "no-answer"
    assert len(forge.log) == 1


def test_an_answer_that_drips_ends_at_the_deadline_and_is_not_asked_for_again(forge):
    forge.faults.append(Fault("GET", "", drip=0.01))
    result = failure(client(forge, seconds=0.3).repository)
    assert (result[2], "the answer took too long" in result[3], len(forge.log)) == ("no-answer", True, 1)


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_to_another_host_is_not_followed(forge, tmp_path, status):
    with start_forge(tmp_path / "other", "acme", "fleet", {"a": "1"}) as other:
        where = f"{other.url}/repositories/1"
        forge.faults.append(Fault("GET", "", status=status, headers={"Location": where}, body="{}"))
        expected = f"GitHub's answer points to another host, not followed: {where}"
        assert failure(client(forge).repository)[3] == expected
        forge.faults.append(Fault("POST", "", status=status, headers={"Location": where}, body="{}"))
        assert failure(lambda: client(forge).create(NEW))[3] == expected
        assert other.log == []


def test_a_redirect_in_a_circle_ends(forge):
    headers = {"Location": "/repos/acme/fleet"}
    forge.faults.append(Fault("GET", "", status=301, headers=headers, body="{}", times=99))
    assert failure(client(forge).repository)[3] == "GitHub redirects `acme/fleet` in a circle"


def test_a_next_page_on_another_host_is_not_asked(forge, tmp_path):
    with start_forge(tmp_path / "other", "acme", "fleet", {"a": "1"}) as other:
        headers = {"Link": f'<{other.url}/x?page=2>; rel="next"'}
        forge.faults.append(Fault("GET", "", status=200, headers=headers, body="[]"))
        assert "points to another host" in failure(lambda: client(forge).open_pulls("main"))[3]
        assert other.log == []


def test_pages_without_end_are_cut(forge):
    headers = {"Link": f'<{PULLS}?page=2>; rel="next"'}
    forge.faults.append(Fault("GET", "", status=200, headers=headers, body="[]", times=999))
    assert failure(lambda: client(forge).open_pulls("main"))[2:4] == (
        "too-many-pages",
        f"GitHub lists more than 50 pages of `{PULLS}`",
    )
    assert len(forge.log) == 50


@pytest.mark.parametrize(
    ("body", "action", "expected"),
    [
        ("[]", GitHub.repository, "GitHub's answer has no repository that can be read"),
        ('{"full_name": 7}', GitHub.repository, "GitHub's answer has no full_name that can be read"),
        ('{"full_name": "a/b"}', GitHub.repository, "GitHub's answer has no default_branch that can be read"),
        ("{}", lambda github: github.open_pulls("main"), "GitHub's answer is no list"),
        ("[7]", lambda github: github.open_pulls("main"), "GitHub's answer has no pull request that can be read"),
        ('[{"head": {}, "base": {}, "number": true}]', lambda github: github.open_pulls("main"),
         "GitHub's answer has no number that can be read"),
        ("[null]", lambda github: github.reviews(1), "GitHub's answer has no review that can be read"),
        ('[{"id": true}]', lambda github: github.comments(1), "GitHub's answer has no id that can be read"),
        ("[" * 100_000, GitHub.repository, "GitHub's answer is not JSON"),
        ("", GitHub.repository, "GitHub's answer is not JSON"),
    ],
)  # fmt: skip
def test_an_answer_of_another_type_is_one_error(forge, body, action, expected):
    forge.faults.append(Fault("GET", "", status=200, body=body, times=9))
    assert failure(lambda: action(client(forge)))[3] == expected


def test_errors_may_be_objects_strings_or_one_string():
    objects = parsed(422, {}, said("M", {"resource": "PullRequest", "field": "head", "code": "invalid"}).encode())
    strings = parsed(422, {}, b'{"message": "M", "errors": ["no", 7]}')
    one = parsed(422, {}, b'{"message": "M", "errors": "only"}')
    assert [refusal.complaints for refusal in (objects, strings, one)] == [
        (Complaint("PullRequest", "head", "invalid"),),
        (Complaint(message="no"), Complaint()),
        (Complaint(message="only"),),
    ]


@pytest.mark.parametrize("where", ["http://[half", "https://127.0.0.1", "//user@127.0.0.1/", "http://127.0.0.1:port/"])
def test_a_location_that_is_no_address_of_the_api_is_one_error(forge, where):
    forge.faults.append(Fault("GET", "", status=302, headers={"Location": where}, body="{}"))
    assert failure(client(forge).repository)[3] == f"GitHub's answer points to another host, not followed: {where}"


def test_a_write_moved_to_nowhere_is_one_error(forge):
    forge.faults.append(Fault("POST", "", status=308, headers={"Location": "/elsewhere"}, body="{}"))
    said = "`acme/fleet` was renamed or moved: nothing is written through a redirect"
    assert failure(lambda: client(forge).create(NEW)) == ("RemoteRefused", 1, "moved", said, None)


def test_a_token_of_gh_is_mended_by_gh(forge):
    github = client(forge, token="wrong", source="gh auth token")
    said = "GitHub does not accept the token from `gh auth token`: Bad credentials"
    assert failure(github.repository)[3:] == (said, "run `gh auth login`")


def test_no_refusal_is_outside_the_family(forge):
    forge.faults.append(Fault("GET", "", status=418, body="\xff\xfe"))
    with pytest.raises(RemoteRefused):
        client(forge).login()


WORDS = st.sampled_from(
    ["Bad credentials", "is locked", "archived", "protected branch", "is empty", "\x1b[31m\u202e", "secret-canary"]
)
BODIES = st.one_of(
    st.binary(max_size=50),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20) | WORDS,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["message", "errors", "resource", "field", "code"]), inner, max_size=4)
        ),
        max_leaves=8,
    ).map(lambda found: json.dumps(found).encode()),
)
HEADERS = st.dictionaries(
    st.sampled_from(["x-github-sso", "x-accepted-github-permissions", "retry-after", "x-ratelimit-remaining"]),
    st.text(max_size=30) | st.just("required; url=https://github.com/x"),
)


@given(status=st.integers(400, 599), headers=HEADERS, body=BODIES)
def test_whatever_github_answers_is_one_harmless_sentence(status, headers, body):
    refusal = parsed(status, headers, body)
    problem = error(refusal, "acme/\x1bfleet", Token(Secret("ghp_never_shown"), "GH_TOKEN"))
    assert isinstance(problem, AuthNeeded | RemoteRefused)
    told = f"{problem.message}{problem.hint}"
    assert (told.isprintable(), "ghp_never_shown" in told) == (True, False)
