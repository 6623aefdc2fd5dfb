"""Writes which businesses exist in the simulated world: invented, each to show one case."""

import json
from pathlib import Path

from operations.files import write_private

PASSWORD = "demo"  # noqa: S105 - of invented accounts, for the simulator only

_NURSERY = "2700150000017"
_ACCOUNTS: tuple[dict[str, object], ...] = (
    {
        "account_id": "kitami-hoikuen",
        "account_type": "2",
        "corporate_number": _NURSERY,
        "name": "社会福祉法人きたみ保育会",
        "user_last_nm": "代表",
        "user_first_nm": "一郎",
    },
    {
        "account_id": "kitami-hoikuen-staff",
        "account_type": "3",
        "parent_id": "kitami-hoikuen",
        "corporate_number": _NURSERY,
        "name": "社会福祉法人きたみ保育会",
        "mandate_info": [{"service": "tamaire"}],
    },
    {
        "account_id": "kitami-hoikuen-newcomer",
        "account_type": "3",
        "parent_id": "kitami-hoikuen",
        "corporate_number": _NURSERY,
        "name": "社会福祉法人きたみ保育会",
    },
    {
        "account_id": "kitami-shoten",
        "account_type": "2",
        "corp_type": "2",
        "name": "北見商店",
    },
    {
        "account_id": "kitami-shoten-staff",
        "account_type": "3",
        "corp_type": "2",
        "parent_id": "kitami-shoten",
        "name": "北見商店",
    },
    {
        "account_id": "kitami-entry",
        "account_type": "1",
        "corporate_number": _NURSERY,
        "name": "自称きたみ保育会",
    },
    {
        "account_id": "kitami-suspended",
        "account_type": "2",
        "corp_type": "2",
        "name": "停止商会",
        "condition": "suspended",
    },
)


def write_businesses(directory: Path, *, base_url: str, secret: str) -> None:
    """Write `businesses.json`, private and only when it differs.

    Args:
        directory: the simulator's folder.
        base_url: the gateway's public address, its issuer.
        secret: what the one client of the whole platform proves itself with.
    """
    client = {
        "client_id": "tamaire",
        "client_secret": secret,
        "redirect_uris": [f"{base_url.rstrip('/')}/oauth/callback"],
    }
    accounts = [one | {"password": PASSWORD} for one in _ACCOUNTS]
    document = {"clients": [client], "accounts": accounts}
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    path = directory / "businesses.json"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_private(path, text)
