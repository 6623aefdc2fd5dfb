"""An authority and its leaves, for tests that break one thing at a time."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from infra.identity.jpki.authority import Authority, Order
from infra.identity.jpki.keys import new_rsa_key
from infra.identity.jpki.profile import Kind
from tests.infra.identity.world import START, TurnableClock

ADDRESS = "http://op.test/jpki/authentication"


@cache
def card_key() -> RSAPrivateKey:
    """One key for every leaf: what is judged here is never the key's freshness."""
    return new_rsa_key()


def authority(directory: Path, clock: TurnableClock, kind: Kind = Kind.AUTHENTICATION) -> Authority:
    return Authority(kind, directory=directory, address=ADDRESS, clock=clock)


ORDER = Order(
    common_name="20260601120000abc",
    policy=Kind.AUTHENTICATION.policy,
    not_before=START - timedelta(days=1),
    not_after=START + timedelta(days=1),
)


def issue(root: Authority, key: RSAPrivateKey | None = None, **changes: Any) -> x509.Certificate:
    return root.issue(replace(ORDER, **changes), (key or card_key()).public_key())
