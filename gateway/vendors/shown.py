"""What a municipality was shown of a product when it gave its leave, and that it stays so.

A leave is given to a name, to an organisation, and to the places people are led to; a resident is
asked for consent in the same words. If they could change afterwards, a town's leave would stand
under a name it never read. So, once any municipality was asked, they are fixed, and who wants
other ones registers another client and asks anew: every municipality then decides about what it
sees, at its own time. (A changed name that waits for each town's word would leave one client with
two names at once, and a resident with the wrong one.)

What a product needs to live on stays free: other paths on the same hosts, fewer addresses, other
scopes (each leave names its own), keys, and whom to write to within the same mail domain, for
people leave.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from .registration import Registration, RegistrationFault
from .repository import Registered, Vendor

DOCUMENTS: Final = ("client_uri", "policy_uri", "tos_uri")
"""Of what a product says about itself, what a municipality reads."""
_ADDRESSES: Final = ("redirect_uris", "post_logout_redirect_uris", "origins")


def hosts_of(client: Mapping[str, Any]) -> frozenset[str]:
    """Return every host a product leads people, or what it knows of them, to."""
    named = [address for member in _ADDRESSES for address in client[member]]
    if client["backchannel_logout_uri"] is not None:
        named.append(client["backchannel_logout_uri"])
    return frozenset(host_of(address) for address in named)


def host_of(address: str) -> str:
    """Return the host of an address as it is shown: with its port, if it names one."""
    return urlsplit(address).netloc


def faults(present: Registered, found: Registration, vendor: Vendor) -> Iterator[RegistrationFault]:
    """Return what a changed registration would turn into something nobody gave leave to."""
    yield from vendor_faults(present, vendor)
    if present.shown_at is None:
        return
    if found.client_name != present.client["name"]:
        yield _fixed("/client_name")
    for name in DOCUMENTS:
        if found.about.get(name) != present.about.get(name):
            yield _fixed(f"/{name}")
    yield from _strangers(found, hosts_of(present.client))


def _strangers(found: Registration, known: frozenset[str]) -> Iterator[RegistrationFault]:
    for member in _ADDRESSES:
        given: Sequence[str] = getattr(found, member)
        for place, address in enumerate(given):
            if host_of(address) not in known:
                yield _fixed(f"/{member}/{place}")
    told = found.backchannel_logout_uri
    if told is not None and host_of(told) not in known:
        yield _fixed("/backchannel_logout_uri")


def vendor_faults(present: Registered, vendor: Vendor) -> Iterator[RegistrationFault]:
    """Return what would make another organisation of one that municipalities know.

    It is the same organisation for all of a vendor's clients: one of the sandbox renames no other.
    """
    if present.vendor_shown_at is None:
        return
    if vendor.organization_name != present.vendor.organization_name:
        yield _fixed("/organization_name")
    known = {_domain(contact) for contact in present.vendor.contacts}
    for place, contact in enumerate(vendor.contacts):
        if _domain(contact) not in known:
            yield _fixed(f"/contacts/{place}")


def _domain(contact: str) -> str:
    return contact.rpartition("@")[2].lower()


def _fixed(member: str) -> RegistrationFault:
    return RegistrationFault(
        member,
        "A municipality was shown what stands here and decided about it, so it stays: the names,"
        " the documents, the hosts of the addresses and the mail domain of the contacts. Register"
        " another client with the new ones, and ask the municipalities for leave anew.",
        "自治体に示した内容(名称・文書・戻り先などのホスト・連絡先のメールドメイン)は変更できません。"
        "新しい内容で別のクライアントを登録し、自治体に申請し直してください。",
    )
