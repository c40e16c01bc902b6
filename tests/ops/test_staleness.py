import subprocess
import sys


def test_rules_and_dashboards_are_what_the_code_makes() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "tools.ops", "--check"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
