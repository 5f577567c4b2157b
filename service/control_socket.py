"""``bentoml serve`` without the control socket that any local user may command it through.

BentoML starts its workers by circus, whose arbiter listens on a TCP port of this machine, asks
nobody who they are, and starts whatever program it is told to: as the user that the server runs
as. Here both its sockets become files in a directory that no other user may enter.
"""

from __future__ import annotations

import shutil
import tempfile
from typing import Any

__all__ = ["close_control_socket"]


def close_control_socket() -> None:
    """Have the next arbiter of this process listen where its own user alone gets to.

    Raises:
        RuntimeError: this version of BentoML starts its workers in another way.
    """
    from bentoml._internal.utils import circus

    arbiter = getattr(circus, "Arbiter", None)
    if arbiter is None or not hasattr(circus, "create_standalone_arbiter"):
        raise RuntimeError("this version of BentoML cannot be started safely: python -m service")
    begin = arbiter.__init__

    def closed(self: Any, *arguments: Any, **named: Any) -> None:
        folder = tempfile.mkdtemp(prefix="burnish-control-")  # of mode 0700, whatever the umask
        named["endpoint"] = f"ipc://{folder}/control"
        named["pubsub_endpoint"] = f"ipc://{folder}/events"
        begin(self, *arguments, **named)
        self.exit_stack.callback(shutil.rmtree, folder, ignore_errors=True)

    arbiter.__init__ = closed
