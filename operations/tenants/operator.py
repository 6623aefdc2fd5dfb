"""The operators' machine: it proves itself by its key, and asks the gateway like everybody else.

Nothing it does goes around the door, so each municipality finds it in its own trail.
"""

import time
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Self, cast

import httpx

from foundation import clock
from foundation.identifiers import new_id
from foundation.identity import SigningKey
from operations.failures import Failure

CLIENT_ID: Final = "operator"
NATION: Final = "000000"
_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LIFETIME: Final = timedelta(seconds=60)
_PATIENCE_S: Final = 60.0
_KNOWN_WITHIN_S: Final = 10.0
_LOOKS_EVERY_S: Final = 0.05


class Refused(Failure):
    """The house did not do it; its own words say why, and what to do."""

    def __init__(self, answer: httpx.Response) -> None:
        problem = _document(answer)
        named = [str(item.get("title_ja", "")) for item in problem.get("missing", [])]
        named += [str(act) for act in problem.get("possible", [])]
        named += [f"{one.get('pointer')}: {one.get('detail')}" for one in problem.get("errors", [])]
        more = f" ({', '.join(named)})" if named else ""
        title = str(problem.get("title", problem.get("error", answer.status_code)))
        super().__init__(
            f"{problem.get('title_ja', title)}{more}",
            f"{title}{more}",
            remedy_ja=str(problem.get("remedy_ja", "`./tamaire doctor` で確認してください。")),
            remedy=str(problem.get("remedy", "Look at `./tamaire doctor`.")),
        )


class Operator:
    """One session at the gateway."""

    def __init__(self, base_url: str, folder: Path) -> None:
        self._issuer = base_url
        self._key = SigningKey.load(folder / "keys" / "clients" / f"{CLIENT_ID}.pem")
        self._http = httpx.Client(
            base_url=base_url,
            timeout=_PATIENCE_S,
            trust_env=False,  # the house is on this machine; the office's proxy does not lead to it
        )

    def __enter__(self) -> Self:
        self._http.headers["Authorization"] = f"Bearer {self._token()}"
        return self

    def __exit__(self, *of: object) -> None:
        self._http.close()

    def onboard(self, code: str, order: Mapping[str, Any]) -> dict[str, Any]:
        """Take a municipality on.

        Raises:
            Refused: it is in no directory, or has left.
        """
        return self._ask("POST", f"/{code}/onboarding", dict(order))

    def act(self, code: str, act: str, *, reason: str, notice: Any = None) -> dict[str, Any]:
        """Pause, resume, let leave or close a municipality.

        Raises:
            Refused: no way leads there from where it stands.
        """
        body = {"act": act, "reason": reason, "notice": notice}
        return self._ask("POST", f"/{code}/acts", body)

    def membership(self, code: str) -> dict[str, Any]:
        """Return how far a municipality has come.

        Raises:
            Refused: it is in no directory.
        """
        return self._ask("GET", f"/{code}/membership")

    def wait_for(self, code: str) -> None:
        """Return when the door knows that a municipality takes part: within half a second.

        Raises:
            Refused: it does not come to know of it.
        """
        deadline = time.monotonic() + _KNOWN_WITHIN_S
        while True:
            answer = self._http.get(f"/platform/v1/municipalities/{code}")
            if _document(answer).get("takes_part"):
                return
            if time.monotonic() > deadline:
                raise Refused(answer)
            time.sleep(_LOOKS_EVERY_S)

    def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = self._http.request(method, f"/platform/v1/municipalities{path}", json=body)
        if answer.status_code != HTTPStatus.OK:
            raise Refused(answer)
        return _document(answer)

    def _token(self) -> str:
        endpoint, now = f"{self._issuer}/oauth/token", clock.now()
        assertion = self._key.sign(
            {
                "iss": CLIENT_ID,
                "sub": CLIENT_ID,
                "aud": endpoint,
                "jti": str(new_id()),
                "iat": int(now.timestamp()),
                "exp": int((now + _LIFETIME).timestamp()),
            },
            typ="client-authentication+jwt",
        )
        answer = self._http.post(
            "/oauth/token",
            headers={"Tamaire-Municipality": NATION},
            data={
                "grant_type": "client_credentials",
                "client_assertion_type": _ASSERTION_TYPE,
                "client_assertion": assertion,
            },
        )
        if answer.status_code != HTTPStatus.OK:
            raise Refused(answer)
        return str(_document(answer)["access_token"])


def _document(answer: httpx.Response) -> dict[str, Any]:
    try:
        return cast("dict[str, Any]", answer.json())
    except ValueError:
        return {}
