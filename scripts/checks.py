"""Run every check of the project, one after the other, and say at the end which ones failed."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent

CHECKS: dict[str, list[str]] = {
    "format": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "types": ["mypy"],
    "imports": ["lint-imports"],
    "data": ["advisor", "check"],
    "tests": ["pytest", "--numprocesses=logical", "--dist=worksteal", "--cov", "--cov-report=term:skip-covered"],
}


def main() -> int:
    """Run the checks named on the command line, or all; return 1 if any failed."""
    unknown = set(sys.argv[1:]) - set(CHECKS)
    if unknown:
        print(f"no check called {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}", file=sys.stderr)
        return 2
    failed = []
    for name in sys.argv[1:] or CHECKS:
        command, *arguments = CHECKS[name]
        print(f"== {name}", flush=True)
        start = time.monotonic()
        if subprocess.run([str(BIN / command), *arguments], cwd=ROOT, check=False).returncode:
            failed.append(name)
        print(f"   {time.monotonic() - start:.0f} s", flush=True)
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
