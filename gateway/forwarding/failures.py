"""What may go wrong between the gateway and a service: one name for each different answer.

ForwardingFailure
├── UpstreamDown        no connection could be opened             503, Retry-After
├── PoolExhausted       every connection stayed busy too long     503, Retry-After
├── ConnectionLost      the connection ended before the answer    502 (or one quiet second try)
└── MalformedAnswer     the service broke the protocol            502
ClientGone              nobody is left to be answered             nothing is sent
"""


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
