"""A way to the network that outlives the client that uses it: one pool of connections for all."""

import httpx


class Lent(httpx.AsyncBaseTransport):
    """A transport that closing a client does not close."""

    def __init__(self, lender: httpx.AsyncBaseTransport) -> None:
        self.handle_async_request = lender.handle_async_request
