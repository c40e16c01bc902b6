from pathlib import Path

import pytest

from bridge.telemetry.memory import memory_limit


@pytest.mark.parametrize(
    ("file", "told", "limit"),
    [
        ("memory.max", "536870912\n", 536_870_912),
        ("memory.max", "max\n", None),
        ("memory/memory.limit_in_bytes", "1073741824\n", 1_073_741_824),
        ("memory/memory.limit_in_bytes", "9223372036854771712\n", None),
    ],
)
def test_the_limit_is_what_the_kernel_tells_the_container(
    tmp_path: Path, file: str, told: str, limit: int | None
) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(told)
    assert memory_limit(tmp_path) == limit


def test_where_no_kernel_tells_there_is_no_limit_to_show(tmp_path: Path) -> None:
    assert memory_limit(tmp_path) is None
