"""``burnish serve``: answer over HTTP until the process is told to stop."""

from __future__ import annotations

import argparse
import ssl
from pathlib import Path

from burnish.cli.extras import needs_extra
from burnish.cli.numbers import byte_size, port, positive_int
from burnish.cli.terminal import Terminal
from burnish.cli.trust import add_trust, trusted_files
from burnish.errors import UsageError

__all__ = ["EXAMPLE", "add_arguments", "add_bundles", "run"]

EXAMPLE = """\
burnish serve bundles/tickets
burnish serve bundles/tickets --port 9090 --label-studio --api-key-file key.txt
burnish serve bundles --port 8080 --trust release.pub
burnish serve models --keys keys.json --audit audit.jsonl
burnish serve bundles --host 0.0.0.0 --behind-proxy --keys keys.json"""


def add_bundles(parser: argparse.ArgumentParser) -> None:
    """Declare what is served, or packaged to be served."""
    parser.add_argument(
        "bundles",
        type=Path,
        nargs="+",
        metavar="BUNDLE|DIRECTORY",
        help="bundles, or directories of bundles",
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_bundles(parser)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument(
        "--port", type=port, default=8000, metavar="N", help="(8000); 0: any free port"
    )
    parser.add_argument(
        "--keys", type=Path, metavar="FILE", help="file of API keys: see burnish keys create"
    )
    parser.add_argument(
        "--api-key-file", type=Path, metavar="FILE", help="file with one key for all callers"
    )
    parser.add_argument(
        "--audit",
        type=Path,
        metavar="FILE",
        help="append one line per request to this audit log: see burnish audit",
    )
    parser.add_argument(
        "--audit-on-error",
        choices=("refuse", "continue"),
        default="refuse",
        help="if a line cannot be written: answer 503 (refuse), or answer without it",
    )
    parser.add_argument(
        "--audit-hmac-key",
        type=Path,
        metavar="FILE",
        help="key of the HMAC of bodies in the audit log",
    )
    parser.add_argument("--tls-certificate", type=Path, metavar="FILE", help="serve HTTPS (PEM)")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="the certificate's key (PEM)")
    parser.add_argument(
        "--behind-proxy", action="store_true", help="a proxy terminates TLS in front of this server"
    )
    parser.add_argument(
        "--allowed-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name of this server that callers use; repeatable",
    )
    parser.add_argument(
        "--public-url",
        metavar="URL",
        help="the server's URL behind a proxy: https://models.example.org",
    )
    parser.add_argument(
        "--label-studio",
        action="store_true",
        help="also answer as a machine learning backend of Label Studio",
    )
    parser.add_argument(
        "--threads",
        type=positive_int,
        metavar="N",
        help="windows computed at once (one per processor)",
    )
    parser.add_argument(
        "--queue-ms",
        type=positive_int,
        default=2000,
        metavar="N",
        help="work that may wait, in milliseconds of computing (2000); more gets 429",
    )
    parser.add_argument(
        "--max-memory",
        type=byte_size,
        metavar="SIZE",
        help="refuse to load a model beyond this memory: 800MB, 2GiB",
    )
    add_trust(parser)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Serve; print the address on standard error when the models are loaded."""
    del terminal
    with needs_extra("serve"):
        from burnish.service.models import find_sources
        from burnish.service.server import Tls, serve
        from burnish.service.settings import Settings
    if (arguments.tls_certificate is None) != (arguments.tls_key is None):
        raise UsageError("--tls-certificate and --tls-key go together")
    given_tls = arguments.tls_certificate is not None
    if given_tls:
        _check_pair(arguments.tls_certificate, arguments.tls_key)
    find_sources(arguments.bundles)  # a path without a bundle is told before anything starts
    settings = Settings(
        bundles=tuple(arguments.bundles),
        trust=trusted_files(arguments),
        api_key=_read_key(arguments.api_key_file),
        keys=arguments.keys,
        audit=arguments.audit,
        audit_on_error=arguments.audit_on_error,
        audit_hmac_key=arguments.audit_hmac_key,
        allowed_hosts=tuple(arguments.allowed_host),
        public_url=arguments.public_url,
        behind_proxy=arguments.behind_proxy,
        label_studio=arguments.label_studio,
        threads=arguments.threads,
        queue_ms=float(arguments.queue_ms),
        max_memory_bytes=arguments.max_memory,
    )
    tls = Tls(arguments.tls_certificate, arguments.tls_key) if given_tls else None
    serve(settings, host=arguments.host, port=arguments.port, tls=tls)
    return 0


def _read_key(path: Path | None) -> str | None:
    """The key, from a file: a command line can be read by every user of the machine."""
    if path is None:
        return None
    try:
        key = _read(path, "--api-key-file").decode("utf-8").strip()
    except UnicodeDecodeError as e:
        raise UsageError(f"{path} is not a text", "write the key in it, on one line") from e
    if not key:
        raise UsageError(f"{path} holds no key", "write the key in it, on one line")
    return key


def _read(path: Path, option: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as e:
        raise UsageError(f"{path}: {e.strerror}", f"name a file that can be read: {option}") from e


def _check_pair(certificate: Path, key: Path) -> None:
    """Say which file is wrong; the TLS library does not."""
    if b"CERTIFICATE-----" not in _read(certificate, "--tls-certificate"):
        raise UsageError(
            f"{certificate} holds no PEM certificate",
            "it must hold -----BEGIN CERTIFICATE-----; openssl x509 converts others",
        )
    held = _read(key, "--tls-key")
    if b"PRIVATE KEY-----" not in held:
        raise UsageError(
            f"{key} holds no PEM key",
            "it must hold -----BEGIN PRIVATE KEY-----; openssl pkey converts others",
        )
    if b"ENCRYPTED" in held:
        return  # the server asks for its password, once
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except ssl.SSLError as e:
        raise UsageError(
            f"{certificate} and {key} do not fit together: {e.reason or e}",
            "give a whole certificate and the key that it was made with",
        ) from e
