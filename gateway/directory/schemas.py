"""The shape of an entry of the public directory."""

from pydantic import Field

from foundation.web import Wire
from gateway.tenants import Municipality

_SERVICES = ("benefits", "consultation", "registry", "window-dx")


class MunicipalityRead(Wire):
    """One entry of the public directory."""

    code: str = Field(examples=["012084"], description="全国地方公共団体コード")
    name: str = Field(examples=["北見市"])
    name_kana: str
    kind: str = Field(description="nation・prefecture・municipality のいずれか")
    prefecture_name: str = Field(examples=["北海道"])
    takes_part: bool = Field(description="利用を開始しているかどうか")
    services: list[str] = Field(description="利用できるサービス")
    sandbox: bool = Field(
        default=False, description="試験用の架空の自治体かどうか。人口や統計に数えません。"
    )

    @classmethod
    def of(cls, one: Municipality) -> "MunicipalityRead":
        return cls(
            code=str(one.code),
            name=one.name,
            name_kana=one.name_kana,
            kind=one.kind,
            prefecture_name=one.prefecture_name,
            takes_part=one.takes_part,
            services=list(_SERVICES) if one.takes_part else [],
            sandbox=one.code.is_sandbox,
        )
