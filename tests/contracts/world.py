"""What there is in a house: the numbers of real things, so that a test gets past the first 404.

Read from the published interface itself: from its lists when a run begins, and from every answer
afterwards.
"""

import re
from collections.abc import Iterator, Mapping, MutableMapping
from itertools import count
from typing import Any, Final, cast

import httpx

from tests.contracts.callers import CALLERS, KITAMI, Passes

_PARAMETER: Final = re.compile(r"\{([a-z_]+)\}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SEARCH: Final = "/registry/v1/residents"
_ME: Final = "/platform/v1/me"
_TEXTS: Final = frozenset({"code", "subject"})
_OF_FOUR: Final = 4
_MOST: Final = 200


class World:
    """The numbers that were given out, by the name under which a path or a body asks for them."""

    def __init__(self, paths: Mapping[str, Any]) -> None:
        self._paths = paths
        self._numbers: dict[str, list[str]] = {"code": [KITAMI]}
        self._turn = count()

    def look_around(self, http: httpx.Client, passes: Passes) -> None:
        """Read every list, and who everybody is, each as somebody who may."""
        for path, item in self._paths.items():
            operation = item.get("get", {})
            if "{" in path or "x-callers" not in operation:
                continue
            for caller in (one for one in CALLERS.values() if one.may(operation)):
                headers = {"Authorization": f"Bearer {passes.token_of(caller)}"}
                if len(operation["x-purposes"]) > 1:
                    headers["Tamaire-Purpose"] = operation["x-purposes"][0]
                params = {"kana": "キタミ"} if path == _SEARCH else {}
                self.learn(path, http.get(path, headers=headers, params=params).json())
        for caller in CALLERS.values():
            headers = {"Authorization": f"Bearer {passes.token_of(caller)}"}
            self._note("subject", http.get(_ME, headers=headers).json()["subject"])

    def learn(self, path: str, document: Any) -> None:
        """Remember what an answer, or the entries of its list, name."""
        if not isinstance(document, dict):
            return
        answer = cast("dict[str, Any]", document)
        items = cast("list[dict[str, Any]]", answer.get("items", []))
        for entry in [answer, *items]:
            for name, value in _identifiers(path, entry, self._paths):
                self._note(name, value)

    def put_into(self, values: MutableMapping[str, Any], *, with_texts: bool) -> None:
        """Replace three of four invented numbers by real ones; a number given out is left alone.

        `with_texts`: also those whose form is not their own, which are texts like any other.
        """
        for name, value in values.items():
            real = self._numbers.get(name, [])
            if not real or value in real or not _is_a_number(name, value, with_texts=with_texts):
                continue
            turn = next(self._turn)
            if turn % _OF_FOUR:
                values[name] = real[-1 - turn % min(len(real), _MOST)]

    def _note(self, name: str, value: str) -> None:
        known = self._numbers.setdefault(name, [])
        if value not in known:
            known.append(value)


def _is_a_number(name: str, value: object, *, with_texts: bool) -> bool:
    if not isinstance(value, str):
        return False
    return (with_texts and name in _TEXTS) or _UUID.fullmatch(value) is not None


def _identifiers(
    path: str, entry: Mapping[str, Any], paths: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    for name, value in entry.items():
        if name.endswith("_id") and isinstance(value, str) and _UUID.fullmatch(value):
            yield name, value
    below = next((place for place in paths if place.startswith(f"{path}/{{")), None)
    if below is not None and isinstance(entry.get("id"), str):
        yield _PARAMETER.findall(below.removeprefix(path))[0], entry["id"]
