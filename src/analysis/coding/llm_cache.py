"""Answers of a language model, kept so that no question is paid for twice."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from analysis.coding.llm_answer import LlmAnswer, read_answer
from analysis.kernels.compiled import cache_folder
from analysis.storage.write import write_text


class LlmCache:
    """One small file an answer in the user's cache folder; texts are not kept, only their hashes.

    Parameters
    ----------
    model
        Name of the model.
    prompt
        The instruction before every post.
    folder
        Where the answers lie; ``llm`` in the cache folder by default.
    """

    def __init__(self, model: str, prompt: str, folder: Path | None = None) -> None:
        self.asked = [prompt, model]
        self.folder = folder or cache_folder() / "llm"

    def place(self, message: str) -> Path:
        """Return the file of a question: its name is the hash of prompt, model and message."""
        whole = json.dumps([*self.asked, message], ensure_ascii=False)
        name = hashlib.sha256(whole.encode()).hexdigest()
        return self.folder / name[:2] / f"{name}.json"

    def get(self, message: str) -> LlmAnswer | None:
        """Return the answer that is kept, or None; a damaged file is as good as none.

        Examples
        --------
        >>> LlmCache("no-model", "no prompt", Path("no/such/folder")).get("{}") is None
        True
        """
        try:
            return read_answer(self.place(message).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def put(self, message: str, answer: LlmAnswer) -> None:
        """Keep an answer; workers that write the same one at once do not disturb each other."""
        write_text(answer.model_dump_json() + "\n", self.place(message))
