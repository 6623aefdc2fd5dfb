"""How windows look on the wire."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from foundation.web import Line, Version, Wire

from .domain import Window

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,20}$", examples=["JUMIN-1"])]


class WindowEstablish(Wire):
    """A new window."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"code": "JUMIN-1", "name": "市民課 1番窓口"}]}
    )

    code: Code
    """窓口コード。自治体の中で一意。"""
    name: Line
    """窓口の名前。"""


class WindowRead(WindowEstablish):
    """A window."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01930b7e-0000-7000-8000-000000000011",
                    "code": "JUMIN-1",
                    "name": "市民課 1番窓口",
                    "version": 1,
                }
            ]
        }
    )

    id: UUID
    version: Version

    @classmethod
    def of(cls, window: Window) -> Self:
        return cls(id=window.id, code=window.code, name=window.name, version=window.version)
