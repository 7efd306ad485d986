"""The rules that tell people: what `scantop doctor` says of them, and the test messages that it has them send."""

from __future__ import annotations

from collections.abc import Iterable

from tui.clock import Clock
from tui.doctor.steps import Step
from tui.domain.problem import ProblemCode
from tui.servers.probing import Verdict
from tui.settings import AppriseChannel, Settings, TellRule
from tui.telling.by_apprise import NEEDS, is_installed
from tui.telling.channels import Ring, senders_of, words_of
from tui.telling.teller import rule_words, try_out

STEP = "telling"


def look_at_rules(settings: Settings) -> tuple[Step, ...]:
    """One step a rule; sends nothing. () where there is none."""
    return tuple(_look(rule) for rule in settings.tell)


async def try_rules(rules: Iterable[TellRule], settings: Settings, clock: Clock, ring: Ring) -> tuple[Step, ...]:
    """A test message by each channel of these rules, whatever the hour: a step for each."""
    steps: list[Step] = []
    for rule in rules:
        for text, error in await try_out(rule, senders_of(rule, settings, clock, ring), clock.now()):
            if error is None:
                steps.append(Step(STEP, Verdict.OK, text, facts=(("rule", rule.name),)))
                continue
            code = ProblemCode.FORBIDDEN if error.is_refusal else ProblemCode.REFUSED
            advice = f"Mend the rule's channel, then: scantop doctor --tell {rule.name!r}"
            steps.append(Step(STEP, Verdict.FAILED, text, advice, code, facts=(("rule", rule.name),)))
    return tuple(steps)


def _look(rule: TellRule) -> Step:
    by = ", ".join(words_of(channel) for channel in rule.channels)
    text = f"rule {rule.name}: {rule_words(rule)}; by {by}."
    facts = (("rule", rule.name), ("on", rule.on))
    if any(isinstance(channel, AppriseChannel) for channel in rule.channels) and not is_installed():
        return Step(STEP, Verdict.NOTE, f"{text} The library apprise is not installed.", NEEDS, facts=facts)
    return Step(STEP, Verdict.OK, text, facts=facts)
