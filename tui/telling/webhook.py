"""A message by a webhook: JSON, posted once over the one way out, with the rules for servers (TLS, proxies, limits).

The URL is a secret as a whole: sentences name its host and nothing else. What the receiver answers is not shown.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from tui.clock import Clock
from tui.domain.problem import REFUSALS
from tui.secrets import Secret, SecretError, read_token
from tui.settings import ServerSettings, WebhookChannel, webhook_fault
from tui.telling.channels import SEND_S, ChannelError
from tui.telling.notice import Notice

CONNECT_S = 10.0
ANSWER_BYTES = 64 * 1024  # nobody reads it; a receiver has no reason to send more


class WebhookSender:
    """Posts one message at a time; the connection is not kept, for messages are rare."""

    def __init__(self, channel: WebhookChannel, clock: Clock, limit_s: float = SEND_S) -> None:
        self._channel = channel
        self._clock = clock
        self._limit_s = limit_s

    async def send(self, notice: Notice) -> None:
        """See `Sender`."""
        import asyncio

        from tui.servers.errors import ServerError
        from tui.servers.http import Http

        try:
            secret = await read_token(self._channel.url)  # held until the end: a crash's report stars what is alive
        except SecretError as error:
            raise ChannelError(f"The webhook's URL is not known: {error}") from None
        url = secret.reveal() if secret is not None else ""
        if fault := webhook_fault(url, self._channel.allow_http):
            raise ChannelError(f"The webhook's URL {fault}.")
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        http = await asyncio.to_thread(
            Http, self._settings(f"{parts.scheme}://{parts.netloc}"), self._clock, self._token
        )
        host = parts.hostname or "its host"
        try:
            await http.request(
                "POST", path, json_body=notice.document(), is_repeatable=False, expects_json=False, may_be_empty=True
            )
        except ServerError as error:
            status = error.problem.http_status
            is_refusal = error.problem.code in REFUSALS
            if status is not None:  # of its own words nothing is shown: they may repeat the URL
                raise ChannelError(f"{host} answered HTTP {status}.", is_refusal=is_refusal) from None
            raise ChannelError(error.problem.text, is_refusal=is_refusal) from None
        finally:
            await http.aclose()

    async def _token(self) -> Secret | None:
        return await read_token(self._channel.token)

    def _settings(self, base: str) -> ServerSettings:
        return ServerSettings(
            name="webhook",
            kind="webhook",
            url=base,
            ca_file=self._channel.ca_file,
            verify=self._channel.verify,
            proxy=self._channel.proxy,
            allow_http=self._channel.allow_http,
            answer_bytes=ANSWER_BYTES,
            connect_s=min(CONNECT_S, self._limit_s),
            answer_s=self._limit_s,
        )
