from pathlib import Path

import pytest
from routing.tables import TABLE, spoiled, table, write

from bridge.configfile import ConfigError
from bridge.routing import Table, load_table

SAME_MEANING = [
    ("a comment", "version: 1\n", "version: 1  # of the file\n"),
    ("another way to write a duration", "expires_after: 5m", "expires_after: 300s"),
    ("a default written out", "expires_after: 5m", "expires_after: 5m\n    priority: normal\n    mode: live\n    dedup_window: 1d"),
    ("keys in another order", "url: url\n", "url: {required: true, type: url}\n"),
    ("another spelling of a path", "event_id: id", "event_id: '[\"id\"]'"),
    ("a name for people", "    brand: acme\n", "    brand: acme\n    name: Goals\n"),
    ("a test", "expires_after: 5m", "expires_after: 5m\n    tests: [{name: x, event: {id: e}, expect: []}]"),
]  # fmt: skip

OTHER_MEANING = [
    ("match", "{type: goal}", "{type: [goal, penalty]}"),
    ("when", "event.minute <= 120", "event.minute <= 121"),
    ("generator id", "-555555555555", "-555555555556"),
    ("contract", "minute: integer", "minute: number"),
    ("context", 'assist: "{assist.name}"', 'assist: "{assist.id}"'),
    ("expires_after", "expires_after: 5m", "expires_after: 6m"),
    ("mode", "expires_after: 5m", "expires_after: 5m\n    mode: shadow"),
    ("limit", "expires_after: 5m", "expires_after: 5m\n    limit: {max: 1, per: 1m}"),
]

OTHER_IDENTITY = [
    ("brand", "brand: acme", "brand: other"),
    ("event id", "event_id: id", "event_id: uid"),
    ("order", "order_by: match.id", "order_by: match.id2"),
    ("dedup key", '"{match.id}/{id}"', '"{id}/{match.id}"'),
    ("topic key", '{lookup: teams, key: "{team.id}"}', '"{team.id}"'),
    ("lookup key", 'key: "{team.id}"', 'key: "{team.name}"'),
]


FIRST_RELEASE = (
    "e61340477d33724afd780bb9e399c317",
    "d7e7e2ba3cbd3cb99b0d648a2af053c8",
    "7a80d50453edeaf77e62c3ad82c1055c",
)


def fingerprints(of: Table) -> tuple[str, str, str]:
    return of.hash, of.identity["goal"], of.route_fingerprints["goal"]


@pytest.mark.parametrize(("old", "new"), [case[1:] for case in SAME_MEANING], ids=[case[0] for case in SAME_MEANING])
def test_what_means_the_same_has_the_same_fingerprints(tmp_path: Path, old: str, new: str) -> None:
    assert fingerprints(table(tmp_path, spoiled(old, new))) == fingerprints(table(tmp_path))


@pytest.mark.parametrize(("old", "new"), [case[1:] for case in OTHER_MEANING], ids=[case[0] for case in OTHER_MEANING])
def test_another_route_has_another_fingerprint_but_the_same_identity(tmp_path: Path, old: str, new: str) -> None:
    before, after = table(tmp_path), table(tmp_path, spoiled(old, new))
    assert after.identity == before.identity
    assert after.hash != before.hash
    assert after.route_fingerprints != before.route_fingerprints


@pytest.mark.parametrize(
    ("old", "new"), [case[1:] for case in OTHER_IDENTITY], ids=[case[0] for case in OTHER_IDENTITY]
)
def test_what_decides_ids_and_partitions_is_in_the_identity(tmp_path: Path, old: str, new: str) -> None:
    text = TABLE if "order" not in old else spoiled('dedup_key: "{match.id}/{id}"', 'dedup_key: "{id}/x"')
    assert table(tmp_path, spoiled(old, new, text)).identity != table(tmp_path, text).identity


UNORDERED = spoiled("    order_by: match.id\n", "")
UPDATES = spoiled("expires_after: 5m", 'expires_after: 5m\n    supersede_by: "{match.id}"', UNORDERED)


def test_supersede_by_is_in_the_identity_where_it_decides_partitions(tmp_path: Path) -> None:
    without, by_match = table(tmp_path, UNORDERED), table(tmp_path, UPDATES)
    by_more = table(tmp_path, spoiled('supersede_by: "{match.id}"', 'supersede_by: "{match.id}/x"', UPDATES))
    assert len({one.identity["goal"] for one in (without, by_match, by_more)}) == 3
    assert len({one.route_fingerprints["goal"] for one in (without, by_match, by_more)}) == 3


def test_supersede_by_is_not_in_the_identity_of_a_route_whose_source_is_ordered(tmp_path: Path) -> None:
    without = table(tmp_path)
    of = table(tmp_path, spoiled("expires_after: 5m", 'expires_after: 5m\n    supersede_by: "{match.id}"'))
    assert of.identity == without.identity
    assert of.hash != without.hash
    assert of.route_fingerprints != without.route_fingerprints


def test_fingerprints_of_a_route_without_supersede_by_are_what_they_were_in_the_first_release(tmp_path: Path) -> None:
    # Other ones would refuse to start after an upgrade, and would release the route's holds.
    assert fingerprints(table(tmp_path)) == FIRST_RELEASE


def test_an_entry_of_a_lookup_changes_the_hash_but_no_route(tmp_path: Path) -> None:
    before = table(tmp_path)
    path = write(tmp_path, TABLE, {"teams.csv": "team_id,topic_key\nGER,other\n"})
    after = load_table(path, {})
    assert after.hash != before.hash
    assert (after.identity, after.route_fingerprints) == (before.identity, before.route_fingerprints)


def test_the_event_id_written_out_is_the_default_dedup_key(tmp_path: Path) -> None:
    written = table(tmp_path, spoiled('dedup_key: "{match.id}/{id}"', 'dedup_key: "{id}"'))
    left_out = table(tmp_path, spoiled('    dedup_key: "{match.id}/{id}"\n', ""))
    assert fingerprints(written) == fingerprints(left_out)


def test_a_source_knows_how_long_its_events_may_matter(tmp_path: Path) -> None:
    of = table(tmp_path)
    assert of.sources["matches"].longest_expiry == 300_000
    assert of.sources["matches"].start == "expiry"
    assert of.dedup_window == 86_400_000


def test_a_start_may_be_a_moment(tmp_path: Path) -> None:
    of = table(tmp_path, spoiled("order_by: match.id", 'order_by: match.id\n    start: "2026-02-05T20:12:00Z"'))
    assert of.sources["matches"].start == 1_770_322_320_000


def test_the_files_of_a_folder_make_one_table(tmp_path: Path) -> None:
    whole = table(tmp_path)
    folder = tmp_path / "folder"
    folder.mkdir()
    routes = TABLE.index("routes:")
    write(folder, TABLE[:routes])
    (folder / "more.yaml").write_text("version: 1\n" + TABLE[routes:])
    assert fingerprints(load_table(folder, {})) == fingerprints(whole)


def test_an_environment_variable_stands_in_for_its_name(tmp_path: Path) -> None:
    path = write(tmp_path, spoiled("11111111-2222-3333-4444-555555555555", '"${GOAL:-x}"'))
    assert load_table(path, {"GOAL": "abc"}).routes["goal"].event_generator_id == "abc"
    assert load_table(path, {}).routes["goal"].event_generator_id == "x"


def test_a_brand_that_the_settings_lack_is_an_error_when_they_are_known(tmp_path: Path) -> None:
    path = write(tmp_path)
    assert load_table(path, {}, brands=["acme", "other"]).routes["goal"].brand == "acme"
    with pytest.raises(
        ConfigError, match=r"routes.yaml:11:12: error: the settings have no brand acme; did you mean 'acmes'\?"
    ):
        load_table(path, {}, brands=["acmes"])


def test_no_release_changes_what_identifies_triggers_of_a_table_that_is_in_use() -> None:
    """Another identity would make every trigger look new; another fingerprint would let go every route that is held."""
    of = load_table(Path(__file__).parents[2] / "config" / "routes.yaml", {})
    assert of.identity == {
        "match-start": "4fd27702542120da441ef64097e60d68",
        "goal": "1e7f21f85e738622390fe3dbf12039b3",
        "own-goal": "1e7f21f85e738622390fe3dbf12039b3",
        "creator-live": "d17af391191b499fb45338092e938ac6",
    }
    assert of.route_fingerprints == {
        "match-start": "4724140d1ace987899132c21d1aedd0a",
        "goal": "b9d953c9881cbe27b37e9eff3b0de6b6",
        "own-goal": "eb324856b3a846d61decb8361d514e11",
        "creator-live": "1f7b5654a9a1ad867c6ca5240070b7c7",
    }
