"""Every status that the vendor's page documents, and every deviation from its form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy
from simulator.caller import GENERATOR, JSON, KEYS, RUN, Caller
from simulator.conftest import Open

from bridge.simulator import BrandConfig, GeneratorConfig, SimulatorConfig
from bridge.simulator.strict import Refusal, RunCall, read_run

TWO_BRANDS = {
    "acme": BrandConfig(api_key="demo-api-key", brand_key="demo-brand-key"),
    "other": BrandConfig(api_key="other-api-key", brand_key="other-brand-key"),
}
OTHER_KEYS = {"x-api-key": "other-api-key", "x-brand-key": "other-brand-key", "Content-Type": "application/json"}


def violations(caller: Caller) -> dict[str, int]:
    return dict(caller.simulator.report().violations.by_rule)


async def test_a_run_is_answered_by_202_with_an_execution_id_and_queued(caller: Caller) -> None:
    answer = await caller.run()
    assert answer.status == 202
    assert answer.headers["Content-Type"] == "application/json"
    assert set(answer.json()) == {"execution_id", "status"}
    assert answer.json()["status"] == "queued"
    assert violations(caller) == {}


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"", "body_not_json"),
        (b'{"topic_key": "t", "context": {},}', "body_not_json"),
        (b'{"topic_key": "t", // a comment\n "context": {}}', "body_not_json"),
        (b'{"topic_key": "t", "context": {"x": NaN}}', "body_not_json"),
        (b'"\xff"', "body_not_json"),
        (b"[]", "body_not_object"),
        (b'{"context": {}}', "missing_field"),
        (b'{"topic_key": "t"}', "missing_field"),
        (b'{"topic_key": "t", "context": {}, "extra": 1}', "unknown_field"),
        (b'{"topic_key": "", "context": {}}', "topic_key"),
        (b'{"topic_key": 7, "context": {}}', "topic_key"),
        (b'{"topic_key": null, "context": {}}', "topic_key"),
        (b'{"topic_key": "t", "context": []}', "context"),
        (b'{"topic_key": "t", "context": "x"}', "context"),
        (b'{"topic_key": "t", "context": {"x": ' + b"[" * 300 + b"]" * 300 + b"}}", "context"),
    ],
)
async def test_a_body_that_is_not_as_the_page_wants_it_is_answered_by_400_and_reported(
    caller: Caller, body: bytes, rule: str
) -> None:
    assert (await caller.body(body)).status == 400
    assert violations(caller) == {rule: 1}
    assert caller.simulator.executions == []


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ).map(repr)
    | st.binary()
)
def test_no_body_at_all_gets_past_the_rules_or_breaks_them(body: str | bytes) -> None:
    headers = CIMultiDictProxy(CIMultiDict(JSON))
    found = read_run(headers, body if isinstance(body, bytes) else body.replace("'", '"').encode("utf-8", "replace"))
    match found:
        case RunCall():
            assert found.topic_key
        case Refusal():
            assert found.status == 400


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/json; charset=latin-1", "application/x-www-form-urlencoded"]
)
async def test_another_content_type_is_answered_by_400(caller: Caller, kind: str) -> None:
    answer = await caller.body(b'{"topic_key": "t", "context": {}}', {**KEYS, "Content-Type": kind})
    assert answer.status == 400
    assert violations(caller) == {"content_type": 1}


async def test_no_content_type_is_answered_by_400(caller: Caller) -> None:
    assert (await caller.body(b'{"topic_key": "t", "context": {}}', KEYS)).status == 400
    assert violations(caller) == {"missing_header": 1}


async def test_a_key_given_twice_is_answered_by_400(caller: Caller) -> None:
    answer = await caller.body(b'{"topic_key": "t", "context": {}}', [*JSON.items(), ("x-api-key", "demo-api-key")])
    assert answer.status == 400
    assert violations(caller) == {"repeated_header": 1}


async def test_a_body_beyond_a_megabyte_is_answered_by_413(caller: Caller) -> None:
    answer = await caller.body(b'{"topic_key": "t", "context": {"x": "' + b"x" * 1_100_000 + b'"}}')
    assert answer.status == 413
    assert violations(caller) == {"body_too_large": 1}


@pytest.mark.parametrize("missing", ["x-api-key", "x-brand-key"])
async def test_a_missing_key_is_answered_by_401_on_both_endpoints(caller: Caller, missing: str) -> None:
    headers = {name: value for name, value in JSON.items() if name != missing}
    assert (await caller.run(headers=headers)).status == 401
    assert (await caller.status("exec-1", headers)).status == 401
    assert violations(caller) == {"missing_header": 2}


@pytest.mark.parametrize("wrong", ["x-api-key", "x-brand-key"])
async def test_a_wrong_key_is_answered_by_401_on_both_endpoints(caller: Caller, wrong: str) -> None:
    assert (await caller.run(headers={**JSON, wrong: "wrong"})).status == 401
    assert (await caller.status("exec-1", {**KEYS, wrong: "wrong"})).status == 401


async def test_another_brands_key_is_answered_by_403(open_simulator: Open) -> None:
    caller = await open_simulator(SimulatorConfig(brands=TWO_BRANDS))
    assert (await caller.run(headers={**JSON, "x-api-key": "other-api-key"})).status == 403


async def test_another_brands_execution_is_answered_by_403(open_simulator: Open) -> None:
    caller = await open_simulator(SimulatorConfig(brands=TWO_BRANDS, latency=0))
    execution_id = await caller.execution()
    assert (await caller.status(execution_id, OTHER_KEYS)).status == 403


async def test_keys_that_were_replaced_are_wrong_and_the_new_ones_are_right(caller: Caller) -> None:
    caller.simulator.replace_keys("acme", BrandConfig(api_key="new", brand_key="demo-brand-key"))
    assert (await caller.run()).status == 401
    assert (await caller.run(headers={**JSON, "x-api-key": "new"})).status == 202


async def test_a_generator_that_is_unknown_or_another_brands_is_answered_by_404(open_simulator: Open) -> None:
    generators = (GeneratorConfig(id="ours", brand="acme"), GeneratorConfig(id="theirs", brand="other"))
    caller = await open_simulator(SimulatorConfig(brands=TWO_BRANDS, generators=generators, latency=0))
    assert (await caller.run(generator="unknown")).status == 404
    assert (await caller.run(generator="theirs")).status == 404
    assert (await caller.run(generator="ours")).status == 202


async def test_unlisted_generators_may_be_accepted_beside_listed_ones(open_simulator: Open) -> None:
    generators = (GeneratorConfig(id="ours", brand="acme", type="Scheduled"),)
    caller = await open_simulator(SimulatorConfig(generators=generators, unlisted_generators="accept", latency=0))
    assert (await caller.run(generator="unlisted")).status == 202


async def test_a_generator_of_another_type_is_answered_by_422(open_simulator: Open) -> None:
    caller = await open_simulator(
        SimulatorConfig(generators=(GeneratorConfig(id=GENERATOR, brand="acme", type="Scheduled"),))
    )
    assert (await caller.run()).status == 422
    assert caller.simulator.executions == []


async def test_an_execution_that_does_not_exist_is_answered_by_404(caller: Caller) -> None:
    assert (await caller.status("exec-that-can-not-exist")).status == 404
    assert violations(caller) == {}


@pytest.mark.parametrize(
    ("method", "path", "status", "rule"),
    [
        ("POST", "/smart-campaigns/v1/event-generators/run", 404, "unknown_path"),
        ("POST", "/smart-campaigns/v1/event-generators//run", 404, "unknown_path"),
        ("POST", f"/smart-campaigns/v1{RUN}/", 404, "unknown_path"),
        ("POST", RUN, 404, "unknown_path"),
        ("GET", "/smart-campaigns/v1/executions", 404, "unknown_path"),
        ("GET", "/", 404, "unknown_path"),
        ("GET", f"/smart-campaigns/v1{RUN}", 405, "wrong_method"),
        ("PUT", f"/smart-campaigns/v1{RUN}", 405, "wrong_method"),
        ("POST", "/smart-campaigns/v1/executions/exec-1/status", 405, "wrong_method"),
        ("POST", f"/smart-campaigns/v1{RUN}?dry=1", 400, "query"),
    ],
)
async def test_what_is_not_on_the_page_is_not_there(
    caller: Caller, method: str, path: str, status: int, rule: str
) -> None:
    origin = caller.simulator.base_url.removesuffix("/smart-campaigns/v1")
    assert (await caller.send(method, origin + path, JSON)).status == status
    assert violations(caller) == {rule: 1}


async def test_a_status_request_with_a_body_is_answered_by_400(caller: Caller) -> None:
    execution_id = await caller.execution()
    url = f"{caller.simulator.base_url}/executions/{execution_id}/status"
    assert (await caller.send("GET", url, KEYS, b"{}")).status == 400
    assert violations(caller) == {"body_on_get": 1}


async def test_ids_in_paths_are_percent_decoded_once(open_simulator: Open) -> None:
    caller = await open_simulator(
        SimulatorConfig(generators=(GeneratorConfig(id="a/b c%20", brand="acme"),), latency=0)
    )
    assert (await caller.run(generator="a%2Fb%20c%2520")).status == 202


async def test_a_breach_of_contract_is_reported_and_answered_by_202_all_the_same(open_simulator: Open) -> None:
    contract = GeneratorConfig.model_validate(
        {
            "id": GENERATOR,
            "brand": "acme",
            "context": {
                "team": "string",
                "minute": "integer",
                "url": "url",
                "start": "datetime",
                "assist": {"type": "string", "required": False},
            },
        }
    )
    caller = await open_simulator(SimulatorConfig(generators=(contract,), latency=0))
    good = {"team": "Germany", "minute": 12, "url": "https://example.com/m/1", "start": "2026-02-05T20:00:00Z"}
    assert (await caller.run(context=good)).status == 202
    assert violations(caller) == {}
    bad = {"team": "", "minute": "90+3", "url": "example", "start": "2026-02-05T20:00:00", "extra": True}
    assert (await caller.run(context=bad)).status == 202
    assert violations(caller) == {"contract": 5}
    details = " ".join(violation.detail for violation in caller.simulator.report().violations.first)
    assert "90+3" not in details
