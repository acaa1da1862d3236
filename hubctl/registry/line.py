"""A line to one host: few requests at a time, patient with limits, and cut once the host took too long."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from hubctl.adapters.clock import Waiting, now
from hubctl.adapters.http import MEBIBYTE, Http, NoReply, Reply
from hubctl.registry.address import origin
from hubctl.registry.answers import Allowance, Unanswered
from hubctl.registry.hosts import known_dialect
from hubctl.registry.limits import AGAIN, LIMITED, TRIES, asked_pause, back_at, own_pause
from hubctl.secret import Secret

_RESPONSE_SECONDS = 30.0
_REPEATABLE = ("GET", "HEAD")
REDIRECTS = 5
MOVED = frozenset({301, 302, 303, 307, 308})
HTTP_TO_TLS = 400  # what Go's servers and nginx answer to http on the port of their TLS


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `authorization` is the whole header value, `limit` the largest body of the answer in bytes."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = field(default=None, repr=False)
    authorization: Secret | None = None
    limit: int = 8 * MEBIBYTE


class Line:
    """Asks one host. Once it took too long, could not be reached or set a limit too far away, it is asked no more."""

    def __init__(self, host: str, http: Http, waiting: Waiting, *, max_in_flight: int, pause: float) -> None:
        self.host = host
        self._http = http
        self._waiting = waiting
        self._slots = threading.Semaphore(max_in_flight)
        self._pause = pause
        self._dead: str | None = None
        self._answered = 0
        self._opens = 0.0

    def ask(self, request: Request, allowance: Allowance) -> Reply:
        """Return a final answer: one whose status does not mean "again later". Unanswered where none comes.

        GET and HEAD are tried three times, all else only behind a limit; every pause counts against the run's budget
        of waiting. While a limit holds, nobody asks; who waited for it and finds that others were served meanwhile has
        three tries again, as long as the budget lasts.
        """
        left, answered = TRIES, self._answered
        while True:
            left -= 1
            self._wait_until_open()
            reply = self._tried(request, allowance, left)
            if reply is None:
                continue
            if reply.status not in AGAIN:
                self._answered += 1
                return reply
            asked = asked_pause(reply.status, reply.headers, now())
            if (asked or reply.status == LIMITED) and self._answered > answered:
                left, answered = TRIES - 1, self._answered
            again = left > 0 and (request.method in _REPEATABLE or reply.status == LIMITED)
            if again and (self._limited(asked) if asked else self._paused(TRIES - left, allowance)):
                continue
            raise self._unanswered(self._refused(reply.status, asked, over=again))

    def _tried(self, request: Request, allowance: Allowance, left: int) -> Reply | None:
        """Return an answer, None where none came and asking again may help; Unanswered where it does not."""
        try:
            return self._once(request, allowance)
        except NoReply as problem:
            again = problem.temporary and left > 0 and request.method in _REPEATABLE
            if again and self._paused(TRIES - left, allowance):
                return None
            if problem.timed_out or problem.unreachable:
                self._dead = problem.reason
            raise self._unanswered(self._lacking_tls(problem), reached=False) from None

    def _lacking_tls(self, problem: NoReply) -> str:
        """Return why no answer came, with the setting that allows plain http where a host may speak that."""
        if not problem.no_tls or known_dialect(self.host) is not None:
            return problem.reason
        return f"{problem.reason}; plain http needs `insecure: true` in the host's entry of your own settings"

    def _limited(self, seconds: float) -> bool:
        """Wait for the end of a limit, and keep all others waiting; False where the budget does not reach it."""
        self._opens = max(self._opens, time.monotonic() + seconds)
        return self._waiting.wait(seconds)

    def _wait_until_open(self) -> None:
        """Wait for the end of a limit another request met; where the budget does not reach it, asking tells."""
        while not self._dead and (seconds := self._opens - time.monotonic()) > 0:
            if not self._waiting.wait(seconds):
                return

    def _once(self, request: Request, allowance: Allowance) -> Reply:
        with self._slots:
            if self._dead:
                raise Unanswered(f"`{self.host}` is not asked again in this run: {self._dead}", reached=False)
            if not allowance.left:
                self._dead = "a whole list took longer than 100 seconds"
                raise self._unanswered(self._dead)
            started = time.monotonic()
            try:
                return self._http.request(
                    request.method,
                    request.url,
                    headers=request.headers,
                    body=request.body,
                    authorization=request.authorization,
                    limit=request.limit,
                    seconds=min(_RESPONSE_SECONDS, allowance.left),
                )
            finally:
                allowance.spend(time.monotonic() - started)

    def _paused(self, tried: int, allowance: Allowance) -> bool:
        """Wait a while of our own, which counts as time of the answer; False where the budget does not allow it."""
        jitter = self._pause * random.random() / 4  # noqa: S311  # spreads requests, protects nothing
        pause = own_pause(tried, self._pause) + jitter
        allowance.spend(pause)
        return self._waiting.wait(pause)

    def _refused(self, status: int, asked: float | None, *, over: bool) -> str:
        """Return why there is no answer; with `over`, the budget of waiting does not reach behind the limit."""
        if status != 429 and asked is None:
            return f"it answered with status {status}"
        reason = "it limits requests"
        if asked is not None:
            reason += f"; come back at {back_at(asked, now())}"
        if over:
            self._dead = reason
        return reason

    def _unanswered(self, reason: str, *, reached: bool = True) -> Unanswered:
        return Unanswered(f"no answer from `{self.host}`: {reason}", reached=reached)


class Lines:
    """The lines of a run, one a host."""

    def __init__(self, http: Http, waiting: Waiting, *, max_in_flight: int, pause: float) -> None:
        self._http = http
        self._waiting = waiting
        self._max_in_flight = max_in_flight
        self._pause = pause
        self._lock = threading.Lock()
        self._open: dict[tuple[str, str], Line] = {}

    def ask(self, request: Request, allowance: Allowance) -> Reply:
        """Return the answer of the host of the request's URL, as Line.ask."""
        where = origin(request.url)
        with self._lock:
            if where not in self._open:
                self._open[where] = Line(
                    where[1], self._http, self._waiting, max_in_flight=self._max_in_flight, pause=self._pause
                )
            line = self._open[where]
        return line.ask(request, allowance)
