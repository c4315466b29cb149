import json

import polars as pl
import pytest

from analysis.coding.coder import identify_coder
from analysis.coding.llm_coder import (
    _ATTEMPTS,
    _LONGEST,
    Endpoint,
    LlmClient,
    LlmCoder,
    _answer_frame,
    _coding_prompt,
    _count_tokens,
    _estimate,
    _LlmCache,
    _post_messages,
    _read_answer,
    llm_coder,
)
from analysis.errors import CaodianError

VALID = {
    "negative": True, "probability": 0.8, "voice": "consumer", "grievances": ["price"],
    "sub_grievances": ["price.price_surge"], "platforms": ["淘宝"],
}  # fmt: skip
POSTS = pl.DataFrame({"text": ["下单第九天还没发货", "很满意", "很满意"]})


def coder(first_wait=0.0):
    return LlmCoder(LlmClient(Endpoint.from_environment(), first_wait))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"grievances": ["prices"]}, "not in the codebook: prices"),
        ({"platforms": ["某某商城"]}, "not in the codebook"),
        ({"sub_grievances": ["price.cheap"]}, "not in the codebook"),
        ({"grievances": ["delivery"]}, "without their code: price"),
        ({"negative": False, "probability": 0.2, "sub_grievances": []}, "no grievances"),
        ({"negative": "true"}, "negative"),
        ({"negative": 1}, "negative"),
        ({"probability": 1.2}, "probability"),
        ({"probability": 0.3}, "probability"),
        ({"probability": float("nan")}, "probability"),
        ({"probability": None}, "probability"),
        ({"voice": "buyer"}, "voice"),
        ({"grievances": "price"}, "grievances"),
        ({"platforms": [1]}, "platforms"),
        ({"comment": "因为涨价"}, "comment"),
    ],
)
def test_what_breaks_the_codebook_is_no_answer(change, reason):
    with pytest.raises(ValueError, match=reason):
        _read_answer(json.dumps(VALID | change))


@pytest.mark.parametrize("missing", VALID)
def test_every_key_must_be_there(missing):
    with pytest.raises(ValueError, match=missing):
        _read_answer(json.dumps({key: value for key, value in VALID.items() if key != missing}))


@pytest.mark.parametrize("content", ["", "是吐槽", "[]", "{}", '{"negative": true', "null"])
def test_what_is_no_coding_is_no_answer(content):
    with pytest.raises(ValueError):
        _read_answer(content)


def test_a_fence_around_the_answer_is_allowed():
    assert _read_answer(f"```json\n{json.dumps(VALID)}\n```").platforms == ("淘宝",)


def test_an_answer_becomes_a_row():
    row = _answer_frame([_read_answer(json.dumps(VALID)), None]).to_dicts()
    assert row[0] == {
        "voice": "consumer", "is_negative": True, "negative_probability": 0.8,
        "grievances": ["price"], "sub_grievances": ["price.price_surge"], "platforms": ["淘宝"],
        "scores": '{"price":0.8}',
    }  # fmt: skip
    assert set(row[1].values()) == {None}


def test_the_prompt_holds_the_definitions_and_no_example():
    prompt = _coding_prompt()
    assert "拒绝保价" in prompt and "单纯说东西贵买不起" in prompt and "merchant" in prompt
    assert "前脚刚付款后脚就便宜了三百" not in prompt


def test_only_masked_own_words_and_known_context_leave_the_machine(llm_stub):
    posts = pl.DataFrame({
        "text": ["打13812345678没人接//@某人:旧话"],
        "channel": ["live_room"],
        "kind": ["张三的店"],
        "author_name": ["张三"],
    })  # fmt: skip
    coder().code(posts)
    (body,) = llm_stub.bodies
    assert json.loads(body["messages"][1]["content"]) == {
        "channel": "live_room",
        "text": "打【电话】没人接",
    }
    assert set(body) == {"model", "messages", "temperature", "response_format"}
    assert llm_stub.headers[0]["Authorization"] == "Bearer not-a-secret"


def test_a_long_post_is_cut():
    (message,) = _post_messages(pl.DataFrame({"text": ["坏" * 9000]}))
    assert len(json.loads(message)["text"]) == _LONGEST


def test_alike_posts_are_asked_once_and_answers_are_kept(llm_stub):
    first = coder().code(POSTS)
    assert first["grievances"].to_list() == [["delivery"], [], []]
    assert len(llm_stub.bodies) == 2
    assert coder().code(POSTS).equals(first)
    assert len(llm_stub.bodies) == 2


def test_the_cache_holds_no_text_and_knows_model_and_prompt(llm_stub, tmp_path):
    coder().code(POSTS)
    kept = "".join(path.read_text() for path in (tmp_path / "cache").rglob("*.json"))
    assert "发货" not in kept
    one, other = _LlmCache("a", "prompt"), _LlmCache("b", "prompt")
    assert len({one.place("x"), other.place("x"), _LlmCache("a", "p").place("x")}) == 3


def test_a_damaged_cache_is_asked_again(llm_stub, tmp_path):
    first = coder().code(POSTS)
    for path in (tmp_path / "cache").rglob("*.json"):
        path.write_text('{"negative": tru')
    assert coder().code(POSTS).equals(first)
    assert len(llm_stub.bodies) == 4


def test_a_wrong_answer_is_asked_for_once_more(llm_stub):
    answers = iter([VALID | {"grievances": ["prices"]}, VALID])
    llm_stub.reply = lambda body: next(answers)
    assert coder().code(POSTS[:1])["grievances"].to_list() == [["price"]]
    assert [part["role"] for part in llm_stub.bodies[1]["messages"]] == [
        "system", "user", "assistant", "user",
    ]  # fmt: skip
    assert "prices" in llm_stub.bodies[1]["messages"][3]["content"]


@pytest.mark.parametrize("content", ["不知道", ""])
def test_then_the_coder_abstains_and_says_so(llm_stub, capsys, content):
    llm_stub.reply = lambda body: content
    (row,) = coder().code(POSTS[:1]).to_dicts()
    assert set(row.values()) == {None}
    assert len(llm_stub.bodies) == 2
    assert "abstains from 1 of 1" in capsys.readouterr().err
    llm_stub.reply = lambda body: VALID  # an abstention is not kept
    assert coder().code(POSTS[:1])["is_negative"].to_list() == [True]


def test_a_post_that_the_endpoint_will_not_read_is_abstained_from(llm_stub):
    llm_stub.reply = lambda body: (400, '{"error": {"code": "content_filter"}}')
    assert coder().code(POSTS[:1])["is_negative"].to_list() == [None]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_endpoint_is_asked_later(llm_stub, status):
    answers = iter([(status, "busy"), (status, "busy"), VALID])
    llm_stub.reply = lambda body: next(answers)
    assert coder().code(POSTS[:1])["is_negative"].to_list() == [True]


def test_an_endpoint_that_stays_busy_is_an_error(llm_stub):
    llm_stub.reply = lambda body: (503, "busy")
    with pytest.raises(CaodianError, match=r"HTTP 503.*Try again later"):
        coder().code(POSTS[:1])
    assert len(llm_stub.bodies) == _ATTEMPTS


def test_the_wait_doubles_and_follows_the_endpoint():
    from types import SimpleNamespace

    from analysis.coding.llm_coder import _TransientError

    wait = LlmClient(Endpoint("http://localhost", "m"), 0.0)._wait()
    state = SimpleNamespace(
        outcome=SimpleNamespace(exception=lambda: _TransientError("HTTP 429", 7.0)),
        attempt_number=1,
    )
    assert wait(state) == 7.0


@pytest.mark.parametrize("status", [401, 404, 400])
def test_a_refusal_is_an_error_at_once_and_keeps_the_key_secret(llm_stub, status):
    llm_stub.reply = lambda body: (status, "no such model, Bearer not-a-secret")
    with pytest.raises(CaodianError, match=f"HTTP {status}") as caught:
        coder().code(POSTS[:1])
    assert len(llm_stub.bodies) == 1
    assert "not-a-secret" not in str(caught.value) + repr(Endpoint.from_environment())


def test_a_parameter_that_the_model_refuses_is_left_out(llm_stub):
    llm_stub.reply = lambda body: (400, "no temperature") if "temperature" in body else VALID
    assert coder().code(POSTS)["is_negative"].to_list() == [True] * 3
    assert "response_format" in llm_stub.bodies[-1]


@pytest.mark.parametrize("text", ["<html>", "{}", '{"choices": []}'])
def test_what_is_no_chat_endpoint_is_an_error(llm_stub, text):
    llm_stub.reply = lambda body: (200, text)
    with pytest.raises(CaodianError, match="no chat completion"):
        coder().code(POSTS[:1])


def test_an_endpoint_that_is_away_is_an_error(llm_stub, monkeypatch):
    monkeypatch.setenv("CAODIAN_LLM_URL", "http://127.0.0.1:9")
    with pytest.raises(CaodianError, match="ConnectError"):
        coder().code(POSTS[:1])


@pytest.mark.parametrize(
    ("name", "value"),
    [("URL", ""), ("URL", "localhost:11434"), ("MODEL", ""), ("KEY", "钥匙")],
)
def test_without_an_endpoint_the_variables_are_named(llm_stub, monkeypatch, name, value):
    monkeypatch.setenv(f"CAODIAN_LLM_{name}", value)
    with pytest.raises(CaodianError, match=r"CAODIAN_LLM_URL.*CAODIAN_LLM_MODEL.*CAODIAN_LLM_KEY"):
        llm_coder()


def test_what_is_sent_and_its_cost_are_told_before(llm_stub, monkeypatch, capsys):
    monkeypatch.setenv("CAODIAN_LLM_PRICE", "1000000,0")
    coder().code(POSTS)
    said = capsys.readouterr().err
    sent = 2 * _count_tokens(_coding_prompt()) + sum(
        _count_tokens(body["messages"][1]["content"]) for body in llm_stub.bodies
    )
    assert "masked text" in said and "2 posts" in said and "127.0.0.1" in said
    assert f"{sent:.2f}" in said and f"{sent:,} tokens" in said


def test_beyond_the_limit_nothing_is_sent(llm_stub, monkeypatch):
    monkeypatch.setenv("CAODIAN_LLM_MAX_TOKENS", "100")
    with pytest.raises(CaodianError, match="CAODIAN_LLM_MAX_TOKENS=") as caught:
        coder().code(POSTS)
    assert llm_stub.bodies == []
    monkeypatch.setenv("CAODIAN_LLM_MAX_TOKENS", caught.value.remedy.split("=")[1].rstrip("."))
    assert coder().code(POSTS).height == 3


def test_the_limit_holds_for_all_partitions_together(llm_stub, monkeypatch):
    whole = coder()
    whole.code(POSTS[:1])
    one_post = _estimate(_coding_prompt(), ["{}"]).tokens
    monkeypatch.setenv("CAODIAN_LLM_MAX_TOKENS", str(one_post * 3 // 2))
    with pytest.raises(CaodianError, match="must stay within"):
        whole.code(POSTS)


@pytest.mark.parametrize(("name", "value"), [("PRICE", "cheap"), ("MAX_TOKENS", "many")])
def test_a_setting_that_is_no_number_is_named(llm_stub, monkeypatch, name, value):
    monkeypatch.setenv(f"CAODIAN_LLM_{name}", value)
    with pytest.raises(CaodianError, match=f"CAODIAN_LLM_{name}"):
        coder().code(POSTS)


def test_a_post_without_words_is_not_sent(llm_stub):
    coded = coder().code(pl.DataFrame({"text": [None, "", "转发微博//@某人:坏了"]}))
    assert coded["is_negative"].to_list() == [False] * 3
    assert llm_stub.bodies == []


def test_another_model_or_endpoint_makes_other_codes(llm_stub, monkeypatch):
    first = identify_coder("llm")
    monkeypatch.setenv("CAODIAN_LLM_MODEL", "other")
    assert first != identify_coder("llm")
    assert "not-a-secret" not in first
    monkeypatch.delenv("CAODIAN_LLM_MODEL")
    with pytest.raises(CaodianError, match="CAODIAN_LLM_MODEL"):
        identify_coder("llm")
