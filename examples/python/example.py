"""A vendor's system, from nothing to its first calls in the sandbox. Needs httpx and cryptography.

python example.py http://127.0.0.1:8200
"""

import base64
import hashlib
import json
import secrets
import sys
import time
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def base64url(data: bytes) -> str:
    """Return base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class SigningKey:
    """A P-256 key. Keep it in a file of mode 0600 or a key store; only its public half leaves."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())
        numbers = self._private.public_key().public_numbers()
        x, y = (base64url(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        self.public = {"kty": "EC", "crv": "P-256", "x": x, "y": y}
        members = {name: self.public[name] for name in ("crv", "kty", "x", "y")}
        text = json.dumps(members, separators=(",", ":"))
        self.kid = base64url(hashlib.sha256(text.encode()).digest())  # RFC 7638

    def sign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """Return a compact JWT (ES256: the two numbers of the signature, 32 bytes each)."""
        parts = ({"alg": "ES256", **header}, claims)
        text = ".".join(base64url(json.dumps(part).encode()) for part in parts)
        der = self._private.sign(text.encode(), ec.ECDSA(hashes.SHA256()))
        signature = b"".join(number.to_bytes(32, "big") for number in decode_dss_signature(der))
        return f"{text}.{base64url(signature)}"


class Refused(Exception):
    """A refusal: what happened, what to do, and whether to come back (RFC 9457)."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.problem: dict[str, Any] = response.json()
        self.retry_after = int(response.headers.get("retry-after", "0"))
        super().__init__(self.problem.get("type") or self.problem.get("error"))


class Tamaire:
    """One client of ours, in one municipality."""

    def __init__(self, house: str, key: SigningKey) -> None:
        self._http = httpx.Client(base_url=house, timeout=30)
        self._house, self._key = house, key
        self._client_id = self._municipality = self._token = ""
        self._token_until = 0.0

    def register(self, **metadata: Any) -> dict[str, Any]:
        """Register (RFC 7591): a sandbox client, at once. Keep its registration_access_token."""
        jwks = {"keys": [{**self._key.public, "kid": self._key.kid}]}
        registered = _accepted(
            self._http.post("/oauth/register", json={**metadata, "jwks": jwks})
        ).json()
        self._client_id = registered["client_id"]
        self._municipality = registered["municipality_code"]
        return registered

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call an operation; each call carries a fresh proof that the token is ours (RFC 9449)."""
        token = self._current_token()
        digest = base64url(hashlib.sha256(token.encode()).digest())
        headers = {
            "Authorization": f"DPoP {token}",
            "DPoP": self._proof(method, path, ath=digest),
            **options.pop("headers", {}),
        }
        return _accepted(self._http.request(method, path, headers=headers, **options))

    def _current_token(self) -> str:
        if time.time() < self._token_until - 30:
            return self._token
        now = int(time.time())
        assertion = self._key.sign(  # good for a minute and for one use (RFC 7523)
            {"typ": "JWT", "kid": self._key.kid},
            {
                "iss": self._client_id,
                "sub": self._client_id,
                "aud": self._house,
                "jti": secrets.token_urlsafe(16),
                "iat": now,
                "exp": now + 60,
            },
        )
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }
        headers = {
            "Tamaire-Municipality": self._municipality,
            "DPoP": self._proof("POST", "/oauth/token"),
        }
        given = _accepted(self._http.post("/oauth/token", data=form, headers=headers)).json()
        self._token, self._token_until = given["access_token"], now + given["expires_in"]
        return self._token

    def _proof(self, method: str, path: str, **claims: str) -> str:
        return self._key.sign(
            {"typ": "dpop+jwt", "jwk": self._key.public},
            {
                "jti": secrets.token_urlsafe(16),
                "htm": method,
                "htu": f"{self._house}{path.partition('?')[0]}",
                "iat": int(time.time()),
                **claims,
            },
        )


def _accepted(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    raise Refused(response)


def main(house: str) -> None:
    """Register, read, act once, and be refused."""
    tamaire = Tamaire(house, SigningKey())
    registered = tamaire.register(
        client_name="まどぐち番号表示",
        organization_name="有限会社オホーツクソフト",
        contacts=["dev@example.co.jp"],
        scope="benefits:read window-dx:read window-dx:write",
    )
    print("registered", registered["environment"], registered["municipality_code"])

    programmes = tamaire.call("GET", "/benefits/v1/programmes").json()["items"]
    print("programmes", *sorted(programme["code"] for programme in programmes))

    window = tamaire.call("GET", "/window-dx/v1/windows").json()["items"][0]
    ticket = {"window_id": window["id"], "matter": "転入の手続き"}
    once = {"Idempotency-Key": secrets.token_urlsafe(16)}
    first = tamaire.call("POST", "/window-dx/v1/receptions", json=ticket, headers=once)
    again = tamaire.call("POST", "/window-dx/v1/receptions", json=ticket, headers=once)
    print("ticket", first.json()["number"], "same", first.content == again.content)

    try:
        tamaire.call("GET", "/benefits/v1/programmes", headers={"Tamaire-Sandbox-Outcome": "503"})
    except Refused as refused:
        print("refused", refused.status, refused.problem["type"], "retry", refused.retry_after)
        print(refused.problem["title_ja"], refused.problem["remedy_ja"])


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8200")
