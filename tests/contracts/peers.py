"""Two who must not see each other's things, as Schemathesis is told of them.

It lets the one make and read things, asks for the same as the other, and fails if that succeeds
(its check `object_level_authorization`). Both may use the same operations, so that nothing but
whose thing it is can make the difference.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from tests.contracts.callers import CALLERS, KITAMI, Caller, Passes

KINOKAWA: Final = "302082"
_METHODS: Final = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """The one who makes things, and the one who must not see them, each with a municipality."""

    name: str
    here: Caller
    there: Caller
    elsewhere: str

    def sign_in(self, base_url: str, keys: Path, folder: Path) -> str:
        """Sign both in and return the configuration that names them."""
        tokens = {
            "here": Passes(base_url, keys).token_of(self.here),
            "there": Passes(base_url, keys, municipality=self.elsewhere).token_of(self.there),
        }
        entries = [
            {
                "name": name,
                "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {token}"}],
            }
            for name, token in tokens.items()
        ]
        path = folder / "auth.json"
        path.write_text(json.dumps({"auth": entries}), encoding="utf-8")
        return f'[auth.wfc]\npath = "{path}"\nuser = "here"\npeers = ["here", "there"]\n'

    def what_they_may(self, description: Mapping[str, Any]) -> dict[str, Any]:
        """Return the description with nothing in it but the operations both may use."""
        paths: dict[str, dict[str, Any]] = {}
        for path, item in description["paths"].items():
            kept = {
                method: item[method]
                for method in _METHODS
                if "x-callers" in item.get(method, {}) and self.here.may(item[method])
            }
            if kept:
                paths[path] = kept
        _cut_links(paths)
        return {**description, "paths": paths}


def _cut_links(paths: Mapping[str, Mapping[str, Any]]) -> None:
    operations = [operation for item in paths.values() for operation in item.values()]
    names = {operation["operationId"] for operation in operations}
    for operation in operations:
        for response in operation["responses"].values():
            links: dict[str, Any] = response.get("links", {})
            for name in links.keys() - names:
                del links[name]


def _of_two_towns(role: str) -> Peers:
    caller = CALLERS[role]
    return Peers(name=f"two-towns-{role}", here=caller, there=caller, elsewhere=KINOKAWA)


def _resident(card_id: str) -> Caller:
    resident = CALLERS["resident"]
    return replace(resident, fields={**resident.fields, "card_id": card_id})


NEIGHBOURS: Final = Peers(
    name="neighbours",
    here=_resident("kitami-hanako"),
    there=_resident("kitami-taro"),
    elsewhere=KITAMI,
)
ONESELF: Final = Peers(
    name="oneself",
    here=_resident("kitami-hanako"),
    there=_resident("kitami-hanako"),
    elsewhere=KITAMI,
)
"""A pair that does share everything: the check must notice, or it notices nothing."""
STRANGERS: Final = (
    NEIGHBOURS,
    Peers(
        name="two-towns-resident",
        here=_resident("kitami-hanako"),
        there=_resident("kinokawa-hanako"),
        elsewhere=KINOKAWA,
    ),
    *map(_of_two_towns, ("registrar", "benefits_officer", "treasurer", "clerk", "counsellor")),
)
