"""Why a machine ended, as QEMU's monitor tells it (QMP: QEMU, docs/interop/qmp-spec, event SHUTDOWN)."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path
from types import TracebackType

_GUEST_RESET = "guest-reset"


class EndWatch:
    """Listens at the unix socket `path` for one QEMU, in a thread of its own. `restarted` is known after the block.

    Tells a guest that wants to start again from one that powers off: with `-no-reboot` both just end QEMU.
    """

    def __init__(self, path: Path) -> None:
        self.restarted = False
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen(1)
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> EndWatch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # QEMU is gone: what it said is in the socket, and a QEMU that never connected does not come any more.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _listen(self) -> None:
        try:
            line, _ = self._listener.accept()
        except OSError:
            return
        with line, line.makefile("rw", encoding="utf-8") as monitor:
            monitor.write('{"execute": "qmp_capabilities"}\n')
            monitor.flush()
            for text in monitor:
                message = json.loads(text)
                if message.get("event") == "SHUTDOWN":
                    self.restarted = message["data"]["reason"] == _GUEST_RESET
