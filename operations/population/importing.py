"""Brings the invented registers into a running house the way a town brings its own: by its API.

The machine client `operations` proves itself with a signed note (RFC 7523), hands in the file,
reads the dry run's report and confirms it. Nothing goes around the gateway, so what works here
works for a municipality.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

import httpx

from foundation import clock
from foundation.identifiers import MunicipalityCode, new_id
from foundation.identity import Purpose, SigningKey
from operations.failures import Failure
from operations.files import write_private

from .generator import generate
from .registry_csv import digest_of, registry_csv
from .simulator import DEMONSTRATIONS

CLIENT_ID = "operations"
SANDBOX_CLIENT_ID = "sandbox-operations"
"""The same machine in the other world: no client acts in both."""
SCOPE = "registry:import"

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_LIFETIME = timedelta(seconds=60)
_PATIENCE_S = 120.0
_LOOKS_EVERY_S = 0.25


class PopulationRefused(Failure):
    """The house did not take the invented register; without it a demonstration has nobody."""

    def __init__(self, code: MunicipalityCode, *, step: str, answer: httpx.Response) -> None:
        problem = _problem(answer)
        # The token desk answers in the words of RFC 6749, everybody else in those of RFC 9457.
        words = [problem.get(word, "") for word in ("error", "type", "title")]
        words += [f"{fault['cause']} x {fault['count']}" for fault in problem.get("faults", [])]
        said = " ".join([str(answer.status_code), *filter(None, words)])
        super().__init__(
            f"デモ用の住民を取り込めませんでした ({code}, {step}): {said}",
            f"The demonstration's residents of {code} were not imported at {step}: {said}",
            remedy_ja="`./tamaire doctor` で状態を確認し、もう一度 `./tamaire up` を"
            "実行してください。",
            remedy="Look at `./tamaire doctor`, then run `./tamaire up` again.",
        )


class PopulationFaulty(Failure):
    """The invented register was read, and not found good."""

    def __init__(self, code: MunicipalityCode, report: Mapping[str, Any]) -> None:
        causes = [f"{fault['cause']} x {fault['count']}" for fault in report["faults"]]
        said = " ".join([str(report["state"]), *causes])
        super().__init__(
            f"デモ用の住民に直すべき行があります ({code}): {said}",
            f"The demonstration's residents of {code} have faults: {said}",
            remedy_ja="このソフトウェアの誤りです。表示された内容を開発元に知らせてください。",
            remedy="This is a mistake of the programme; tell its makers what is shown here.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Populated:
    """What became of one municipality's invented register."""

    code: MunicipalityCode
    residents: int
    """Lines of the file, those who have moved out included."""
    was_there: bool
    """Whether the very same file had been imported before, so that nothing was done."""


async def populate(
    base_url: str,
    data_directory: Path,
    codes: Sequence[MunicipalityCode] = DEMONSTRATIONS,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
) -> list[Populated]:
    """Import the invented register of each municipality that does not have it yet.

    The private key is read from `keys/clients/` in the data folder, and
    `population/<code>.json` there remembers which file became which import. The memory is checked
    against the house, so a new database under an old folder is filled again.

    Raises:
        PopulationRefused: the gateway or the register refused a step; earlier ones stand.
        FileNotFoundError: the key is missing: the platform has not been seeded.
    """
    issuer = base_url.rstrip("/")
    async with httpx.AsyncClient(
        base_url=issuer,
        timeout=_PATIENCE_S,
        transport=transport,
        trust_env=False,  # the house is on this machine; the office's proxy does not lead to it
    ) as client:
        return [
            await _Import(client, issuer=issuer, code=code, folder=data_directory).run()
            for code in codes
        ]


class _Import:
    """One municipality's file on its way into the house."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        issuer: str,
        code: MunicipalityCode,
        folder: Path,
    ) -> None:
        self._client, self._issuer, self._code = client, issuer, code
        self._client_id = SANDBOX_CLIENT_ID if code.is_sandbox else CLIENT_ID
        self._key = SigningKey.load(folder / "keys" / "clients" / f"{self._client_id}.pem")
        self._memory = folder / "population" / f"{code}.json"

    async def run(self) -> Populated:
        content = "".join(registry_csv(generate(self._code).households)).encode()
        digest, lines = digest_of(content), content.count(b"\n") - 1
        headers = {
            "Authorization": f"Bearer {await self._token()}",
            "Tamaire-Purpose": Purpose.REGISTRATION.value,
        }
        if await self._is_there(digest, headers):
            return Populated(code=self._code, residents=lines, was_there=True)
        report = await self._hand_in(content, headers)
        import_id = str(report["id"])
        report = await self._until("received", report, headers)
        if report["state"] != "checked" or report["faults"]:
            raise PopulationFaulty(self._code, report)
        if report["already_imported"]:
            # Whatever was changed in the register since, by hand or by file, is worth more.
            await self._decide(import_id, "disposal", headers)
            return Populated(code=self._code, residents=lines, was_there=True)
        decided = await self._decide(
            import_id, "confirmation", headers, {"accept_faulty_rows": "none"}
        )
        decided = await self._until("confirming", decided, headers)
        if decided["state"] != "confirmed":
            raise PopulationFaulty(self._code, decided)
        write_private(self._memory, json.dumps({"digest": digest, "import_id": import_id}))
        return Populated(code=self._code, residents=lines, was_there=False)

    async def _token(self) -> str:
        endpoint = f"{self._issuer}/oauth/token"
        now = clock.now()
        assertion = self._key.sign(
            {
                "iss": self._client_id,
                "sub": self._client_id,
                "aud": endpoint,
                "jti": str(new_id()),
                "iat": int(now.timestamp()),
                "exp": int((now + _ASSERTION_LIFETIME).timestamp()),
            },
            typ="client-authentication+jwt",
        )
        answer = await self._client.post(
            "/oauth/token",
            headers={"Tamaire-Municipality": self._code},
            data={
                "grant_type": "client_credentials",
                "scope": SCOPE,
                "client_assertion_type": _ASSERTION_TYPE,
                "client_assertion": assertion,
            },
        )
        return str(self._accepted(answer, step="token")["access_token"])

    async def _is_there(self, digest: str, headers: Mapping[str, str]) -> bool:
        """Tell whether the house itself still has the import we remember."""
        remembered = self._remembered()
        if remembered.get("digest") != digest:
            return False
        answer = await self._client.get(
            f"/registry/v1/imports/{remembered['import_id']}", headers=dict(headers)
        )
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return False
        return self._accepted(answer, step="import")["state"] == "confirmed"

    def _remembered(self) -> Mapping[str, str]:
        try:
            return json.loads(self._memory.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}

    async def _hand_in(self, content: bytes, headers: Mapping[str, str]) -> Mapping[str, Any]:
        answer = await self._client.post(
            "/registry/v1/imports",
            headers={
                **headers,
                "Content-Type": "text/csv; charset=utf-8",
                "Idempotency-Key": str(new_id()),
            },
            content=content,
        )
        return self._accepted(answer, step="dry run")

    async def _until(
        self, passing: str, found: Mapping[str, Any], headers: Mapping[str, str]
    ) -> Mapping[str, Any]:
        """Wait while a large file is judged, or let in, behind the counter."""
        while found["state"] == passing:
            await asyncio.sleep(_LOOKS_EVERY_S)
            answer = await self._client.get(
                f"/registry/v1/imports/{found['id']}", headers=dict(headers)
            )
            found = self._accepted(answer, step="import")
        return found

    async def _decide(
        self,
        import_id: str,
        decision: str,
        headers: Mapping[str, str],
        body: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        answer = await self._client.post(
            f"/registry/v1/imports/{import_id}/{decision}",
            headers={**headers, "Idempotency-Key": str(new_id())},
            json=body,
        )
        return self._accepted(answer, step=decision)

    def _accepted(self, answer: httpx.Response, *, step: str) -> dict[str, Any]:
        if not answer.is_success:
            raise PopulationRefused(self._code, step=step, answer=answer)
        return answer.json()


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    """Return the problem an answer carries (RFC 9457), or nothing; never the lines of a file."""
    try:
        body = answer.json()
    except ValueError:
        return {}
    return cast("dict[str, Any]", body) if isinstance(body, dict) else {}
