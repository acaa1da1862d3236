"""GitHub's limits: waited for as it says, within the budget of the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.forge import Fault
from tests.proposals.github_parts import HTML, NEW, PULLS, client, failure, forge_with_branch, said, waits


@pytest.fixture
def forge(tmp_path: Path):
    with forge_with_branch(tmp_path) as running:
        yield running


LIMITS = [
    ({"Retry-After": "7"}, 403, "You have exceeded a secondary rate limit.", [7.0]),
    ({"Retry-After": "0"}, 429, "Too many", [0.0]),
    ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1767225660", "Date": "Thu, 01 Jan 2026 00:00:00 GMT"}, 403,
     "API rate limit exceeded for user ID 1.", [61.0]),
    ({}, 403, "You have exceeded a secondary rate limit.", [60.0]),
    ({}, 403, "You have triggered an abuse detection mechanism.", [60.0]),
    ({"Retry-After": "soon"}, 429, "Too many", [60.0]),
]  # fmt: skip


@pytest.mark.parametrize(("headers", "status", "message", "expected"), LIMITS)
def test_a_limit_is_waited_for_as_github_says(forge, headers, status, message, expected):
    forge.faults.append(Fault("GET", "", status=status, headers=headers, body=said(message)))
    github = client(forge)
    assert github.repository().full_name == "acme/fleet"
    assert waits(github) == expected


def test_a_limited_write_was_not_looked_at_and_is_sent_again(forge):
    forge.faults.append(Fault("POST", "/pulls$", status=403, body=said("You have exceeded a secondary rate limit.")))
    github = client(forge)
    github.create(NEW)
    assert (waits(github), forge.writes()) == ([60.0], [f"POST {PULLS}"] * 2)


def test_limits_double_and_are_given_up_after_three_rounds(forge):
    forge.faults.append(Fault("GET", "", status=429, body=HTML, times=9))
    github = client(forge, wait=10_000)
    assert failure(github.repository)[2] == "rate-limit"
    assert (waits(github), len(forge.log)) == ([60.0, 120.0], 3)


def test_a_limit_beyond_the_budget_says_when_it_resets(forge):
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1767276179", "Date": "Thu, 01 Jan 2026 13:33:00 GMT"}
    forge.faults.append(Fault("GET", "", status=403, headers=headers, body=said("API rate limit exceeded.")))
    assert failure(client(forge).repository) == (
        "RemoteRefused",
        1,
        "rate-limit",
        "GitHub's rate limit resets 14:03 UTC: API rate limit exceeded.",
        "run again then, or wait longer with `--max-wait SECONDS`",
    )
    assert len(forge.log) == 1


def test_a_used_up_quota_names_the_day_it_comes_back(forge):
    forge.board.quota = 0
    message = "GitHub's rate limit resets 2100-01-01 00:00 UTC: API rate limit exceeded for user ID 1."
    assert failure(client(forge).repository)[3] == message


@pytest.mark.parametrize(
    ("date", "told"),
    [("Fri, 31 Dec 9999 23:59:59 GMT", "at a time that cannot be read"), ("yesterday", " UTC")],
)
def test_a_clock_that_is_off_breaks_nothing(forge, date, told):
    forge.faults.append(Fault("GET", "", status=429, headers={"Date": date, "Retry-After": "3600"}, body=said("Slow")))
    message = failure(client(forge).repository)[3]
    assert (message.startswith("GitHub's rate limit resets "), told in message) == (True, True)


def test_a_missing_right_on_the_last_allowed_call_is_no_limit(forge):
    body = said("Resource not accessible by integration")
    forge.faults.append(Fault("GET", "", status=403, headers={"X-RateLimit-Remaining": "0"}, body=body))
    assert failure(client(forge).repository)[:2] == ("MissingRight", 4)


def test_a_limit_on_a_write_that_is_not_waited_for_ends_it_with_the_time(forge):
    headers = {"Retry-After": "3600", "Date": "Thu, 01 Jan 2026 13:03:00 GMT"}
    limit = said("You have exceeded a secondary rate limit.")
    forge.faults.append(Fault("POST", "", status=403, headers=headers, body=limit, times=2))
    github = client(forge)
    told = "GitHub's rate limit resets 14:03 UTC: You have exceeded a secondary rate limit."
    assert failure(lambda: github.create(NEW))[1:4] == (1, "rate-limit", told)
    assert github.request_reviewers(1, ("ada",), ()) == (f"`ada` was not asked for a review: {told}",)
    assert (waits(github), len(forge.writes()), forge.pulls) == ([], 2, [])
