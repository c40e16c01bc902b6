from typing import Any

import pytest

from bridge.routing.contract import Contract, ContractField, FieldType

FITS: dict[FieldType, list[Any]] = {
    FieldType.STRING: ["x"],
    FieldType.INTEGER: [0, -3, 2**60],
    FieldType.NUMBER: [1, 1.5],
    FieldType.BOOLEAN: [True, False],
    FieldType.URL: ["https://example.com/m/1?x=ü", "app://match/1"],
    FieldType.DATETIME: [
        "2026-02-05T20:12:00Z",
        "2026-02-05T20:12+01:00",
        "20260205T201200Z",
        "2026-02-05T20:12:00.123-05:00",
    ],
    FieldType.OBJECT: [{"a": 1}],
    FieldType.ARRAY: [[1]],
}
MISFITS: dict[FieldType, list[Any]] = {
    FieldType.STRING: [1, True, None, ["x"]],
    FieldType.INTEGER: ["90+3", "12", True, 16.0, None],
    FieldType.NUMBER: ["1", False],
    FieldType.BOOLEAN: ["true", 0],
    FieldType.URL: ["/m/1", "example.com", "https://example.com/a b", "https://", 1],
    FieldType.DATETIME: ["2026-02-05T20:12:00", "2026-02-05", "2026-02-30T20:12:00Z", "yesterday", 1_770_000_000],
    FieldType.OBJECT: [[], "x"],
    FieldType.ARRAY: [{}, "x"],
}


@pytest.mark.parametrize("kind", list(FieldType))
def test_a_value_has_its_type_or_it_has_not_and_nothing_is_coerced(kind: FieldType) -> None:
    field = ContractField(kind)
    contract = Contract({"x": field})
    for value in FITS[kind]:
        assert field.misfit(value) is None, value
        assert contract.fulfilled({"x": value}), value
    for value in MISFITS[kind]:
        assert str(field.misfit(value)).startswith("should be a"), value
        assert not contract.fulfilled({"x": value}), value


def test_only_the_agreed_fields_may_be_there_and_the_required_ones_must() -> None:
    contract = Contract({"a": ContractField(FieldType.STRING), "b": ContractField(FieldType.STRING, required=False)})
    assert contract.fulfilled({"a": "x"})
    assert contract.fulfilled({"a": "x", "b": "y"})
    assert not contract.fulfilled({"b": "y"})
    assert not contract.fulfilled({"a": "x", "c": "z"})
    assert dict(contract.misfits({"b": 1, "c": "z"})) == {
        "a": "is required and missing",
        "b": "should be a string, is integer 1",
        "c": "is not in the contract",
    }


def test_a_contract_may_consist_of_optional_fields() -> None:
    assert Contract({"a": ContractField(FieldType.STRING, required=False)}).fulfilled({})


def test_a_long_value_is_cut_before_a_person_sees_it() -> None:
    wrong = ContractField(FieldType.INTEGER).misfit("9" * 5000)
    assert wrong is not None
    assert len(wrong) < 120
