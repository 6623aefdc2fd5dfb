"""One spelling for every path, so that the gateway and a service never see two different ones."""

import re

# RFC 3986 §3.3: a segment is made of pchar. Of the percent-encodings only those are let through
# that stand for a printable ASCII character other than the ones that could change the meaning of
# the path on a second decoding: "/" "\" "%" and every unreserved character (§6.2.2.2).
_PCHAR = rb"[A-Za-z0-9\-._~!$&'()*+,;=:@]"
_ENCODED = rb"%(?:2[0-46-9A-Ca-c]|3[A-Fa-f]|40|5[BDEbde]|60|7[B-Db-d])"
_SEGMENT = rb"(?:" + _PCHAR + rb"|" + _ENCODED + rb")"
_PATH = re.compile(rb"/|(?:/(?!\.{1,2}(?:/|\Z))" + _SEGMENT + rb"+)+/?")
_QUERY = re.compile(rb"[!-~]*")
LONGEST_TARGET_BYTES = 8_192


class AmbiguousPath(ValueError):
    """A path or query that two readers could understand in two ways."""


def target_of(raw_path: bytes, query: bytes) -> bytes:
    """Return the request target to send on, byte for byte what the client wrote.

    Nothing is repaired: what would need repair is refused, for a repaired path is a second path.

    Raises:
        AmbiguousPath: an encoded or doubled slash, a dot segment, a backslash, a control or
            non-ASCII byte (encoded or not), an encoding of a plain letter, or over 8 KiB.
    """
    if len(raw_path) + len(query) > LONGEST_TARGET_BYTES:
        raise AmbiguousPath("The address is too long.")
    if _PATH.fullmatch(raw_path) is None:
        raise AmbiguousPath("The path is not written in its one plain form.")
    if not query:
        return raw_path
    if b"#" in query or _QUERY.fullmatch(query) is None:
        raise AmbiguousPath("The query holds bytes that must be percent-encoded.")
    return raw_path + b"?" + query
