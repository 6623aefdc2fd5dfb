"""A family of whom two are afraid of the third, and the officials who look after them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from foundation.identity import Purpose, Role
from tests.services.registry.conftest import PATH, bring_in
from tests.services.registry.files import a_line
from tests.support.callers import As, ServiceClient, a_resident, an_official
from tests.support.house import House, Tenancies

HOME = "北海道北見市北四条東1丁目2番地"
SECRET = "北海道北見市秘密町九丁目9番9号隠家荘"
SECRET_POSTAL = "0909876"
MOTHER = a_line(
    1, 1, relationship="世帯主", name_display="秘匿 花子", name_kana="ヒトク ハナコ",
    address=SECRET, postal_code=SECRET_POSTAL, birth_on="1986-05-05",
)  # fmt: skip
CHILD = a_line(
    2, 1, relationship="子", name_display="秘匿 一郎", name_kana="ヒトク イチロウ",
    address=SECRET, postal_code=SECRET_POSTAL, birth_on="2015-05-05", gender="1",
)  # fmt: skip
FATHER = a_line(
    0, 0, name_display="北見 太郎", name_kana="キタミ タロウ", gender="1", birth_on="1980-01-01"
)
SON = a_line(
    3, 0, relationship="子", name_display="北見 次郎", name_kana="キタミ ジロウ",
    birth_on="2012-12-24", gender="1",
)  # fmt: skip
WIFE_AT_HOME = a_line(
    4, 0, relationship="妻", name_display="北見 春子", name_kana="キタミ ハルコ",
    birth_on="1983-03-03",
)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Office:
    """The office, by whom it is asked, and the people of the register by name."""

    service: ServiceClient
    tenancies: Tenancies
    run: Callable[..., Awaitable[list[Any]]]
    registrar: As
    administrator: As
    clerk: As
    ids: dict[str, str]

    def official(self, *roles: Role, subject: str, purpose: Purpose = Purpose.REGISTRATION) -> As:
        return self.service.as_(
            an_official(*roles, subject=subject), tenancy=self.tenancies.kitami, purpose=purpose
        )

    def resident(self, name: str, **changes: Any) -> As:
        return self.service.as_(
            a_resident(UUID(self.ids[name]), **changes), tenancy=self.tenancies.kitami
        )

    async def apply(self, *names: str, **more: Any) -> dict[str, Any]:
        """Apply for these people, the first of them as applicant, against the father."""
        answer = await self.registrar.post(
            f"{PATH}/protection-measures", json=self.application(*names, **more)
        )
        assert answer.status_code == 201, answer.text
        return answer.json()

    def application(self, *names: str, **more: Any) -> dict[str, Any]:
        persons = [
            {"resident_id": self.ids[name], "part": part}
            for name, part in zip(names, ["applicant", *["accompanying"] * 20], strict=False)
        ]
        against = {"name": "北見 太郎", "resident_id": self.ids["北見 太郎"]}
        return {"persons": persons, "perpetrators": [against], **more}

    async def step(self, who: As, measure: dict[str, Any], name: str, **body: Any) -> Any:
        return await who.post(
            f"{PATH}/protection-measures/{measure['id']}/{name}", json=body or None
        )

    async def granted(self, measure: dict[str, Any]) -> dict[str, Any]:
        await self.step(self.registrar, measure, "proposal", act="grant", reason="意見書")
        answer = await self.step(self.administrator, measure, "decision", decision="agreed")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def alerts(self) -> list[dict[str, Any]]:
        answer = await self.registrar.get(f"{PATH}/protection-alerts")
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    async def record(self, name: str) -> dict[str, Any]:
        answer = await self.registrar.get(f"{PATH}/residents/{self.ids[name]}")
        return answer.json()

    async def opening(self, name: str = "秘匿 花子", **more: Any) -> Any:
        return await self.clerk.post(
            f"{PATH}/address-openings",
            json={
                "resident_id": self.ids[name],
                "ground": "court_order",
                "reason": "調査嘱託",
                **more,
            },
        )

    async def opening_step(self, who: As, opening: dict[str, Any], name: str, **body: Any) -> Any:
        return await who.post(f"{PATH}/address-openings/{opening['id']}/{name}", json=body or None)


@pytest.fixture
async def office(
    service: ServiceClient, registrar: As, tenancies: Tenancies, house: House
) -> Office:
    await bring_in(registrar, [MOTHER, CHILD, FATHER, SON, WIFE_AT_HOME])

    async def run(sql: str, *values: Any, role: str = "registry_app") -> list[Any]:
        """Ask as a role, bound to this municipality: other tests live in the same database."""
        connection = await asyncpg.connect(house.dsn(role))
        try:
            tenant_id = tenancies.kitami.tenant_id
            await connection.execute(f"BEGIN; SET LOCAL app.tenant_id = '{tenant_id}'")
            return await connection.fetch(sql, *values)
        finally:
            await connection.close()

    rows = await run("SELECT id, name_display FROM registry.residents")
    return Office(
        service=service,
        tenancies=tenancies,
        run=run,
        registrar=registrar,
        administrator=service.as_(
            an_official(Role.ADMINISTRATOR, subject="head"),
            tenancy=tenancies.kitami,
            purpose=Purpose.REGISTRATION,
        ),
        clerk=service.as_(
            an_official(Role.CLERK, subject="clerk"),
            tenancy=tenancies.kitami,
            purpose=Purpose.STATUTORY_INQUIRY,
        ),
        ids={row["name_display"]: str(row["id"]) for row in rows},
    )
