import subprocess
import sys


def test_the_reference_pages_say_what_the_code_does() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "tools.reference", "--check"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
