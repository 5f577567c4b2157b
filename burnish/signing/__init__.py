"""Signatures of bundles: key pairs, what is trusted, and signing.

A signature is the 64 bytes of Ed25519 (RFC 8032) over the bytes of ``manifest.json``, in a file of
the bundle that is named by its key: ``manifest.json.FINGERPRINT.sig``.
"""
