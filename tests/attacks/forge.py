"""Ways in which somebody might pass a paper off as ours, each by the name of what is wrong with it.

A forgery starts from a genuine paper: its claims, the key that signed it, and its kind. Whoever has
no key of ours alters, strips or swaps; and even what our own key signs must say what it should.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from joserfc import jwk, jws

from foundation.identity import SigningKey

_ANYTHING = "anything"
_ALGORITHMS = ["ES256", "Ed25519"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Genuine:
    """A paper as it should be, and the means of its signer."""

    claims: Mapping[str, Any]
    key: SigningKey
    typ: str

    @property
    def head(self) -> dict[str, Any]:
        return {"alg": self.key.algorithm, "typ": self.typ, "kid": self.key.kid}

    @property
    def token(self) -> str:
        return self.signed()

    def signed(
        self, claims: Mapping[str, Any] | None = None, *, without: str = "", **changes: Any
    ) -> str:
        """Return a token our own key really signed, with other claims or another header."""
        head = {name: value for name, value in (self.head | changes).items() if name != without}
        body = json.dumps(dict(self.claims if claims is None else claims)).encode()
        return self.sealed(head, body)

    def saying(self, *, without: str = "", **changes: Any) -> str:
        """Return a token our own key really signed, saying something else."""
        claims = {
            name: value for name, value in (dict(self.claims) | changes).items() if name != without
        }
        return self.signed(claims)

    def sealed(self, head: Mapping[str, Any], body: bytes) -> str:
        """Sign any bytes under any header, as only a fault of our own could."""
        text = f"{part(json.dumps(dict(head)).encode())}.{part(body)}"
        return f"{text}.{part(raw_signature(self.key, text))}"

    def altered(self, **changes: Any) -> str:
        """Return other claims under the genuine signature."""
        head, _, signature = self.token.split(".")
        return f"{head}.{part(json.dumps(dict(self.claims) | changes).encode())}.{signature}"

    def reheaded(self, **changes: Any) -> str:
        """Return another header over the genuine claims and signature."""
        _, body, signature = self.token.split(".")
        return f"{part(json.dumps(self.head | changes).encode())}.{body}.{signature}"

    def by_stranger(self, *, without: str = "", **changes: Any) -> str:
        """Return the same claims signed by a key of the forger's, under a header of theirs."""
        stranger = SigningKey.generate(self.key.algorithm)
        forged = Genuine(claims=self.claims, key=stranger, typ=self.typ)
        if "jwk" in changes:
            changes = {"kid": self.key.kid, "jwk": stranger.public()}
        return forged.signed(None, without=without, **changes)

    def maced(self, secret: bytes, *, algorithm: str = "HS256") -> str:
        """Return the claims under a MAC whose secret the forger can know."""
        digest = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
        head = part(json.dumps(self.head | {"alg": algorithm}).encode())
        text = f"{head}.{self.token.split('.')[1]}"
        return f"{text}.{part(hmac.digest(secret, text.encode(), digest[algorithm]))}"

    def public_pem(self) -> bytes:
        private = load_pem_private_key(self.key.pem(), None)
        return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


Forgery = Callable[[Genuine], str]


def part(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw_signature(key: SigningKey, text: str) -> bytes:
    """Return the signature over a signing input, whatever the header says."""
    head, body = text.split(".")
    imported = jwk.import_key(key.pem(), "OKP" if key.algorithm == "Ed25519" else "EC")
    registry = jws.JWSRegistry(algorithms=_ALGORITHMS)
    model = registry.get_alg(key.algorithm)
    return model.sign(f"{head}.{body}".encode(), imported)


def _flipped(one: Genuine) -> str:
    head, body, signature = one.token.split(".")
    data = bytearray(base64.urlsafe_b64decode(signature + "=="))
    data[5] ^= 1
    return f"{head}.{body}.{part(bytes(data))}"


def _with_signature(signature: bytes) -> Forgery:
    return lambda one: f"{one.token.rpartition('.')[0]}.{part(signature)}"


def _unsigned(algorithm: str) -> Forgery:
    def forge(one: Genuine) -> str:
        head = part(json.dumps(one.head | {"alg": algorithm}).encode())
        return f"{head}.{one.token.split('.')[1]}."

    return forge


SIGNATURES: Mapping[str, Forgery] = {
    **{f"unsigned, alg {name}": _unsigned(name) for name in ("none", "None", "NONE", "nOnE", "")},
    "alg none over the genuine signature": lambda one: one.reheaded(alg="none"),
    "a MAC keyed with the public JWK": lambda one: one.maced(json.dumps(one.key.public()).encode()),
    "a MAC keyed with the public PEM": lambda one: one.maced(one.public_pem()),
    "a MAC of 384 bits keyed with the public PEM": lambda one: one.maced(
        one.public_pem(), algorithm="HS384"
    ),
    "a MAC of 512 bits keyed with the public PEM": lambda one: one.maced(
        one.public_pem(), algorithm="HS512"
    ),
    "a MAC keyed with nothing": lambda one: one.maced(b""),
    "a MAC keyed with the kid": lambda one: one.maced(one.key.kid.encode()),
    "no signature": lambda one: f"{one.token.rpartition('.')[0]}.",
    "no signature and no dot": lambda one: one.token.rpartition(".")[0],
    "half a signature": lambda one: one.token[:-43],
    "one bit of the signature turned": _flipped,
    "a signature of zeros": _with_signature(bytes(64)),
    "a signature of ones": _with_signature(b"\xff" * 64),
    "an empty DER signature": _with_signature(bytes.fromhex("3006020100020100")),
    "the signature of another token": lambda one: (
        one.token.rpartition(".")[0] + "." + one.saying(jti=_ANYTHING).rpartition(".")[2]
    ),
    "alg of another family": lambda one: one.reheaded(alg="RS256"),
    "alg of another curve": lambda one: one.reheaded(alg="ES384"),
    "alg EdDSA for ES256 and back": lambda one: one.reheaded(
        alg="EdDSA" if one.key.algorithm == "ES256" else "ES256"
    ),
    "no alg": lambda one: one.signed(without="alg"),
    "alg that is a number": lambda one: one.signed(alg=1),
    "alg that is a list": lambda one: one.signed(alg=[one.key.algorithm]),
    "signed by a stranger under our kid": lambda one: one.by_stranger(kid=one.key.kid),
    "signed by a stranger under their kid": lambda one: one.by_stranger(),
    "signed by a stranger under no kid": lambda one: one.by_stranger(without="kid"),
}
"""Without a key of ours."""

_STRANGE_KIDS: Mapping[str, Any] = {
    "that is absent": None,
    "that is empty": "",
    "that leads out of a folder": "../../../../dev/null",
    "that is SQL": "' OR '1'='1",
    "that is an address": "https://forger.example/key.pem",
    "that is a number": 0,
    "that is a list": ["a"],
    "that is an object": {"kid": "a"},
    "with a NUL": "a\0b",
    "of ten thousand letters": "k" * 10_000,
}

HEADERS: Mapping[str, Forgery] = {
    **{
        f"a kid {name}": lambda one, kid=kid: one.signed(
            kid=kid, without="" if kid is not None else "kid"
        )
        for name, kid in _STRANGE_KIDS.items()
    },
    "a key of the forger's inside the header": lambda one: one.by_stranger(jwk=True),
    "a key set of the forger's by address": lambda one: one.by_stranger(
        kid=one.key.kid, jku="https://forger.example/jwks.json"
    ),
    "a certificate of the forger's by address": lambda one: one.by_stranger(
        kid=one.key.kid, x5u="https://forger.example/cert.pem"
    ),
    "a certificate of the forger's inside the header": lambda one: one.by_stranger(
        kid=one.key.kid, x5c=["MIIB"]
    ),
    "an extension that must be understood": lambda one: one.signed(crit=["exp"], exp=1),
    "an extension nobody knows": lambda one: one.signed(crit=["https://forger.example"]),
    "a payload that is not encoded": lambda one: one.signed(b64=False, crit=["b64"]),
    "no kind": lambda one: one.signed(without="typ"),
    "a kind that is a list": lambda one: one.signed(typ=[one.typ]),
    **{
        f"the kind {typ}": lambda one, typ=typ: one.signed(typ="JWT" if typ == one.typ else typ)
        for typ in (
            "JWT",
            "at+jwt",
            "internal+jwt",
            "id+jwt",
            "logout+jwt",
            "dpop+jwt",
            "client-authentication+jwt",
            "token-introspection+jwt",
            "secevent+jwt",
        )
    },
}
"""What stands above the claims."""


def _duplicated(name: str, value: Any) -> Forgery:
    """Return claims that name one thing twice; two readers could take a different one each."""

    def forge(one: Genuine) -> str:
        body = json.dumps(dict(one.claims))
        return one.sealed(
            one.head, f"{{{json.dumps(name)}: {json.dumps(value)}, {body[1:]}".encode()
        )

    return forge


SHAPES: Mapping[str, Forgery] = {
    "nothing": lambda _: "",
    "one dot": lambda _: ".",
    "two dots": lambda _: "..",
    "five parts, as if encrypted": lambda one: one.token + ".a.b",
    "four parts": lambda one: one.token + ".a",
    "JSON serialisation": lambda one: json.dumps(
        dict(zip(("protected", "payload", "signature"), one.token.split("."), strict=True))
    ),
    "padding after each part": lambda one: ".".join(p + "=" for p in one.token.split(".")),
    "a letter no base64url has": lambda one: one.token.replace(".", ".*", 1),
    "a line break inside": lambda one: one.token[:40] + "\n" + one.token[40:],
    "a space inside": lambda one: one.token[:40] + " " + one.token[40:],
    "a comma and another token": lambda one: f"{one.token},{one.token}",
    "claims that are no JSON": lambda one: one.sealed(one.head, b"tenant=012084"),
    "claims that are a list": lambda one: one.sealed(one.head, b"[]"),
    "claims that are a text": lambda one: one.sealed(one.head, b'"admin"'),
    "claims that are null": lambda one: one.sealed(one.head, b"null"),
    "claims that are no UTF-8": lambda one: one.sealed(one.head, b'{"sub": "\xff"}'),
    "claims nested ten thousand deep": lambda one: one.sealed(
        one.head, b'{"a":' * 10_000 + b"1" + b"}" * 10_000
    ),
    "a hundred kilobytes": lambda one: one.saying(filler="x" * 100_000),
    "a header that is no JSON": lambda one: f"{part(b'alg')}.{one.token.partition('.')[2]}",
    "a header that is a list": lambda one: f"{part(b'[]')}.{one.token.partition('.')[2]}",
    "the tenant named twice": _duplicated("tenant", "131016"),
    "the subject named twice": _duplicated("sub", _ANYTHING),
    "the end named twice": _duplicated("exp", 9_999_999_999),
}
"""How it is put together."""

ALTERATIONS: Mapping[str, Forgery] = {
    f"another {name} under the genuine signature": lambda one, name=name, value=value: one.altered(
        **{name: value}
    )
    for name, value in {
        "tenant": "131016",
        "sub": _ANYTHING,
        "kind": "machine",
        "roles": ["administrator"],
        "scope": "platform:write benefits:pay",
        "client_id": "operations",
        "acr": "aal9",
        "auth_time": 9_999_999_999,
        "exp": 9_999_999_999,
        "aud": _ANYTHING,
        "resident_id": "00000000-0000-7000-8000-000000000000",
        "sid": _ANYTHING,
        "jti": _ANYTHING,
        "cnf": {},
        "act": {"sub": _ANYTHING},
    }.items()
}
"""Somebody else's rights under one's own signature."""

NOW = "now"


def _claims(lifetime: int) -> Mapping[str, Forgery]:
    """Return what our key might sign and nobody should believe; `lifetime` in seconds."""
    return {
        **{
            f"without {name}": lambda one, name=name: one.saying(without=name)
            for name in (
                "iss",
                "aud",
                "exp",
                "iat",
                "tenant",
                "kind",
                "sub",
                "client_id",
                "scope",
            )
        },
        "from another issuer": lambda one: one.saying(iss="https://forger.example"),
        "from our issuer with a slash": lambda one: one.saying(iss=f"{one.claims['iss']}/"),
        "from a list of issuers": lambda one: one.saying(iss=[one.claims["iss"]]),
        "for somebody else": lambda one: one.saying(aud="https://elsewhere.example"),
        "for nobody": lambda one: one.saying(aud=[]),
        "for two": lambda one: one.saying(aud=[one.claims["aud"], "https://elsewhere.example"]),
        "expired": lambda one: one.saying(iat=1, exp=2),
        "expired this second": lambda one: one.saying(exp=one.claims["iat"]),
        "with an end that is a text": lambda one: one.saying(exp=str(one.claims["exp"])),
        "with an end that is true": lambda one: one.saying(exp=True),
        "with an end that is negative": lambda one: one.saying(exp=-1),
        "with an end beyond all numbers": lambda one: one.saying(exp=10**400),
        "with an end that is a fraction": lambda one: one.saying(exp=one.claims["exp"] + 0.5),
        "that lives too long": lambda one: one.saying(exp=one.claims["iat"] + lifetime + 60),
        "not yet valid": lambda one: one.saying(nbf=one.claims["exp"]),
        "from the future": lambda one: one.saying(
            iat=one.claims["iat"] + 3_600, exp=one.claims["exp"] + 3_600
        ),
        "of a municipality there is not": lambda one: one.saying(tenant="999999"),
        "of a municipality that is a number": lambda one: one.saying(tenant=12_084),
        "of two municipalities": lambda one: one.saying(tenant=["012084", "131016"]),
        "of an unknown kind": lambda one: one.saying(kind="superuser"),
        "of a kind that is a list": lambda one: one.saying(kind=["official"]),
        "with scopes in a list": lambda one: one.saying(scope=["platform:read"]),
        "with a role there is not": lambda one: one.saying(kind="official", roles=["mayor"]),
        "with roles in a text": lambda one: one.saying(kind="official", roles="administrator"),
        "with a subject that is a number": lambda one: one.saying(sub=1),
        "signed in at a text": lambda one: one.saying(auth_time="2026-11-23"),
        "bound to a record that is no number of ours": lambda one: one.saying(
            kind="resident", resident_id="../1"
        ),
    }


ACCESS_CLAIMS = _claims(600)
INTERNAL_CLAIMS = _claims(30)
EVERYTHING_BUT_CLAIMS: Mapping[str, Forgery] = {
    **SIGNATURES,
    **HEADERS,
    **SHAPES,
    **ALTERATIONS,
}
