"""A body, posted as it is."""

JSON = {"Content-Type": "application/json"}

MIB = 1024 * 1024


def post(client, body: bytes, path: str = "/classify", headers=JSON):
    return client.post(path, content=body, headers=headers)
