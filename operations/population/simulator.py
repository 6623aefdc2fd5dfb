"""Writes who exists in the simulated world: virtual cards, officials, and the gateway as a client.

Everybody here is invented, and the PINs and passwords are printed on the start panel: these files
are read by the identity simulator only, which does not start outside development.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from foundation.identifiers import MunicipalityCode
from operations.files import write_private

from .cast import Scene, prefix_of, scenes_of
from .chance import age_on
from .generator import AS_OF, SIZES, generate
from .residents import Household, Resident

PIN = "1234"
SIGN_PIN = "ABC123"
PASSWORD = "demo"  # noqa: S105 - of invented officials, for the simulator only
DEMONSTRATIONS = tuple(MunicipalityCode.parse(code) for code in SIZES)

_SIGNS_FROM_AGE = 15
_VARIED = "taro"
_Card = dict[str, str | int | None]
_VARIANTS: Mapping[str, _Card] = {
    "locked": {"condition": "locked"},
    "sign-locked": {"condition": "sign_locked"},
    "address-changed": {"condition": "moved"},
    "ward": {"condition": "ward"},
    "copied": {"condition": "wrong_key"},
    "taro-phone": {"carrier": "phone"},
    "taro-renewed": {"renewals": 1},
    "taro-reissued": {"person": None},
}
"""What may befall one person's card: all are Taro's, so that each is a story about the same record.

Cards of one person give one pseudonym; the re-issued one alone gives another.
"""
_OFFICIALS = (
    ("registrar1", "registrar", "戸籍　守"),
    ("benefits1", "benefits_officer", "給付　栄子"),
    ("benefits2", "benefits_officer", "支給　和也"),
    ("treasurer1", "treasurer", "出納　正一"),
    ("treasurer2", "treasurer", "会計　久美"),
    ("clerk1", "clerk", "窓口　明美"),
    ("clerk2", "clerk", "受付　健"),
    ("counsellor1", "counsellor", "相談　恵"),
    ("counsellor2", "counsellor", "福祉　直樹"),
    ("administrator1", "administrator", "情報　進"),
    ("administrator2", "administrator", "運用　香織"),
    ("auditor1", "auditor", "監査　誠"),
)


def write_simulator_files(
    directory: Path,
    *,
    base_url: str,
    codes: Sequence[MunicipalityCode] = DEMONSTRATIONS,
) -> None:
    """Write `cards.json`, `officials.json` and `clients.json`, private and only when they differ.

    Whoever came on board since stays, and so does an address below `base_url` that somebody
    registered for a client.

    Args:
        directory: the simulator's folder.
        base_url: the gateway's public address, its issuer: callbacks and keys are found below it.
        codes: who is to be there.
    """
    before = _read(directory / "officials.json").get("officials", ())
    there = {MunicipalityCode.parse(one["municipality_code"]) for one in before}
    everyone = (*codes, *sorted(there.difference(codes)))
    issuer, known = base_url.rstrip("/"), _read(directory / "clients.json")
    _write(directory / "cards.json", {"cards": list(_cards(everyone))})
    _write(directory / "officials.json", {"officials": list(_officials(everyone))})
    _write(
        directory / "clients.json",
        _with_registered(_clients(everyone, base_url=issuer), known, below=f"{issuer}/"),
    )


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _with_registered(
    clients: dict[str, Any], known: Mapping[str, Any], *, below: str
) -> dict[str, Any]:
    """Give clients back the addresses of ours that were registered for them by hand."""
    before: dict[tuple[str, str], list[str]] = {
        (code, one["client_id"]): one["redirect_uris"]
        for code, ours in _by_provider(known)
        for one in ours
    }
    for code, ours in _by_provider(clients):
        for client in ours:
            kept = before.get((code, client["client_id"]), ())
            more = [uri for uri in kept if uri.startswith(below)]
            client["redirect_uris"] = list(dict.fromkeys([*client["redirect_uris"], *more]))
    return clients


def _by_provider(clients: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "resident", clients.get("resident", ())
    yield from clients.get("official", {}).items()


def _write(path: Path, content: object) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_private(path, text)


def _cards(codes: Iterable[MunicipalityCode]) -> Iterator[_Card]:
    for code in codes:
        scenes = scenes_of(code)
        # The cast is registered first, in the order of its scenes.
        households = generate(code).households if scenes else ()
        for scene, household in zip(scenes, households, strict=False):
            for card in _cards_of(code, scene, household):
                yield card
                if card["card_id"] == f"{prefix_of(code)}-{_VARIED}":
                    yield from _variants(card, prefix=prefix_of(code))


def _variants(card: _Card, *, prefix: str | None) -> Iterator[_Card]:
    for suffix, change in _VARIANTS.items():
        yield {**card, "card_id": f"{prefix}-{suffix}", "person": card["card_id"], **change}


def _cards_of(code: MunicipalityCode, scene: Scene, household: Household) -> Iterator[_Card]:
    for player, resident in zip(scene.players, household.residents, strict=True):
        if player.card is None:
            continue
        name, substitutes = _as_printed(resident, with_substitutes=player.suffix == "newcomer")
        may_sign = age_on(AS_OF, resident.born_on) >= _SIGNS_FROM_AGE
        yield {
            "card_id": f"{prefix_of(code)}-{player.suffix}",
            "municipality_code": code,
            "name": name,
            "kana": resident.name.kana,
            "birth_on": resident.born_on.isoformat(),
            "gender": resident.gender,
            "address": household.address.text,
            "pin": PIN,
            "sign_pin": SIGN_PIN if may_sign else None,
            "condition": player.card,
            "name_substitutes": substitutes,
        }


def _as_printed(resident: Resident, *, with_substitutes: bool) -> tuple[str, str]:
    """Return the name on a card and its substitute flags, one per character.

    A card may carry a common glyph where the register has a rare one; the flag 1 says so.
    """
    name = resident.name
    if not with_substitutes:
        return name.formal, ""
    flags = zip(_shapes(name.formal), name.display, strict=True)
    return name.display, "".join("0" if shape == glyph else "1" for shape, glyph in flags)


def _shapes(text: str) -> Iterator[str]:
    """Yield each character together with the variation selector that follows it."""
    shape = ""
    for character in text:
        if shape and not 0xE0100 <= ord(character) <= 0xE01EF:  # noqa: PLR2004 - Unicode, IVS
            yield shape
            shape = ""
        shape += character
    if shape:
        yield shape


def _officials(codes: Iterable[MunicipalityCode]) -> Iterator[dict[str, str | list[str]]]:
    for code in codes:
        for username, group, name in _OFFICIALS:
            yield {
                "username": username,
                "password": PASSWORD,
                "name": name,
                "municipality_code": code,
                "groups": [group],
            }


def _clients(codes: Iterable[MunicipalityCode], *, base_url: str) -> dict[str, Any]:
    """Describe the gateway as relying party: to residents' provider as one client per tenant.

    One client for all would let the pairwise subject link a person across municipalities.
    """
    known = tuple(codes)

    def client(client_id: str, told_at: str) -> dict[str, object]:
        return {
            "client_id": client_id,
            "redirect_uris": [f"{base_url}/oauth/callback"],
            "jwks_uri": f"{base_url}/oauth/client-jwks.json",
            "backchannel_logout_uri": f"{base_url}/oauth/backchannel-logout/{told_at}",
        }

    def residents_client(code: MunicipalityCode) -> dict[str, object]:
        # Whoever comes back from signing a document comes back by a way of their own.
        uris = [f"{base_url}/oauth/callback", f"{base_url}/oauth/signed"]
        return client(f"tamaire-{code}", f"{code}/resident") | {"redirect_uris": uris}

    return {
        "resident": [residents_client(code) for code in known],
        "official": {str(code): [client("tamaire", f"{code}/official")] for code in known},
    }
