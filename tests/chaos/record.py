"""A run as a file of JSON: written after each episode, so that a run that was stopped can go on."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson
from chaos.accounting import Account, Row
from chaos.options import Options
from chaos.plan import read_kind
from chaos.totals import Totals, totals


@dataclass(slots=True)
class Record:
    """What was asked, and the account of each finished episode."""

    options: Options
    accounts: list[Account] = field(default_factory=list)

    @property
    def totals(self) -> Totals:
        """Of the episodes so far."""
        return totals(self.accounts)

    def write(self, path: Path) -> None:
        """Whole, or not at all."""
        content = {
            "options": self.options.to_json(),
            "totals": asdict(self.totals),
            "episodes": [asdict(account) for account in self.accounts],
        }
        unfinished = path.with_name(f"{path.name}.part")
        unfinished.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))
        unfinished.replace(path)

    @classmethod
    def read(cls, path: Path) -> "Record":
        """What `write` wrote. Raises OSError, or ValueError when the file is something else."""
        try:
            content = orjson.loads(path.read_bytes())
            accounts = [_account(fields) for fields in content["episodes"]]
            return cls(Options.from_json(content["options"]), accounts)
        except (KeyError, TypeError) as error:
            raise ValueError(f"{path} is not the record of a chaos run: {error!r}") from error


def _account(fields: dict[str, Any]) -> Account:
    return Account(
        **{
            **fields,
            "rows": tuple(Row(**{**row, "kind": read_kind(row["kind"])}) for row in fields["rows"]),
            "broken": tuple(fields["broken"]),
            "late": tuple(fields["late"]),
        }
    )
