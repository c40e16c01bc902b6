"""The results contract as a JSON Schema. Pure."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from bridge.outcomes.model import Outcome

# A name, not an address: nothing is to be fetched from it. A change that is not compatible gets another one.
SCHEMA_ID = "urn:campaign-bridge:outcome:v1"


def outcome_schema(references: str = "#/$defs/{model}") -> dict[str, Any]:
    """What is written to the results topic, in draft 2020-12. `references`: where its `$defs` will lie."""
    schema = Outcome.model_json_schema(mode="serialization", schema_generator=OfRecords, ref_template=references)
    return {"$schema": GenerateJsonSchema.schema_dialect, "$id": SCHEMA_ID} | schema


class OfRecords(GenerateJsonSchema):
    """Of records that are read, so without what only a writer can use (defaults), and without names twice."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Never: a title would be the field's name again."""
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """The schema without the default."""
        return self.generate_inner(schema["schema"])
