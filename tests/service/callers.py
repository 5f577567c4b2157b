"""Callers over HTTP: their keys, their headers, and their lines in the audit log."""

import json

from burnish.service.access import create_key

BODY = {"inputs": "my secretword invoice", "model": "tiny-classification"}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def make(keys, **options) -> str:
    options.setdefault("scopes", ["infer"])
    return create_key(keys, name="someone", **options).key


def records(log) -> list[dict]:
    return [json.loads(line) for line in log.read_text().splitlines()][1:]
