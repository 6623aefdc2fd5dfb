"""The front ends and machines of the demonstration, and the keys the machines prove themselves by.

Each is what a vendor would register: a name, what it may ask for, and public keys. The private
halves are written beside the data, readable by their owner alone, for whoever plays the vendor.

All are the house's own, of the profile `first_party`: `demo-vendor` plays a vendor with a bearer
token, so that a first look needs nothing but curl. Whoever registers is held to `third_party` or
`machine` (gateway/clients/profiles.py), and so are the examples in examples/.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foundation.identity import SigningKey

NATION = "000000"
"""Where those sign in who run the platform: what they speak of may not be on board yet."""
RESIDENT_SCOPES = (
    "openid",
    "platform:read",
    "platform:self",
    "registry:read",
    "benefits:read",
    "benefits:write",
    "window-dx:read",
    "window-dx:write",
)
OFFICIAL_SCOPES = (
    "openid",
    "platform:read",
    "platform:self",
    "platform:write",
    "registry:read",
    "registry:write",
    "registry:import",
    "registry:events",
    "benefits:read",
    "benefits:write",
    "benefits:pay",
    "benefits:events",
    "window-dx:read",
    "window-dx:write",
    "window-dx:events",
    "consultation:read",
    "consultation:write",
    "consultation:events",
)
SHARED_OFFICIAL_SCOPES = tuple(
    scope
    for scope in OFFICIAL_SCOPES
    if scope not in ("registry:import", "registry:write", "platform:write")
)
"""In the sandbox everybody knows every password: nobody there changes what all rely on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoClient:
    """A client as registered; `only_in` limits the municipalities that give it leave."""

    client_id: str
    name: str
    kind: str
    scopes: tuple[str, ...]
    redirect_paths: tuple[str, ...] = ()
    only_in: frozenset[str] | None = None
    environment: str = "production"
    """`sandbox` for the twins that act in the sandbox, and nowhere else."""

    def acts_in(self, code: str) -> bool:
        """Whether a municipality gives it leave; the nation does only where it is named."""
        return code != NATION if self.only_in is None else code in self.only_in

    @property
    def has_keys(self) -> bool:
        return self.kind == "machine"


CLIENTS = (
    DemoClient(
        client_id="demo-portal",
        name="住民ポータル(デモ)",
        kind="resident",
        scopes=RESIDENT_SCOPES,
        redirect_paths=("/demo/callback",),
    ),
    DemoClient(
        client_id="demo-desk",
        name="職員画面(デモ)",
        kind="official",
        scopes=OFFICIAL_SCOPES,
        redirect_paths=("/demo/callback",),
    ),
    DemoClient(
        client_id="demo-business",
        name="事業者画面(デモ)",
        kind="business",
        scopes=("openid", "platform:read"),
        redirect_paths=("/demo/callback",),
    ),
    DemoClient(
        client_id="demo-vendor",
        name="連携事業者(デモ)",
        kind="machine",
        scopes=("benefits:events", "benefits:read"),
        only_in=frozenset({"012084"}),
    ),
    DemoClient(
        client_id="operations",
        name="住民データの取込み",
        kind="machine",
        scopes=("registry:import",),
    ),
    DemoClient(
        client_id="operator",
        name="基盤の運用",
        kind="machine",
        scopes=("platform:read",),
        only_in=frozenset({NATION}),
    ),
    DemoClient(
        client_id="sandbox-portal",
        name="住民ポータル(試験用)",
        kind="resident",
        scopes=RESIDENT_SCOPES,
        redirect_paths=("/demo/callback",),
        environment="sandbox",
    ),
    DemoClient(
        client_id="sandbox-desk",
        name="職員画面(試験用)",
        kind="official",
        scopes=SHARED_OFFICIAL_SCOPES,
        redirect_paths=("/demo/callback",),
        environment="sandbox",
    ),
    DemoClient(
        client_id="sandbox-operations",
        name="住民データの取込み(試験用)",
        kind="machine",
        scopes=("registry:import",),
        environment="sandbox",
    ),
)


def public_keys(client: DemoClient, folder: Path) -> Mapping[str, Any] | None:
    """Return a machine's public keys, making the private one in `folder` if there is none."""
    if not client.has_keys:
        return None
    key = SigningKey.load_or_create(folder / f"{client.client_id}.pem", "ES256")
    return {"keys": [key.public()]}
