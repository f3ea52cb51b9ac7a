"""Programs run inside a root tree: private namespaces, throw-away changes, nothing left mounted.

The runtime root is the tool root too: libostree, blivet and libdnf5 of a known version, whatever the build machine
has. As root this uses mount, PID, IPC and UTS namespaces; as an ordinary user a user namespace around them, with the
ids that /etc/subuid and /etc/subgid give (newuidmap(1)).
"""

from __future__ import annotations

import json
import os
import ssl
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ashore_installer.errors import BadInput
from ashore_installer.run import CommandFailed, Commands
from ashore_isogen.sandbox import inner
from ashore_isogen.sandbox.namespaces import namespaces

CA_BUNDLE = "etc/ssl/certs/ca-certificates.crt"
_CA_BUNDLES = (Path("/", CA_BUNDLE), Path("/etc/pki/tls/certs/ca-bundle.crt"), Path("/etc/ssl/ca-bundle.pem"))
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bind:
    """A file or directory of this machine, seen at `target` inside."""

    source: Path
    target: str
    read_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """Runs programs with `root` as their `/`.

    Changes are made in memory and gone afterwards; with `keep` they are made to `root` itself. /dev and /sys are those
    of this machine, so loop devices work for root. The network is this machine's, with its resolver and its CA
    certificates (not with `keep`: a tree that stays must not depend on the machine that made it).

    `trees` are paths inside of other root trees that programs enter by themselves, as rpm does for scriptlets: the API
    file systems are mounted there too.
    """

    root: Path
    binds: tuple[Bind, ...] = ()
    trees: tuple[str, ...] = ()
    keep: bool = False
    env: Mapping[str, str] = field(default_factory=dict)
    chdir: str = "/"

    def argv(self, command: Sequence[str]) -> list[str]:
        """The command that runs `command` inside, for a caller that starts it. Raises BadInput, CommandFailed."""
        setup = asdict(self._setup())
        return [*namespaces(), sys.executable, "-I", os.fspath(inner.__file__), json.dumps(setup), *command]

    def run(self, command: Sequence[str], *, stdin: bytes | None = None) -> str:
        """Run `command` inside to its end and give its stdout. Raises CommandFailed, about `command` itself."""
        try:
            return Commands().run(self.argv(command), stdin=stdin)
        except CommandFailed as error:
            raise CommandFailed(command, error.returncode, error.stderr, error.hint) from error

    def _setup(self) -> inner.Setup:
        root = self.root.resolve()
        if not root.is_dir():
            raise BadInput(f"There is no root tree {root}.", "Build it first: python -m ashore_isogen.runtime root")
        binds = [(str(_existing(bind.source)), bind.target, bind.read_only) for bind in self.binds]
        env = {"PATH": PATH, "HOME": "/root", "LC_ALL": "C.UTF-8", "TERM": os.environ.get("TERM", "dumb"), **self.env}
        copies = [] if self.keep else _of_this_machine()
        return inner.Setup(
            root=str(root), keep=self.keep, binds=binds, copies=copies, trees=[*self.trees], env=env, chdir=self.chdir
        )


def _existing(path: Path) -> Path:
    if path.exists():
        return path.resolve()
    raise BadInput(f"There is no {path} to bind.", "Name a file or directory that exists.")


def _of_this_machine() -> list[tuple[str, str]]:
    """Files without which the network inside does not work: source here, target inside."""
    chosen = [Path("/etc/resolv.conf"), Path("/etc/hosts")]
    copies = [(str(path.resolve()), str(path.relative_to("/"))) for path in chosen if path.exists()]
    default = ssl.get_default_verify_paths().cafile
    bundles = [Path(default)] if default else []
    for bundle in (*bundles, *_CA_BUNDLES):
        if bundle.is_file():
            return [*copies, (str(bundle.resolve()), CA_BUNDLE)]
    return copies
