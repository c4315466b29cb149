"""The coder that asks a language model; off unless an endpoint is named."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from threading import Lock

import polars as pl

from analysis.coding.llm_answer import NOTHING_SAID, LlmAnswer, answer_frame, read_answer
from analysis.coding.llm_cache import LlmCache
from analysis.coding.llm_client import Endpoint, LlmClient
from analysis.coding.llm_cost import announce, estimate, require_within_limit
from analysis.coding.llm_prompt import coding_prompt, post_messages
from analysis.frames import AnyFrame, as_polars
from analysis.progress import track

AT_ONCE = 4
_AGAIN = "这个回答不合要求（{reason}）。请只输出改正后的 JSON 对象。"


class LlmCoder:
    """Codes posts by asking a chat endpoint, one request a post.

    What is sent is masked, said on stderr before, and held under a limit of tokens. Distinct texts
    are asked once, and an answer is kept for the next run. An answer that breaks the codebook is
    asked for once more; then the coder abstains.

    Parameters
    ----------
    client
        The endpoint.
    cache
        Answers from before; the user's cache folder by default.
    """

    name = "llm"

    def __init__(self, client: LlmClient, cache: LlmCache | None = None) -> None:
        self.client = client
        self.prompt = coding_prompt()
        self.cache = cache or LlmCache(client.endpoint.model, self.prompt)
        self.spent = 0
        self._one_plan = Lock()  # partitions run side by side, and share the limit

    def code(self, posts: AnyFrame) -> pl.DataFrame:
        """Code every post.

        Parameters
        ----------
        posts
            Frame with ``text``; ``channel`` and ``kind`` are sent along where they are there.

        Returns
        -------
        pl.DataFrame
            Rows aligned with `posts`; columns as the contract of `Coder` says.

        Raises
        ------
        CaodianError
            If the limit would be passed, before anything is sent, or if the endpoint fails.
        """
        messages = post_messages(as_polars(posts))
        distinct = list(dict.fromkeys(message for message in messages if message))
        answers = {message: self.cache.get(message) for message in distinct}
        missing = [message for message in distinct if answers[message] is None]
        if missing:
            self._announce(missing, kept=len(distinct) - len(missing))
            answers.update(self._ask_all(missing))
        return answer_frame([answers[text] if text else NOTHING_SAID for text in messages])

    def _announce(self, missing: list[str], kept: int) -> None:
        planned = estimate(self.prompt, missing)
        with self._one_plan:
            require_within_limit(planned, self.spent)
            self.spent += planned.tokens
        _say(
            announce(
                planned,
                host=self.client.endpoint.host,
                model=self.client.endpoint.model,
                kept=kept,
            )
        )

    def _ask_all(self, missing: list[str]) -> dict[str, LlmAnswer | None]:
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            asked = pool.map(self._ask, missing)
            answers = list(track(asked, total=len(missing), description="llm"))
        if silent := answers.count(None):
            _say(f"llm coder: abstains from {silent:,} of {len(missing):,} posts asked.")
        return dict(zip(missing, answers, strict=True))

    def _ask(self, message: str) -> LlmAnswer | None:
        """Ask for one post, once more if the answer is not valid."""
        talk = [{"role": "system", "content": self.prompt}, {"role": "user", "content": message}]
        for _ in range(2):
            content = self.client.ask(talk)
            try:
                answer = read_answer(content)
            except ValueError as error:
                if content:  # an empty message is refused by some endpoints
                    again = {"role": "user", "content": _AGAIN.format(reason=error)}
                    talk = [*talk, {"role": "assistant", "content": content}, again]
            else:
                self.cache.put(message, answer)
                return answer
        return None


def _say(line: str) -> None:
    """Tell it whatever --quiet says: what leaves the machine is no progress."""
    sys.stderr.write(line + "\n")


@lru_cache(maxsize=4)
def _shared_coder(endpoint: Endpoint) -> LlmCoder:
    return LlmCoder(LlmClient(endpoint))


def llm_coder() -> LlmCoder:
    """Return the coder of the endpoint that the environment names, one a process.

    Raises
    ------
    CaodianError
        If the environment names none.
    """
    return _shared_coder(Endpoint.from_environment())
