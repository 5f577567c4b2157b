"""``python -m service``: what an archive of ``burnish package`` is served with.

The same server as ``burnish serve``, without BentoML's process manager. Settings are the variables
that docs/how-to/deployment.md lists; an installed burnish runs it as ``python -m burnish.service``.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

if hasattr(signal, "SIGHUP"):  # until the server has its own handler, which takes a second
    signal.signal(signal.SIGHUP, lambda *_: None)

from burnish.errors import BurnishError, UsageError

from .server import Tls, serve
from .settings import Settings

_BUNDLES = Path(__file__).resolve().parent.parent / "bundles"


def main(arguments: list[str]) -> int:
    """Serve until the process is told to stop; the exit code."""
    given = _parser().parse_args(arguments)
    try:
        if (given.tls_certificate is None) != (given.tls_key is None):
            raise UsageError("--tls-certificate and --tls-key go together")
        settings = Settings.from_environment(os.environ, default=_BUNDLES)
        tls = Tls(given.tls_certificate, given.tls_key) if given.tls_key else None
        serve(settings, host=given.host, port=given.port, tls=tls)
    except BurnishError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m service",
        description="Serve the bundles next to this package, or those named in BURNISH_BUNDLES.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument(
        "--port", type=int, default=8000, metavar="N", help="(8000); 0: any free port"
    )
    parser.add_argument("--tls-certificate", type=Path, metavar="FILE", help="serve HTTPS (PEM)")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="the certificate's key (PEM)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
