"""`python -m tests.lab build|serve`: the laboratory's repository on the command line."""

from __future__ import annotations

import argparse
import signal
import sys

from ashore_installer.errors import InstallerError
from ashore_isogen.runtime import Lines
from tests.lab.build import ensure_laboratory
from tests.lab.serve import served


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description="The laboratory distribution.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build", help="make the repository, unless it is in the cache, and say where it is")
    serve = commands.add_parser("serve", help="the same, and serve it on loopback until Control-C")
    serve.add_argument("--port", type=int, default=8080, help="0 takes a free one")
    options = parser.parse_args(words)
    try:
        laboratory = ensure_laboratory(Lines(sys.stderr))
    except InstallerError as error:
        print(error, file=sys.stderr)
        return error.status
    print(laboratory.repository)
    if options.command == "serve":
        with served(laboratory.repository, options.port) as port:
            print(f"http://127.0.0.1:{port}/ (key {laboratory.fingerprint})", flush=True)
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
