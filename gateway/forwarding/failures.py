"""What may go wrong between the gateway and a service: one name for each different answer.

ForwardingFailure
├── UpstreamDown        no connection could be opened             503, Retry-After
├── PoolExhausted       every connection stayed busy too long     503, Retry-After
├── ConnectionLost      the connection ended before the answer    502 (or one quiet second try)
└── MalformedAnswer     the service broke the protocol            502
AnswerCut               the answer broke off half-way             the connection is closed
TooSlow                 a deadline passed                         504, or 408 if the client idles
BodyTooLarge            more than the address takes               413
BodyMisdeclared         not the announced number of bytes         400
ClientGone              nobody is left to be answered             nothing is sent
"""

from typing import Literal


class ForwardingFailure(Exception):
    """A service could not be asked, or did not answer as HTTP/1.1 demands."""


class UpstreamDown(ForwardingFailure):
    """No connection could be opened within the connect deadline."""


class PoolExhausted(ForwardingFailure):
    """All connections were busy and stayed so for the queue deadline, or the queue was full."""


class ConnectionLost(ForwardingFailure):
    """The connection ended, or was ended by us, before the answer was whole."""


class MalformedAnswer(ForwardingFailure):
    """The service's answer is ambiguous or no HTTP/1.1 at all; it is never passed on."""


class ClientGone(Exception):
    """The person or program that asked has hung up."""


class AnswerCut(Exception):
    """The answer broke off after its head had been passed on; the client must notice."""


class TooSlow(Exception):
    """A deadline passed before the answer began."""

    def __init__(self, culprit: Literal["client", "service"]) -> None:
        super().__init__(f"the {culprit} took too long")
        self.culprit = culprit


class BodyTooLarge(Exception):
    """The client sent more than this address takes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit = limit


class BodyMisdeclared(Exception):
    """The client sent more or fewer bytes than it had announced."""
