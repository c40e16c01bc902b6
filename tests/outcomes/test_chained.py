"""Results are CloudEvents, so that a table can read them: a campaign that follows another."""

from pathlib import Path

import orjson
from kafka.members import Read
from ledger.folding import folded
from ledger.samples import accepted, ended, intent
from outcomes.test_cloudevents import outcome_of

from bridge.formats import decode
from bridge.outcomes.cloudevents import FIXED, headers
from bridge.routing import load_table

TABLE = f"""\
version: 1
sources: {{results: {{topic: bridge.results, format: cloudevents, order_by: $ce.subject}}}}
defaults: {{expires_after: 10m}}
generators: {{report: {{brand: acme, id: 11111111-2222-3333-4444-555555555555, context: {{campaign: string}}}}}}
routes:
  - name: follow
    source: results
    match: {{$ce.type: {FIXED["ce_type"]}, outcome: published}}
    generator: report
    topic_key: editors
    context: {{campaign: "{{route}}"}}
"""


def test_a_result_may_cause_another_campaign(tmp_path: Path) -> None:
    outcome = outcome_of(folded(intent(), accepted(), ended(outcome="published")))
    assert outcome is not None
    record = Read(orjson.dumps(outcome.model_dump(mode="json")), headers=headers(outcome, "bridge"))
    event = decode(record, "cloudevents")
    (tmp_path / "routes.yaml").write_text(TABLE)
    table = load_table(tmp_path / "routes.yaml", {})
    assert outcome.times.ended is not None
    (trigger,) = table.decide("results", event, outcome.times.ended + 1000).triggers
    assert trigger.verdict is None
    assert (trigger.event_id, trigger.event_time) == (outcome.result_id, outcome.times.ended)
    assert trigger.dedup_key == f"/campaign-bridge/bridge {outcome.result_id}"
    assert (trigger.order_by, trigger.context) == (outcome.trigger_id, {"campaign": outcome.route})
