"""Requests that two readers could read in two ways, as bytes, and what nginx lets through of each.

`nginx` names, for each request that reached the service behind it, verb, path and bytes of body;
recorded from Debian's nginx 1.26 with `proxy_pass` over the same unix socket. The slow form of
`test_against_nginx.py` asks it anew.
"""

from dataclasses import dataclass

HOST = "Host: a\r\nAuthorization: Bearer 012084\r\n"
POST = f"POST /benefits/v1/x HTTP/1.1\r\n{HOST}"
GET = f"GET /benefits/v1/x HTTP/1.1\r\n{HOST}"
CHUNKED = f"{POST}Transfer-Encoding: chunked\r\n"
HIDDEN = f"GET /benefits/v1/hidden HTTP/1.1\r\n{HOST}\r\n"


@dataclass(frozen=True, slots=True)
class Case:
    """What is sent."""

    name: str
    raw: str


def _with(name: str, *lines: str, body: str = "", start: str = POST) -> Case:
    return Case(name, start + "".join(f"{line}\r\n" for line in lines) + "\r\n" + body)


CASES: tuple[Case, ...] = (
    # Two lengths, or one that is none (RFC 9112 §6.3).
    _with(
        "CL and TE",
        f"Content-Length: {len(HIDDEN) + 5}",
        "Transfer-Encoding: chunked",
        body=f"0\r\n\r\n{HIDDEN}",
    ),
    _with("TE and CL", "Transfer-Encoding: chunked", "Content-Length: 4", body="0\r\n\r\n"),
    _with("TE and CL 0", "Transfer-Encoding: chunked", "Content-Length: 0", body="0\r\n\r\n"),
    _with("two CLs that differ", "Content-Length: 0", "Content-Length: 5", body="hello"),
    _with("two equal CLs", "Content-Length: 5", "Content-Length: 5", body="hello"),
    _with("a list of CLs", "Content-Length: 5, 5", body="hello"),
    _with("a signed CL", "Content-Length: +5", body="hello"),
    _with("a negative CL", "Content-Length: -1", body="hello"),
    _with("a hexadecimal CL", "Content-Length: 0x5", body="hello"),
    _with("an empty CL", "Content-Length:", body="hello"),
    _with("a CL beyond 64 bits", "Content-Length: 99999999999999999999", body="hello"),
    _with("a CL with a space before the colon", "Content-Length : 5", body="hello"),
    _with("a CL with an underscore", "Content_Length: 50", "Content-Length: 5", body="hello"),
    _with(
        "a GET with a body that hides a request",
        f"Content-Length: {len(HIDDEN)}",
        body=HIDDEN,
        start=GET,
    ),
    # Encodings (§6.1).
    _with("two TEs", "Transfer-Encoding: chunked", "Transfer-Encoding: x", body="0\r\n\r\n"),
    _with("TE twice chunked", "Transfer-Encoding: chunked, chunked", body="0\r\n\r\n"),
    _with("TE gzip, chunked", "Transfer-Encoding: gzip, chunked", body="0\r\n\r\n"),
    _with("TE xchunked", "Transfer-Encoding: xchunked", body="0\r\n\r\n"),
    _with("TE identity", "Transfer-Encoding: identity", "Content-Length: 5", body="hello"),
    _with("TE after a vertical tab", "Transfer-Encoding:\x0bchunked", body="0\r\n\r\n"),
    _with("TE in quotes", 'Transfer-Encoding: "chunked"', body="0\r\n\r\n"),
    _with("TE in capitals", "Transfer-Encoding: CHUNKED", body="0\r\n\r\n"),
    Case(
        "TE in HTTP/1.0",
        f"POST /benefits/v1/x HTTP/1.0\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n"
        f"0\r\n\r\n{HIDDEN}",
    ),
    # Chunks (§7.1).
    _with("an ordinary chunk", body="5\r\nhello\r\n0\r\n\r\n", start=CHUNKED),
    _with("a chunk extension", body='5;a="b;\r"\r\nhello\r\n0\r\n\r\n', start=CHUNKED),
    _with("a plain chunk extension", body="5;a=b\r\nhello\r\n0\r\n\r\n", start=CHUNKED),
    _with("a chunk extension of a line feed", body="5;\nhello\r\n0\r\n\r\n", start=CHUNKED),
    _with("an odd chunk size", body="0x5\r\nhello\r\n0\r\n\r\n", start=CHUNKED),
    _with("a signed chunk size", body="+5\r\nhello\r\n0\r\n\r\n", start=CHUNKED),
    _with("a chunk size beyond 64 bits", body="FFFFFFFFFFFFFFFFF\r\nx", start=CHUNKED),
    _with("a chunk without its end", body=f"1\r\nab\r\n0\r\n\r\n{HIDDEN}", start=CHUNKED),
    _with("chunks ended by bare line feeds", body="5\nhello\n0\n\n", start=CHUNKED),
    _with("a space after the chunk size", body="5 \r\nhello\r\n0\r\n\r\n", start=CHUNKED),
    _with("a trailer", body="0\r\nX: y\r\n\r\n", start=CHUNKED),
    _with(
        "a trailer that would be somebody else",
        body="0\r\nAuthorization: Bearer 131016\r\nContent-Length: 50\r\n\r\n",
        start=CHUNKED,
    ),
    _with("no last chunk, then a request", body=f"5\r\nhello\r\n{HIDDEN}", start=CHUNKED),
    # Lines (§2.2, §5).
    _with("a folded header", "Content-Length: 5", "X: a\r\n b", body="hello"),
    Case("a folded first header", f"GET /benefits/v1/x HTTP/1.1\r\n X: a\r\n{HOST}\r\n"),
    Case("a bare line feed", f"{POST}X: a\nContent-Length: 5\r\n\r\nhello"),
    Case("a bare carriage return", f"{POST}X: a\rContent-Length: 5\r\n\r\n"),
    Case("a head of bare line feeds", f"{GET}\r\n".replace("\r\n", "\n")),
    _with("a NUL in a value", "X: a\x00", "Content-Length: 0"),
    _with("a name with a space", "X y: a", "Content-Length: 0"),
    _with("no name", ": a", "Content-Length: 0"),
    _with("no colon", "nothing", "Content-Length: 0"),
    Case("an empty line first", f"\r\n{GET}\r\n"),
    # Targets and hosts (§3.2).
    Case("no host", "GET /benefits/v1/x HTTP/1.1\r\nAuthorization: Bearer 012084\r\n\r\n"),
    _with("two hosts", "Host: b", "Content-Length: 0"),
    Case(
        "another host in the target",
        f"GET http://131016.localhost/benefits/v1/x HTTP/1.1\r\n{HOST}\r\n",
    ),
    Case("a tunnel", f"CONNECT benefits:80 HTTP/1.1\r\n{HOST}\r\n"),
    Case("a dot segment", f"GET /benefits/v1/../v1/x HTTP/1.1\r\n{HOST}\r\n"),
    Case("an encoded slash", f"GET /benefits%2fv1/x HTTP/1.1\r\n{HOST}\r\n"),
    Case("an encoded line end", f"GET /benefits/v1/x%0d%0aX:%20y HTTP/1.1\r\n{HOST}\r\n"),
    Case("a doubled slash", f"GET //benefits/v1/x HTTP/1.1\r\n{HOST}\r\n"),
    Case("a space in the target", f"GET /benefits/v1/x y HTTP/1.1\r\n{HOST}\r\n"),
    Case("a fragment", f"GET /benefits/v1/x#y HTTP/1.1\r\n{HOST}\r\n"),
    Case("no version", "GET /benefits/v1/x\r\n\r\n"),
    Case("an unknown version", f"GET /benefits/v1/x HTTP/3.0\r\n{HOST}\r\n"),
    Case("a verb in small letters", f"get /benefits/v1/x HTTP/1.1\r\n{HOST}\r\n"),
    # What is for this hop only, and what would change the protocol (RFC 9110 §7.6.1, §7.8).
    _with("Connection names Authorization", "Connection: Authorization", start=GET),
    _with(
        "Connection names Content-Length",
        "Connection: Content-Length",
        "Content-Length: 5",
        body="hello",
    ),
    _with("an upgrade to a websocket", "Connection: Upgrade", "Upgrade: websocket", start=GET),
    _with(
        "an upgrade to HTTP/2",
        "Connection: Upgrade, HTTP2-Settings",
        "Upgrade: h2c",
        "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA",
        start=GET,
    ),
    Case("HTTP/2 outright", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    _with("an expectation we do not know", "Expect: 200-ok", "Content-Length: 0"),
    # Sizes.
    _with("a header of 40 KiB", f"X: {'a' * 40_960}", start=GET),
    _with("two hundred headers", *(f"X-{n}: {'a' * 200}" for n in range(200)), start=GET),
    Case("a target of 40 KiB", f"GET /benefits/v1/{'x' * 40_960} HTTP/1.1\r\n{HOST}\r\n"),
    # What is in order, so that the table would notice a door that refuses everything.
    _with("two requests in one breath", "Content-Length: 5", body=f"hello{HIDDEN}"),
    _with("an ordinary POST", "Content-Length: 5", body="hello"),
    Case("an ordinary GET", f"{GET}\r\n"),
)
