"""Where a vendor's software may be answered: addresses that lead to it and to nobody else.

A code sent to the wrong address is a stolen code, so an address is registered to the letter: no
wildcards, no fragments, no way of writing it twice (RFC 9700 §2.1, RFC 8252 §7.3).
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, urlsplit

Environment = Literal["sandbox", "production"]

_LONGEST = 500
_PLAIN = re.compile(r"[\x21-\x7e]+")
_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_PATH_TRICKS = ("/../", "/./", "\\", "//", "%2e", "%2f", "%5c")
_GREATEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Objection:
    """Why an address cannot be registered, in both languages; the address is not repeated."""

    detail: str
    detail_ja: str


_UNREADABLE = Objection(
    "It is not an absolute address of at most 500 printable ASCII characters.",
    "500 文字以内の ASCII 文字だけの絶対 URL で指定してください。",
)
_AMBIGUOUS = Objection(
    "It has a user, a fragment, a wildcard or a path that can be written in two ways.",
    "ユーザー名、フラグメント、ワイルドカード、別の書き方ができるパスは使えません。",
)
_NOT_HTTPS = Objection(
    "It must begin with https:// and name a host of the public internet; in the sandbox"
    " http://127.0.0.1, http://localhost and http://[::1] are taken too.",
    "https:// と公開されたホスト名で指定してください。"
    "サンドボックスでは http://127.0.0.1・http://localhost・http://[::1] も使えます。",
)
_NOT_PUBLIC = Objection(
    "It must begin with https:// and name a host of the public internet.",
    "https:// と公開されたホスト名で指定してください。",
)
_NOT_AN_ORIGIN = Objection(
    "An origin is a scheme, a host and a port: no path, no query, no slash at the end.",
    "オリジンはスキーム・ホスト・ポートだけで指定してください(末尾の / も不要です)。",
)


def redirect_objection(address: str, *, environment: Environment) -> Objection | None:
    """Return why a code or a person may not be sent to this address, or None."""
    parts = _read(address)
    if parts is None:
        return _UNREADABLE
    if _is_ambiguous(address, parts):
        return _AMBIGUOUS
    return None if _may_answer_at(parts, environment=environment) else _NOT_HTTPS


def origin_objection(address: str, *, environment: Environment) -> Objection | None:
    """Return why a browser's page may not call from this origin (RFC 6454 §6.2), or None."""
    parts = _read(address)
    if parts is None:
        return _UNREADABLE
    if address != f"{parts.scheme}://{parts.netloc}" or "@" in parts.netloc or "*" in address:
        return _NOT_AN_ORIGIN
    return None if _may_answer_at(parts, environment=environment) else _NOT_HTTPS


def fetched_objection(address: str) -> Objection | None:
    """Return why the house may not fetch this address itself, or None.

    The house stands inside: it follows nobody's directions to a machine that others cannot reach,
    in the sandbox neither.
    """
    parts = _read(address)
    if parts is None:
        return _UNREADABLE
    if _is_ambiguous(address, parts):
        return _AMBIGUOUS
    return None if _is_public(parts) else _NOT_PUBLIC


def _read(address: str) -> SplitResult | None:
    if len(address) > _LONGEST or _PLAIN.fullmatch(address) is None:
        return None
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if not parts.scheme or not parts.hostname or port == 0 or (port or 1) > _GREATEST_PORT:
        return None
    return parts


def _is_ambiguous(address: str, parts: SplitResult) -> bool:
    path = f"{parts.path.lower().removesuffix('/')}/"
    return (
        "#" in address
        or "*" in address
        or "@" in parts.netloc
        or any(trick in path for trick in _PATH_TRICKS)
        or parts.netloc != parts.netloc.lower()
    )


def _may_answer_at(parts: SplitResult, *, environment: Environment) -> bool:
    if environment == "sandbox" and parts.scheme == "http":
        return parts.hostname in _LOOPBACK
    return _is_public(parts)


def _is_public(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    return parts.scheme == "https" and not _is_number(host) and _HOST.fullmatch(host) is not None


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
