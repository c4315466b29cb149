"""A chat endpoint on this computer that says what a test wants."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

LIKED = {
    "negative": False, "probability": 0.1, "voice": "consumer",
    "grievances": [], "sub_grievances": [], "platforms": [],
}  # fmt: skip
LATE = LIKED | {"negative": True, "probability": 0.9, "grievances": ["delivery"]}


class Stub(ThreadingHTTPServer):
    """Answers by `reply(body)`: a dict is a coding, a string is the content, a number a status."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies, self.headers = [], []
        self.reply = lambda body: LATE if "发货" in body["messages"][1]["content"] else LIKED

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        stub = self.server
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        stub.bodies.append(body)
        stub.headers.append(dict(self.headers))
        reply = stub.reply(body)
        status, text = reply if isinstance(reply, tuple) else (200, self._chat(reply))
        self.send_response(status if self.path == "/v1/chat/completions" else 404)
        self.end_headers()
        self.wfile.write(text.encode())

    def _chat(self, reply):
        content = reply if isinstance(reply, str) else json.dumps(reply)
        return json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]})

    def log_message(self, *_):
        pass


@pytest.fixture
def llm_stub(monkeypatch, tmp_path):
    stub = Stub()
    thread = threading.Thread(target=stub.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    for name, value in (("URL", stub.url), ("MODEL", "stub"), ("KEY", "not-a-secret")):
        monkeypatch.setenv(f"CAODIAN_LLM_{name}", value)
    for name in ("CAODIAN_LLM_PRICE", "CAODIAN_LLM_MAX_TOKENS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CAODIAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield stub
    stub.shutdown()
    stub.server_close()
    thread.join()
