"""Looks at one server, step by step: each step stands on those before it. Reads only.

Owns the order of the steps and their sentences. Knows no server kind: what is asked of one, its `Probes` say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from statistics import median

from tui.clock import Clock
from tui.doctor.certificates import tls_step
from tui.doctor.steps import NAMES, Look, Step, advice_for, failed, not_tried
from tui.doctor.tokens import read_claims
from tui.domain.problem import REFUSALS, Problem, ProblemCode
from tui.present.format import duration, rfc3339, skew
from tui.secrets import Secret, SecretError, read_token
from tui.servers.errors import ServerError, Unreachable
from tui.servers.http import Http, HttpAnswer
from tui.servers.kind import ServerKind
from tui.servers.probing import Finding, Probe, Probes, Release, Verdict, ask, is_older
from tui.servers.route import Way, connect, resolve, way_of
from tui.settings import ServerSettings

DATE_HALF_S = 0.5  # a Date header tells whole seconds, cut off
SLOW_S = 2.0  # an answer that takes longer than this is felt in every poll
SOON_S = 3 * 24 * 3600.0  # a token that ends sooner than this is worth a word


class Examination:
    """One look at one server."""

    def __init__(
        self,
        server: ServerSettings,
        kind: ServerKind,
        clock: Clock,
        environ: Mapping[str, str],
        authorities: Iterable[Path] = (),
    ) -> None:
        self._server = server
        self._kind = kind
        self._clock = clock
        self._environ = environ
        self._authorities = tuple(authorities)
        self._answers: list[HttpAnswer] = []
        self._secret: Secret | None = None
        self._is_secret_fresh = False

    async def run(self) -> Look:
        """All steps, in order. Raises nothing that a network or a server can bring about."""
        steps: list[Step] = []
        try:
            way = way_of(self._server, self._environ)
        except Unreachable as error:
            steps.append(failed("connection", error.problem))
        else:
            await self._reach(way, steps)
        if not _is_broken(steps):
            await self._ask(steps)
        done = {step.name for step in steps}
        broken = next((step.name for step in steps if step.verdict is Verdict.FAILED), "")
        if broken:
            steps += not_tried([name for name in NAMES if name not in done], f"the step {broken} failed")
        steps.sort(key=lambda step: NAMES.index(step.name))
        server = self._server
        return Look(server.name, server.kind, self._kind.title, server.url, tuple(steps))

    async def _reach(self, way: Way, steps: list[Step]) -> None:
        host, port = way.first
        try:
            addresses = await resolve(host, port, self._server.connect_s)
        except Unreachable as error:
            steps.append(failed("name", error.problem))
            return
        through = "" if way.proxy is None else f" (the proxy's name; {way.host} is looked up by the proxy)"
        is_address = addresses == (host,)
        text = f"{host} is an address, no name" if is_address else f"{host} is {', '.join(addresses)}"
        steps.append(Step("name", Verdict.OK, f"{text}{through}.", facts=(("host", host), ("addresses", addresses))))
        try:
            took_s = await connect(self._server, way)
        except Unreachable as error:
            advice = error.problem.advice
            if way.proxy is not None:
                advice = f"This is the proxy of {way.origin}; check it, or add {way.host} to NO_PROXY."
            steps.append(failed("connection", replace(error.problem, advice=advice)))
            return
        proxy = way.proxy
        words = "without a proxy" if proxy is None else f"through the proxy {proxy.shown} ({way.origin})"
        steps.append(
            Step(
                "connection",
                Verdict.OK,
                f"connected to {host}:{port} {words} in {_ms(took_s)}.",
                facts=(("proxy", None if proxy is None else proxy.shown), ("connect_s", round(took_s, 4))),
            )
        )
        steps.append(await tls_step(self._server, way, self._clock, self._environ, self._authorities))

    async def _ask(self, steps: list[Step]) -> None:
        secret_step = await self._read_secret()
        if secret_step is not None:
            steps.append(secret_step)
            return
        http = Http(self._server, self._clock, self._give_secret)
        try:
            if self._kind.open_probes is None:
                steps.append(Step("authentication", Verdict.NOTE, f"scantop has no probes for {self._kind.title}."))
                return
            await self._probe(self._kind.open_probes(self._server, http), steps)
        finally:
            await http.aclose()
        steps += [*self._clock_steps(), *self._latency_steps()]

    async def _read_secret(self) -> Step | None:
        source = self._server.token
        if source is None:
            return None
        try:
            self._secret = await read_token(source, self._environ)
            self._is_secret_fresh = True
        except SecretError as error:
            advice = f"Mend the token's source ({source})."
            return failed("authentication", Problem(ProblemCode.UNAUTHORISED, str(error), advice=advice))
        return None

    async def _give_secret(self) -> Secret | None:
        """What was read for the first step; after a refusal the source is read again."""
        if self._is_secret_fresh or self._server.token is None:
            self._is_secret_fresh = False
            return self._secret
        self._secret = await read_token(self._server.token, self._environ)
        return self._secret

    async def _probe(self, probes: Probes, steps: list[Step]) -> None:
        findings: list[Finding] = []
        for probe in probes.probes:
            findings.append(await ask(probe))
            self._note(findings[-1].answer)
            problem = findings[-1].problem
            if problem is not None and problem.code is ProblemCode.UNAUTHORISED:
                steps.append(self._refused(probes, problem))
                return
        if all(_is_unanswered(finding) for finding in findings):
            problem = findings[0].problem
            if problem is not None:
                steps.append(failed("authentication", problem))
                return
        steps.append(self._taken(probes))
        steps += [_permission(finding) for finding in findings]
        steps += [Step("permission", Verdict.NOT_TRIED, text) for text in probes.untried]
        steps.append(await self._release(probes, findings))

    def _note(self, answer: HttpAnswer | None) -> None:
        if answer is not None:
            self._answers.append(answer)

    def _token_words(self, probes: Probes) -> tuple[str, tuple[tuple[str, str | None], ...]]:
        """What is known of the token, and its facts. Never the token."""
        secret, source = self._secret, self._server.token
        if not secret or source is None:
            return "no token", (("token", None),)
        user = secret.user or self._server.user
        facts: list[tuple[str, str | None]] = [("source", source.how)]
        if user:
            return f"a password of {user!r} ({source})", (*facts, ("token", "basic"), ("user", user))
        claims = read_claims(secret.reveal())
        if claims is None:
            kind = probes.name_token(secret)
            return f"{kind} ({source})", (*facts, ("token", kind))
        until = "for ever, as far as it says"
        if claims.ends_at is not None:
            left_s = (claims.ends_at - self._clock.now()).total_seconds()
            when = f"{duration(left_s)} left" if left_s > 0 else "which is over"
            until = f"until {rfc3339(claims.ends_at)} ({when})"
        facts += [("token", "jwt"), ("user", claims.subject or None)]
        facts.append(("until", rfc3339(claims.ends_at) if claims.ends_at else None))
        whose = f" of {claims.subject!r}" if claims.subject else ""
        return f"a JWT{whose}, {until} ({source})", tuple(facts)

    def _left_s(self) -> float | None:
        claims = read_claims(self._secret.reveal()) if self._secret else None
        if claims is None or claims.ends_at is None:
            return None
        return (claims.ends_at - self._clock.now()).total_seconds()

    def _taken(self, probes: Probes) -> Step:
        words, facts = self._token_words(probes)
        left_s, source = self._left_s(), self._server.token
        verdict, advice = Verdict.OK, ""
        if left_s is not None and left_s < SOON_S:
            verdict, advice = Verdict.NOTE, "It ends soon: take a new one, or have one that is renewed by itself."
            if source is not None and source.how in ("jfrog_cli", "command"):
                verdict, advice = Verdict.OK, "It is short-lived and its source is read again when it is refused."
        return Step("authentication", verdict, f"accepted: {words}.", advice, facts=facts)

    def _refused(self, probes: Probes, problem: Problem) -> Step:
        words, facts = self._token_words(probes)
        left_s, source = self._left_s(), self._server.token
        advice = problem.advice
        if source is None:
            advice = f"Give it a token: token = {{ env = … }} in [servers.{self._server.name}]."
        elif source.how == "jfrog_cli":
            advice = "Sign in again with `jf login`; any command of `jf` also renews a token that it can renew."
        elif left_s is not None and left_s <= 0:
            advice = f"The token is over by its own words: take a new one and put it where it is read from ({source})."
        else:
            advice = f"Check that {source} gives the token of this very server, and that it was not revoked."
        text = f"{problem.text.rstrip('.')}; it was asked with {words}."
        return failed("authentication", replace(problem, text=text, advice=advice), facts)

    async def _release(self, probes: Probes, findings: list[Finding]) -> Step:
        try:
            release = await probes.release()
        except ServerError as error:
            release = Release(note=f"{probes.product} did not tell its release: {error.problem.text.rstrip('.')}.")
        needs: dict[str, list[Probe]] = {}
        for finding in findings:
            if finding.probe.since:
                needs.setdefault(finding.probe.since, []).append(finding.probe)
        wanted = ", ".join(f"{since} for {_purposes(listed)}" for since, listed in needs.items())
        facts = (("release", release.text or None), ("needed", tuple(needs)))
        if not release.text:
            if release.is_shown and all(finding.verdict is Verdict.OK for finding in findings):
                return Step("version", Verdict.OK, f"{release.note} (needed: {wanted}).", facts=facts)
            text = f"{probes.product} does not tell its release." if release.is_shown else release.note
            return Step("version", Verdict.NOTE, text, f"Needed: {wanted}." if wanted else "", facts=facts)
        lacking = [since for since in needs if is_older(release.text, since)]
        if not lacking:
            return Step("version", Verdict.OK, f"{probes.product} {release.text} (needed: {wanted}).", facts=facts)
        is_needed = any(probe.is_needed for since in lacking for probe in needs[since])
        lost = ", ".join(f"{since} for {_purposes(needs[since])}" for since in lacking)
        text = f"{probes.product} {release.text} is older than what is needed: {lost}."
        advice = "Have it upgraded; until then these cannot be followed."
        verdict = Verdict.FAILED if is_needed else Verdict.NOTE
        return Step("version", verdict, text, advice, ProblemCode.BAD_ANSWER if is_needed else None, facts=facts)

    def _clock_steps(self) -> list[Step]:
        dated = [answer for answer in self._answers if answer.server_at is not None]
        if not self._answers:
            return []
        if not dated:
            return [Step("clock", Verdict.NOTE, "The server does not tell its time (no Date header).")]
        call, server_at = dated[-1].call, dated[-1].server_at
        assert server_at is not None  # noqa: S101 - chosen so above
        ahead_s = (server_at - call.at).total_seconds() - call.latency_s / 2 + DATE_HALF_S
        facts = (("ahead_s", round(ahead_s, 1)),)
        how = skew(ahead_s)
        if not how:
            return [
                Step(
                    "clock",
                    Verdict.OK,
                    f"the server's clock is ours, within {max(1, round(abs(ahead_s)))} s.",
                    facts=facts,
                )
            ]
        text = f"The server's clock is {how}{' of' if ahead_s > 0 else ''} this machine's."
        advice = "Set both by NTP: a token may seem over, or not yet valid. Ages are counted without the difference."
        return [Step("clock", Verdict.NOTE, text, advice, facts=facts)]

    def _latency_steps(self) -> list[Step]:
        took = sorted(answer.call.latency_s for answer in self._answers)
        if not took:
            return []
        middle = median(took)
        text = f"{_ms(middle)} for an answer in the middle, {_ms(took[-1])} at most ({len(took)} asked)."
        facts = (("median_s", round(middle, 4)), ("most_s", round(took[-1], 4)), ("answers", len(took)))
        if middle <= SLOW_S:
            return [Step("latency", Verdict.OK, text, facts=facts)]
        advice = "It is slow: raise answer_timeout where it runs out, and poll less often ([poll] active)."
        return [Step("latency", Verdict.NOTE, text, advice, facts=facts)]


def _permission(finding: Finding) -> Step:
    probe, problem = finding.probe, finding.problem
    facts = (("endpoint", probe.endpoint), ("purpose", probe.purpose), ("needed", probe.is_needed))
    if problem is None:
        return Step("permission", Verdict.OK, f"{probe.endpoint} may be used ({probe.purpose}).", facts=facts)
    is_refusal = problem.code in REFUSALS
    advice = f"It needs {probe.permission}." if is_refusal else advice_for(problem)
    text = f"{probe.endpoint} ({probe.purpose}): {problem.text}"
    return Step("permission", finding.verdict, text, advice, problem.code, problem.http_status, facts)


def _is_unanswered(finding: Finding) -> bool:
    """Nothing came that shows that the token was taken."""
    return finding.problem is not None and finding.problem.code is not ProblemCode.FORBIDDEN


def _is_broken(steps: Iterable[Step]) -> bool:
    return any(step.verdict is Verdict.FAILED for step in steps)


def _purposes(probes: Iterable[Probe]) -> str:
    return " and ".join(probe.purpose for probe in probes)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
