"""openai, from PyPI: base_url is all that changes."""
import openai
import pytest


@pytest.fixture(scope="module")
def client(borel):
    return openai.OpenAI(base_url=borel + "/v1", api_key="any", max_retries=0)


def asks(recorded, problem):
    return [{"role": "user", "content": recorded[problem]["problem"]["prompt"]}]


def test_models(client):
    assert [m.id for m in client.models.list()] == ["replay"]
    assert client.models.retrieve("best-of-4/replay").id == "best-of-4/replay"
    with pytest.raises(openai.NotFoundError) as e:
        client.models.retrieve("none")
    assert e.value.status_code == 404


def test_chat_is_what_the_endpoint_says(client, endpoint, recorded):
    direct = openai.OpenAI(base_url=endpoint, api_key="any").chat.completions.create(model="replay", messages=asks(recorded, "code/add"), n=3, seed=7)
    through = client.chat.completions.create(model="replay", messages=asks(recorded, "code/add"), n=3, seed=7)
    assert [(c.index, c.message.content, c.finish_reason) for c in through.choices] == [(c.index, c.message.content, c.finish_reason) for c in direct.choices]
    assert through.usage == direct.usage and through._request_id


def test_streams(client, recorded):
    ask = {"model": "replay", "messages": asks(recorded, "code/add"), "seed": 0}
    whole = client.chat.completions.create(**ask).choices[0].message.content
    chunks = list(client.chat.completions.create(stream=True, **ask))
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == whole and not any(c.usage for c in chunks)
    chunks = list(client.chat.completions.create(stream=True, stream_options={"include_usage": True}, **ask))
    assert chunks[-1].usage.completion_tokens > 0 and chunks[-1].choices == []


def test_completions(client, recorded):
    birds = recorded["arithmetic/birds"]
    said = client.completions.create(model="replay", prompt=birds["problem"]["prompt"], seed=0, n=4)
    assert [c.text for c in said.choices] == [s["completion"] for s in birds["samples"][:4]]


def test_best_of_n(client, recorded):
    largest = recorded["code/largest"]["problem"]
    first = client.chat.completions.create(model="replay", messages=asks(recorded, "code/largest"), seed=0)
    best = client.chat.completions.create(model="replay", messages=asks(recorded, "code/largest"), seed=0, extra_body={"borel": {"n": 32, "check": largest["check"]}})
    assert "isinstance(x, list)" in first.choices[0].message.content  # which is wrong
    assert best.choices[0].message.content != first.choices[0].message.content and len(best.choices) == 1
    assert best.model_extra["borel"]["selected_by"] == "first_accepted"


@pytest.mark.parametrize("extra, param", [({"n": -1}, "borel.n"), ({"unknown": 1}, "borel.unknown"), ({"n": "many"}, "borel.n")])
def test_errors(client, recorded, extra, param):
    with pytest.raises(openai.BadRequestError) as e:
        client.chat.completions.create(model="replay", messages=asks(recorded, "code/add"), extra_body={"borel": extra})
    assert e.value.status_code == 400 and e.value.param == param and e.value.type == "invalid_request_error"


def test_errors_of_the_endpoint_are_its_own(client):
    with pytest.raises(openai.NotFoundError) as e:
        client.chat.completions.create(model="replay", messages=[{"role": "user", "content": "never recorded"}])
    assert e.value.code == "prompt_not_found"


def test_calls_that_are_not_spoken(client):
    with pytest.raises(openai.NotFoundError):
        client.embeddings.create(model="replay", input="x")


@pytest.fixture(scope="module")
def guarded(start, endpoint):
    return start("--endpoint", endpoint, "--token", "secret").url


def test_tokens(guarded):
    assert [m.id for m in openai.OpenAI(base_url=guarded + "/v1", api_key="secret").models.list()] == ["replay"]
    with pytest.raises(openai.AuthenticationError) as e:
        openai.OpenAI(base_url=guarded + "/v1", api_key="other").models.list()
    assert e.value.status_code == 401
