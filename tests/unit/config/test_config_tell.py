"""[[tell]]: rules, events, channels and quiet hours; whatever is wrong names the nearest right word and its line."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest
from test_config_faults import GOOD, faults
from toy_kinds import KINDS

from tui.config import load
from tui.domain.quiet import Quiet
from tui.settings import AppriseChannel, CommandChannel, Settings, TerminalChannel, TokenSource, WebhookChannel

EVENTS = "done, partial, failed, canceled, unsupported, ended, stuck, overdue, missing"
RULE = GOOD + '[[tell]]\non = ["failed"]\nchannel = "bell"\n'


def read(folder: Path, text: str, mode: int = 0o600) -> Settings:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return load(path, {}, KINDS)


def test_every_form_is_read(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        'quiet = "22:00-07:00"\n' + GOOD + "[ui]\n"
        'notify = "osc777"\n[[tell]]\nname = "night"\nwhen = "state:failed|stuck server:north north:ship/a"\n'
        'on = ["failed", "stuck"]\nquiet = "off"\nevery = "5m"\nchannel = ["bell", "terminal", { command = ["n", '
        '"{text}"] }, { webhook = { env = "H" }, token = { file = "t" }, allow_http = true }]\n'
        '[[tell]]\non = "ended"\nchannel = { apprise = { keyring = "x/y" } }\n',
    )
    night, second = settings.tell
    assert (night.name, night.on, night.quiet, night.every_s) == ("night", ("failed", "stuck"), None, 300.0)
    bell, terminal, command, webhook = night.channels
    assert (bell, terminal) == (TerminalChannel("bell"), TerminalChannel("osc777"))
    assert command == CommandChannel(("n", "{text}"))
    assert isinstance(webhook, WebhookChannel) and webhook.url == TokenSource("env", ("H",)) and webhook.allow_http
    assert webhook.token == TokenSource("file", (str(tmp_path / "t"),))
    assert (second.name, second.on, second.when) == ("rule 2", ("ended",), "")
    assert second.quiet == Quiet(time(22, 0), time(7, 0))
    assert second.channels == (AppriseChannel(TokenSource("keyring", ("x/y",))),)


def test_a_url_in_the_file_is_taken_from_a_private_one_and_shown_nowhere(tmp_path: Path) -> None:
    text = RULE.replace('"bell"', '{ webhook = "https://hooks.example.com/SECRET" }')
    settings = read(tmp_path, text)
    assert len(settings.warnings) == 1 and "SECRET" not in repr(settings) + settings.warnings[0]
    said = " ".join(faults(tmp_path, text, mode=0o644))
    assert "7: tell[1].channel.webhook: the webhook's URL stands in a file that others can read" in said
    assert "SECRET" not in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD + "[tell]\n", "5: tell: must be an array of tables: write [[tell]], with two brackets"),
        (RULE + 'chanel = "bell"\n', "8: tell[1].chanel: unknown key; did you mean 'channel'?"),
        (RULE.replace('"failed"', '"faild"'), "6: tell[1].on[1]: 'faild' is no event; did you mean 'failed'?"),
        (RULE.replace('["failed"]', '"x"'), f"6: tell[1].on: 'x' is no event; there are: {EVENTS}"),
        (
            RULE.replace('["failed"]', "[]"),
            '6: tell[1].on: must be an array of events such as ["failed", "stuck"], not an array',
        ),
        (
            RULE.replace('on = ["failed"]\n', ""),
            f'5: tell[1]: the key on is missing: what is told of, such as on = ["failed", "stuck"] ({EVENTS})',
        ),
        (
            RULE.replace('channel = "bell"\n', ""),
            "5: tell[1]: the key channel is missing: how it is told, such as "
            'channel = "bell" (bell, terminal, osc9, osc777, or a table with command, webhook, apprise)',
        ),
        (RULE.replace('"bell"', '"bel"'), "7: tell[1].channel: 'bel' is no channel; did you mean 'bell'?"),
        (RULE.replace('"bell"', '"webhok"'), "7: tell[1].channel: 'webhok' is no channel; did you mean 'webhook'?"),
        (RULE.replace('"bell"', '"command"'), "7: tell[1].channel: 'command' needs a table, such as { command = … }"),
        (
            RULE.replace('"bell"', '["bell", 3]'),
            "7: tell[1].channel[2]: must be one of bell, terminal, osc9, osc777, "
            "or a table with command, webhook, apprise",
        ),
        (
            RULE.replace('"bell"', '"https://x/SECRET"'),
            '7: tell[1].channel: is a URL: write { webhook = … } or { apprise = … }, best with { env = "…" } in it',
        ),
        (
            RULE.replace('"bell"', '{ webhok = "https://x" }'),
            "7: tell[1].channel.webhok: unknown key; did you mean 'webhook'?",
        ),
        (
            RULE.replace('"bell"', '{ token = "x" }'),
            "7: tell[1].channel: must have exactly one of command, webhook, apprise",
        ),
        (
            RULE.replace('"bell"', '{ webhook = "http://example.com/x" }'),
            "7: tell[1].channel.webhook: is plain http "
            "to another machine; use https, or say allow_http = true beside it",
        ),
        (
            RULE.replace('"bell"', '{ webhook = { jfrog_cli = "x" } }'),
            "7: tell[1].channel.webhook.jfrog_cli: unknown key; known here: command, env, file, keyring",
        ),
        (
            RULE.replace('"bell"', '{ apprise = "slack" }'),
            "7: tell[1].channel.apprise: must be a URL of apprise, such "
            'as mailto://…, or say where that is: { env = "…" }',
        ),
        (
            RULE.replace('"bell"', '{ command = "n {text}" }'),
            "7: tell[1].channel.command: must be an array of texts, "
            'such as ["notify-send", "{text}"]; no shell reads it',
        ),
        (
            RULE.replace('"bell"', '{ command = ["n", "{txt}"] }'),
            "7: tell[1].channel.command[2]: {txt} is no placeholder; did you mean 'text'?",
        ),
        (
            RULE.replace('"bell"', '{ command = ["{name}"] }'),
            "7: tell[1].channel.command[1]: the program itself cannot be filled in",
        ),
        (RULE + 'when = "stat:failed"\n', "8: tell[1].when: 'stat:' is no key of a filter; did you mean 'state:'?"),
        (
            RULE + 'when = "is:changed server:north"\n',
            "8: tell[1].when: 'is:changed' is known on the screen alone; leave it out: what is told has just changed "
            "(see on)",
        ),
        (
            RULE.replace('"bell"', '{ webhook = "https://example.com//SECRET/x" }'),
            "7: tell[1].channel.webhook: has a path that begins with two slashes; write one",
        ),
        (RULE + 'when = "state:faild"\n', "8: tell[1].when: 'faild' is no state; did you mean 'failed'?"),
        (RULE + 'quiet = "22-7"\n', "8: tell[1].quiet: '22-7' is no span of a day (write 22:00-07:00, or 'off')"),
        ('quiet = "7:00-7:00"\n' + GOOD, "1: quiet: '7:00-7:00' is no span of a day (write 22:00-07:00, or 'off')"),
        (RULE + 'every = "often"\n', "8: tell[1].every: 'often' is not a duration (write 300ms, 5s, 30m, 2h or 7d)"),
        (
            RULE + 'name = "a"\n[[tell]]\nname = "a"\non = "done"\nchannel = "bell"\n',
            "10: tell[2].name: 'a' is the name of another rule already",
        ),
    ],
)
def test_whatever_is_wrong_is_told(tmp_path: Path, text: str, said: str) -> None:
    assert faults(tmp_path, text) == [said]
