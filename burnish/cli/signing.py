"""``burnish keys pair``, ``sign``, ``verify`` and ``fingerprint``: keys that sign bundles."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from pathlib import Path

from burnish.cli.command import Action
from burnish.cli.terminal import Terminal
from burnish.cli.trust import add_trust, trust_of
from burnish.errors import UsageError

__all__ = ["SIGNING_ACTIONS"]

_VARIABLE = "BURNISH_PASSPHRASE"
_MAX_BYTES = 4096


def _declare_passphrase(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help=f"file (mode 0600) with the passphrase ({_VARIABLE}, else you are asked for it)",
    )


def _declare_pair(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="NAME",
        help="writes NAME.key, which signs, and NAME.pub, which verifies",
    )
    parser.add_argument("--encrypt", action="store_true", help="encrypt NAME.key with a passphrase")
    _declare_passphrase(parser)


def _pair(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Make a pair of keys, and print its fingerprint."""
    from burnish.signing.private_key import make_pair

    encrypt = arguments.encrypt or arguments.passphrase_file is not None
    if arguments.output.suffix in (".key", ".pub", ".pem"):
        bare = arguments.output.with_suffix("")
        raise UsageError(
            f"-o {arguments.output}: two files are written, NAME.key and NAME.pub",
            f"give their name without an ending: -o {bare}",
        )
    passphrase = _passphrase(arguments.passphrase_file, twice=True) if encrypt else None
    pair = make_pair(arguments.output, passphrase=passphrase)
    terminal.result(f"{pair.fingerprint}  {pair.public}")
    terminal.note(
        f"{pair.private} signs bundles (mode 0600): keep a copy in a safe place. Give "
        f"{pair.public} to those who load bundles, and tell them the fingerprint by another way"
    )
    terminal.document(
        {
            "fingerprint": pair.fingerprint,
            "private": str(pair.private),
            "public": str(pair.public),
            "encrypted": encrypt,
        }
    )
    return 0


def _declare_bundle(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="a bundle directory")


def _declare_sign(parser: argparse.ArgumentParser) -> None:
    _declare_bundle(parser)
    parser.add_argument(
        "--key", type=Path, required=True, metavar="NAME.key", help="the private key (PEM)"
    )
    _declare_passphrase(parser)


def _sign(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Verify every file of a bundle, and sign its manifest."""
    from burnish.signing.private_key import read_private_key
    from burnish.signing.sign import sign_bundle

    asked = False

    def passphrase() -> bytes:
        nonlocal asked
        asked = True
        return _passphrase(arguments.passphrase_file, twice=False)

    key = read_private_key(arguments.key, passphrase)
    if arguments.passphrase_file is not None and not asked:
        raise UsageError(f"{arguments.key} is not encrypted", "leave --passphrase-file out")
    signed = sign_bundle(arguments.bundle, key)
    how = "was signed by this key already" if signed.already else "is signed"
    terminal.result(f"{arguments.bundle} {how}: {signed.fingerprint}")
    terminal.note(
        f"next: burnish serve {arguments.bundle} --trust KEY.pub, the public key of this pair"
    )
    terminal.document(
        {
            "bundle": str(arguments.bundle),
            "digest": signed.bundle.digest,
            "fingerprint": signed.fingerprint,
            "signature": str(signed.path),
            "already": signed.already,
        }
    )
    return 0


def _declare_verify(parser: argparse.ArgumentParser) -> None:
    _declare_bundle(parser)
    add_trust(parser)


def _verify(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Verify every file of a bundle, and the signatures of trusted keys."""
    from burnish.bundle import read_bundle

    bundle = read_bundle(arguments.bundle, trust=trust_of(arguments))
    terminal.result(f"{arguments.bundle}: every file is as it was exported")
    for fingerprint in bundle.signatures:
        verified = fingerprint in bundle.signed_by
        how = "signed by" if verified else "has a signature, not verified, of"
        terminal.result(f"{how} {fingerprint}")
    if not bundle.signatures:
        terminal.result("not signed")
    elif not bundle.signed_by:
        terminal.note("next: give --trust KEY.pub to verify the signature")
    terminal.document(
        {
            "bundle": str(arguments.bundle),
            "digest": bundle.digest,
            "signatures": list(bundle.signatures),
            "signed_by": list(bundle.signed_by),
        }
    )
    return 0


def _declare_fingerprint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", type=Path, metavar="KEY.pub", help="the public key (PEM)")


def _fingerprint(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print what signatures and messages call a key."""
    from burnish.signing.public_key import read_public_key

    fingerprint = read_public_key(arguments.key).fingerprint
    terminal.result(fingerprint)
    terminal.document({"key": str(arguments.key), "fingerprint": fingerprint})
    return 0


def _passphrase(file: Path | None, *, twice: bool) -> bytes:
    """From the file or the variable, or asked for; never on a command line, which others see."""
    if file is not None:
        from burnish.private import read_private

        return read_private(file, max_bytes=_MAX_BYTES)[0].rstrip(b"\r\n")
    if (given := os.environ.get(_VARIABLE)) is not None:
        return given.encode("utf-8", "surrogateescape")
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(
            "the key needs a passphrase, and there is no terminal to ask for it",
            f"use --passphrase-file FILE, or the variable {_VARIABLE}",
        )
    passphrase = getpass.getpass("passphrase: ")
    if twice and getpass.getpass("the same again: ") != passphrase:
        raise UsageError("the two passphrases differ", "run the command again")
    return passphrase.encode()


SIGNING_ACTIONS = {
    "pair": Action(
        "make a pair of keys to sign bundles with",
        "burnish keys pair -o release\nburnish keys pair -o release --encrypt",
        add_arguments=_declare_pair,
        run=_pair,
    ),
    "sign": Action(
        "sign a bundle, after every file of it was verified",
        "burnish keys sign bundles/tickets --key release.key",
        add_arguments=_declare_sign,
        run=_sign,
    ),
    "verify": Action(
        "verify a bundle and who signed it",
        "burnish keys verify bundles/tickets --trust release.pub",
        add_arguments=_declare_verify,
        run=_verify,
    ),
    "fingerprint": Action(
        "print the fingerprint of a public key",
        "burnish keys fingerprint release.pub",
        add_arguments=_declare_fingerprint,
        run=_fingerprint,
    ),
}
"""What ``burnish keys`` does for bundles."""
