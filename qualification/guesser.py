"""Somebody who guesses keys: ``python -m qualification.guesser PORT SECONDS CONNECTIONS``.

Each of so many connections shows a wrong key, reads the reply, and begins anew, as fast as it is
answered. It comes from 127.0.0.2, so that the server sees another address, and prints how many
replies of each status it got.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import time

from qualification.exchange import HOST, request_bytes

OWN_ADDRESS = "127.0.0.2"


async def guess(port: int, until: float, found: dict[str, int]) -> None:
    """Guess until the time is over."""
    while time.monotonic() < until:
        key = f"bk_zzzzzzzz_{secrets.token_urlsafe(32)}"
        request = request_bytes("GET", "/models", headers={"Authorization": f"Bearer {key}"})
        try:
            reader, writer = await asyncio.open_connection(HOST, port, local_addr=(OWN_ADDRESS, 0))
            try:
                writer.write(request)
                reply = await asyncio.wait_for(reader.read(65_536), 30)
            finally:
                writer.close()
        except OSError:  # refused, or out of ports
            reply = b""
            await asyncio.sleep(0.01)
        status = reply[9:12].decode("ascii") or "none"
        found[status] = found.get(status, 0) + 1


async def main(port: int, seconds: float, connections: int) -> None:
    """Guess, and print what came back."""
    found: dict[str, int] = {}
    until = time.monotonic() + seconds
    await asyncio.gather(*(guess(port, until, found) for _ in range(connections)))
    print(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
