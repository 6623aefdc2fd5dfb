"""What never reaches a log: names, dates of birth, addresses, numbers of people, secrets.

A log is copied to places with weaker doors than the database. So the rule is made of two sieves,
either of which may be too eager: the *name* under which a value is logged, and the *look* of any
text. Losing a harmless word costs a minute; letting through a name costs somebody's safety.
"""

import re
from collections.abc import Mapping, Set as AbstractSet
from typing import Any, cast

from pydantic import SecretBytes, SecretStr

BLANK = "***"

_PERSONAL = (
    "name kana alias latin furigana resident_number household_number individual_number my_number"
    " address postal_code street birth gender sex nationality phone mobile tel fax email mail"
    " account branch_code holder payee income tax_status disability narrative memo remarks body"
)
_OPENING_DOORS = (
    "token authorization password passwd secret pin cookie session_key private_key key_material"
    " assertion credential signature otp code_verifier dsn database_url idempotency_key api_key"
)
_SENSITIVE = tuple(f"{_PERSONAL} {_OPENING_DOORS}".split())

_HARMLESS = frozenset(
    {
        "logger_name",
        "function_name",
        "module_name",
        "file_name",
        "event_name",
        "service_name",
        "constraint_name",
        "table_name",
        "column_name",
        "schema_name",
        "application_name",
        "client_name",
    }
)
"""Keys that end like a person's but name a thing of ours; their values are still sieved by look."""

_SENSITIVE_KEY = re.compile(r"(?:^|_)(?:" + "|".join(_SENSITIVE) + r")s?(?:_|$)")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATORS = str.maketrans("-. ", "___")

_NOT_AFTER_DIGITS = r"(?<!\d)(?<!\d\.)"
_NOT_BEFORE_DIGITS = r"(?!\d|\.\d)"
_HYPHEN = r"[\s\-－‐‑–—―ー−]?"
_JAPANESE = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
)

_LOOKS = (
    # A JWT or any other compact JOSE object (RFC 7515 §3.1), which begins with base64url of `{"`.
    re.compile(r"eyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){1,4}"),
    re.compile(r"(?i)\b(?:bearer|basic|dpop|internal)\s+[A-Za-z0-9._~+/=-]{6,}"),
    re.compile(r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|\Z)", re.DOTALL),
    # user:password@ in a connection string.
    re.compile(r"(?<=://)[^\s/@]+:[^\s/@]+(?=@)"),
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    # 個人番号, twelve digits however they are grouped or typed; \d on purpose: full width counts.
    re.compile(rf"{_NOT_AFTER_DIGITS}\d(?:{_HYPHEN}\d){{11}}{_NOT_BEFORE_DIGITS}"),
    # A bank account has seven digits, a telephone number ten or eleven, often grouped.
    re.compile(rf"{_NOT_AFTER_DIGITS}\d{{7}}{_NOT_BEFORE_DIGITS}"),
    re.compile(rf"{_NOT_AFTER_DIGITS}[0０](?:{_HYPHEN}\d){{9,10}}{_NOT_BEFORE_DIGITS}"),
    # Our own lines are English: Japanese in them is data, and most often somebody's name.
    re.compile(
        f"[{_JAPANESE}\U00020000-\U0003ffff][{_JAPANESE}\U000e0100-\U000e01ef\U00020000-\U0003ffff]*"
    ),
)

_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_INSTANT = re.compile(r"\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})")
_KEPT = re.compile(f"{_UUID.pattern}|{_INSTANT.pattern}", re.IGNORECASE)

_LONGEST_TEXT = 4_096
_DEEPEST = 6
_INDIVIDUAL_NUMBER = range(10**11, 10**12)
_PRINTED_AS_THEY_ARE = frozenset({"uuid", "datetime", "pathlib", "decimal", "ipaddress"})


def is_sensitive_key(key: str) -> bool:
    """Tell whether what is logged under this name is about a person or opens a door.

    A name that is not ASCII is none of ours, so it is taken for a form's: 氏名, 口座番号.
    """
    plain = _CAMEL.sub("_", key).lower().translate(_SEPARATORS)
    if plain in _HARMLESS:
        return False
    return not plain.isascii() or _SENSITIVE_KEY.search(plain) is not None


def redacted_text(text: str) -> str:
    """Return free text with everything that looks like a person's number or a secret blanked.

    Identifiers of records (UUIDs) and instants are kept, although they are full of digits.
    """
    shortened = text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + "…"
    parts: list[str] = []
    position = 0
    for kept in _KEPT.finditer(shortened):
        parts += (_sieved(shortened[position : kept.start()]), kept.group())
        position = kept.end()
    parts.append(_sieved(shortened[position:]))
    return "".join(parts)


def redacted(value: Any, *, depth: int = 0) -> Any:
    """Return a value that may be logged, whatever it was; what is unknown becomes its type's name.

    An object is never printed: its `repr` is written by somebody who did not think of logs.
    """
    match value:
        case bool() | float() | None:
            return value
        case int():
            return BLANK if abs(value) in _INDIVIDUAL_NUMBER else int(value)
        case str():
            return redacted_text(value)
        case SecretStr() | SecretBytes() | bytes() | bytearray() | memoryview():
            return BLANK
        case _:
            return _composite(value, depth) if depth < _DEEPEST else BLANK


def entry(key: str, value: Any, *, depth: int = 0) -> Any:
    """Return what may be logged under this key."""
    if is_sensitive_key(key) and value is not None and not isinstance(value, bool):
        return BLANK
    return redacted(value, depth=depth + 1)


def _composite(value: Any, depth: int) -> Any:
    if isinstance(value, Mapping):
        items = cast("Mapping[Any, Any]", value).items()
        return {redacted_text(str(key)): entry(str(key), item, depth=depth) for key, item in items}
    if isinstance(value, list | tuple | AbstractSet):
        return [redacted(item, depth=depth + 1) for item in cast("list[Any]", value)]
    if type(value).__module__ in _PRINTED_AS_THEY_ARE:
        return redacted_text(str(value))
    return f"<{type(cast('object', value)).__qualname__}>"


def _sieved(text: str) -> str:
    for look in _LOOKS:
        text = look.sub(BLANK, text)
    return text
