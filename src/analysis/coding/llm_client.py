"""An OpenAI-compatible chat endpoint: where it is, and one question put to it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from analysis.errors import CaodianError

if TYPE_CHECKING:
    import httpx
    from tenacity import RetryCallState


_SECONDS = 60.0
_ATTEMPTS = 6
_LONGEST_WAIT = 60.0
Messages = list[dict[str, str]]
# Parameters that some models refuse; they are left out from then on.
_OPTIONAL = ("response_format", "temperature")
# How vendors say that a filter of theirs will not read a post.
_FILTERED = ("content_filter", "data_inspection", "Content Exists Risk")


class _TransientError(Exception):
    """An endpoint that may answer later."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        self.wait = wait
        super().__init__(reason)


@dataclass(frozen=True)
class Endpoint:
    """Address, model and key; the key is shown nowhere."""

    url: str
    model: str
    key: str = field(default="", repr=False)

    @classmethod
    def from_environment(cls) -> Endpoint:
        """Return the endpoint that the environment names.

        Raises
        ------
        CaodianError
            If the variables are not set.
        """
        names = ("CAODIAN_LLM_URL", "CAODIAN_LLM_MODEL", "CAODIAN_LLM_KEY")
        url, model, key = (os.environ.get(name, "").strip() for name in names)
        if not url.startswith(("http://", "https://")) or not model or not key.isascii():
            found = ", ".join(filter(os.environ.get, names)) or "nothing"
            raise CaodianError(
                "the llm coder needs an OpenAI-compatible endpoint",
                where=f"in the environment: {found}",
                remedy="Set CAODIAN_LLM_URL (such as http://localhost:11434/v1), CAODIAN_LLM_MODEL "
                "and, where the endpoint asks for one, CAODIAN_LLM_KEY; or use --coder fast.",
            )
        return cls(url, model, key)

    @property
    def address(self) -> str:
        """The address that questions are posted to.

        Examples
        --------
        >>> Endpoint("http://localhost:11434/v1/", "small").address
        'http://localhost:11434/v1/chat/completions'
        """
        base = self.url.rstrip("/")
        return base if base.endswith("/chat/completions") else f"{base}/chat/completions"

    @property
    def host(self) -> str:
        """Scheme, computer and port, without what else the address may hold."""
        from urllib.parse import urlsplit

        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


class LlmClient:
    """Asks an endpoint, again and later where it is busy.

    Parameters
    ----------
    first_wait
        Seconds before the second attempt, doubled for each further one.
    """

    def __init__(self, endpoint: Endpoint, first_wait: float = 1.0) -> None:
        import httpx

        headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
        self.endpoint = endpoint
        self.first_wait = first_wait
        self.refused: set[str] = set()
        self.http = httpx.Client(headers=headers, timeout=_SECONDS)

    def ask(self, messages: Messages) -> str:
        """Return the content of the answer, empty where the endpoint's filter gives none.

        Raises
        ------
        CaodianError
            If the endpoint stays away, refuses, or is none for chats.
        """
        from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

        attempts = Retrying(
            retry=retry_if_exception_type(_TransientError),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=self._wait(),
            reraise=True,
        )
        try:
            response: httpx.Response = attempts(self._post, messages)
        except _TransientError as error:
            raise self._error(str(error), "Try again later: answers so far are kept.") from None
        return self._content(response)

    def _wait(self) -> Callable[[RetryCallState], float]:
        from tenacity import wait_random_exponential

        backoff = wait_random_exponential(multiplier=self.first_wait, max=_LONGEST_WAIT)

        def wait(state: RetryCallState) -> float:
            asked_for = getattr(state.outcome and state.outcome.exception(), "wait", 0.0)
            return max(min(asked_for, _LONGEST_WAIT), backoff(state))

        return wait

    def _post(self, messages: Messages) -> httpx.Response:
        import httpx

        body: dict[str, Any] = {
            "model": self.endpoint.model,
            "messages": messages,
            "temperature": 0,
            "response_format": {"type": "json_object"},
        }
        sent = {name: value for name, value in body.items() if name not in self.refused}
        try:
            response = self.http.post(self.endpoint.address, json=sent)
        except httpx.InvalidURL:
            raise self._error("no valid address", "Check CAODIAN_LLM_URL.") from None
        except httpx.RequestError as error:
            raise _TransientError(type(error).__name__) from None
        if response.status_code == 429 or response.is_server_error:
            raise _TransientError(f"HTTP {response.status_code}", _seconds(response))
        refused = {name for name in _OPTIONAL if name in sent and name in response.text}
        if response.status_code == 400 and refused:
            self.refused |= refused
            return self._post(messages)
        return response

    def _content(self, response: httpx.Response) -> str:
        if response.status_code == 400 and any(sign in response.text for sign in _FILTERED):
            return ""
        if not response.is_success:
            raise self._error(
                f"HTTP {response.status_code}",
                "Check CAODIAN_LLM_URL, CAODIAN_LLM_MODEL and CAODIAN_LLM_KEY.",
            )
        try:
            content = response.json()["choices"][0]["message"]["content"]
        except (ValueError, LookupError, TypeError):
            raise self._error("no chat completion", "Check CAODIAN_LLM_URL.") from None
        return content if isinstance(content, str) else ""

    def _error(self, found: str, remedy: str) -> CaodianError:
        return CaodianError(
            "the llm endpoint must answer", value=found, where=self.endpoint.host, remedy=remedy
        )


def _seconds(response: httpx.Response) -> float:
    """Return how long the endpoint asks to wait; dates are not read."""
    text = response.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else 0.0
