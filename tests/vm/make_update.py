"""Run inside the runtime root: `python3 -m tests.vm.make_update LAYOUT TARGET DELTA`.

Imports versions 1 and 2 of an image as an installation would, and writes what turns the one into the other as a static
delta, a single file that any system with version 1 can apply with its own ostree. Prints the commit of version 2.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.root.sysroots import imported


def main(layout: str, target: str, delta: str) -> None:
    # Beside the result: /tmp is in memory here, and the repository has the size of a system.
    with tempfile.TemporaryDirectory(dir=Path(delta).parent) as directory:
        old, new = (imported(Path(directory, "sysroot"), Path(layout), tag, target=target).commit for tag in "12")
        repository = Path(directory, "sysroot", "ostree", "repo")
        words = ["ostree", f"--repo={repository}", "static-delta", "generate", "--inline", "--min-fallback-size=0"]
        subprocess.run([*words, f"--filename={delta}", f"--from={old}", f"--to={new}"], check=True, stdout=sys.stderr)
    print(new)


if __name__ == "__main__":
    main(*sys.argv[1:])
