"""Known vulnerabilities of all that is in uv.lock: `make audit`. Asks osv.dev, by uv.

Without an answer nothing is known, and that is not passed: it ends with 2.
"""

import subprocess
import sys

_CLEAN, _VULNERABLE = 0, 1


def main(uv: str) -> int:
    """0: none is known. 1: some are. 2: nobody could be asked."""
    asked = subprocess.run([uv, "audit", "--locked", "--preview-features", "audit-command"], check=False)  # noqa: S603
    match asked.returncode:
        case 0:
            return _CLEAN
        case 1:
            print("VULNERABLE: see above. Raise what is mended (uv lock --upgrade-package NAME), and run the tests")
            return _VULNERABLE
        case _:
            print(
                "NOT AUDITED: the database of vulnerabilities was not asked, see above. Nothing is known of the dependencies"
            )
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
