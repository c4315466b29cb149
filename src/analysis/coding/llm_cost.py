"""What a run of the llm coder will send and cost, told before it is sent."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.errors import CaodianError

# About a thousand posts, with the codebook before each: a sample, and no corpus by mistake.
MOST_TOKENS = 3_000_000
ANSWER_TOKENS = 90
_PER = 1_000_000


def count_tokens(text: str) -> int:
    """Estimate the tokens of a text: one a character outside ASCII, one for four inside.

    Examples
    --------
    >>> count_tokens("不退款 refused")
    5
    """
    ascii_characters = sum(character.isascii() for character in text)
    return len(text) - ascii_characters + -(-ascii_characters // 4)


@dataclass(frozen=True)
class Estimate:
    """Posts, and tokens to and from the model."""

    posts: int
    sent: int
    answered: int

    @property
    def tokens(self) -> int:
        """Tokens in both directions."""
        return self.sent + self.answered

    def cost(self) -> float | None:
        """Return the cost at ``CAODIAN_LLM_PRICE``, or None where no price is given.

        Raises
        ------
        CaodianError
            If the variable is not two numbers.
        """
        given = os.environ.get("CAODIAN_LLM_PRICE", "").strip()
        if not given:
            return None
        try:
            sent, answered = (float(part) for part in given.split(","))
        except ValueError:
            raise CaodianError(
                "CAODIAN_LLM_PRICE must be the prices of a million tokens sent and answered",
                value=given,
                remedy="Write two numbers, such as 0.5,1.5.",
            ) from None
        return (self.sent * sent + self.answered * answered) / _PER


def estimate(prompt: str, messages: Sequence[str]) -> Estimate:
    """Estimate what asking each message once sends and brings.

    Examples
    --------
    >>> estimate("编码", ["坏了", "很好"])
    Estimate(posts=2, sent=8, answered=180)
    """
    sent = count_tokens(prompt) * len(messages) + sum(map(count_tokens, messages))
    return Estimate(len(messages), sent, ANSWER_TOKENS * len(messages))


def announce(planned: Estimate, *, host: str, model: str, kept: int) -> str:
    """Say what leaves the machine, where to, and what it takes."""
    cost = planned.cost()
    price = (
        "no price given (CAODIAN_LLM_PRICE)" if cost is None else f"about {cost:.2f} at your price"
    )
    return (
        f"llm coder: sends the masked text, channel and kind of {planned.posts:,} posts to {host} "
        f"({model}); {kept:,} answers are kept from before. About {planned.sent:,} tokens sent and "
        f"{planned.answered:,} answered, more where it is asked again; {price}."
    )


def require_within_limit(planned: Estimate, spent: int) -> None:
    """Refuse what, with what was spent already, is beyond ``CAODIAN_LLM_MAX_TOKENS``.

    Raises
    ------
    CaodianError
        If it is beyond the limit; nothing has been sent then.
    """
    given = os.environ.get("CAODIAN_LLM_MAX_TOKENS", "").strip() or str(MOST_TOKENS)
    if not given.isdecimal():
        raise CaodianError("CAODIAN_LLM_MAX_TOKENS must be a whole number", value=given)
    total = spent + planned.tokens
    if total > int(given):
        raise CaodianError(
            f"the llm coder must stay within {int(given):,} tokens",
            value=f"about {total:,}",
            where=f"{planned.posts:,} posts to ask",
            remedy=f"Take fewer posts (--limit), or confirm with CAODIAN_LLM_MAX_TOKENS={total}.",
        )
