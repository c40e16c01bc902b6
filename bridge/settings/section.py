"""What every section of the settings is."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bridge.settings.kinds import Duration

Positive = Annotated[Duration, Field(gt=0)]


class Section(BaseModel):
    """A part of the settings."""

    # Inputs are hidden because some of them are keys.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
