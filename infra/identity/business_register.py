"""Which businesses and clients the simulated GビズID knows: one file, written by `operations`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .stores import Watched

SCOPES = frozenset(
    {
        "openid",
        "profile",
        "user",
        "mandate",
        "email",
        "offline_access",
        "jp_gbizid_v1_ida",
        "role",
        "delegation_info",
    }
)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BusinessAccount(_Entry):
    """One account: 1 エントリー, 2 プライム, 3 メンバー of the prime called `parent_id`."""

    account_id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    password: Annotated[str, Field(min_length=1, max_length=256)]
    account_type: Literal["1", "2", "3"]
    corp_type: Literal["1", "2"] = "1"
    parent_id: str | None = None
    corporate_number: str | None = None
    name: Annotated[str, Field(min_length=1, max_length=100)]
    prefecture_name: str = ""
    address1: str = ""
    user_last_nm: str = ""
    user_first_nm: str = ""
    email: str = ""
    mandate_info: tuple[Mapping[str, str], ...] = ()
    condition: Literal["ok", "suspended"] = "ok"

    @model_validator(mode="after")
    def _member_has_a_parent(self) -> Self:
        if (self.account_type == "3") != (self.parent_id is not None):
            raise ValueError("a member, and only a member, has a parent_id")
        return self

    def userinfo(self, scopes: frozenset[str]) -> dict[str, Any]:
        """What each scope opens; the ID token itself carries no personal data."""
        opened: dict[str, dict[str, Any]] = {
            "profile": self._profile(),
            "user": {"user_last_nm": self.user_last_nm, "user_first_nm": self.user_first_nm},
            "email": {"email": self.email},
            "mandate": {"mandate_info": [dict(one) for one in self.mandate_info]},
            "jp_gbizid_v1_ida": {"verified_claims": self._verified()},
            "role": {
                "role": {
                    "applies_to": {"levels": [{"level": "1", "branch_name": self.name}]},
                    "permission": [{"role": _ROLES[self.account_type]}],
                }
            },
        }
        return {
            name: value for scope in opened.keys() & scopes for name, value in opened[scope].items()
        }

    def _profile(self) -> dict[str, Any]:
        found = {
            "account_type": self.account_type,
            "corp_type": self.corp_type,
            "name": self.name,
            "prefecture_name": self.prefecture_name,
            "address1": self.address1,
            "corporate_number": self.corporate_number,
            "parent_id": self.parent_id,
        }
        return {name: value for name, value in found.items() if value is not None}

    def _verified(self) -> dict[str, Any]:
        if self.account_type == "1":
            return {"verification": {"trust_framework": "jp_gbizid_v1_ida", "ial": "ial1"}} | {
                "claims": {}
            }
        kind = "corporation" if self.corp_type == "1" else "sole_proprietorship"
        claims = {
            "authority": {
                "applies_to": {"registration_number": self.corporate_number},
                "permission": {"role": "prime" if self.account_type == "2" else "member"},
            }
        }
        verification: dict[str, Any] = {"trust_framework": "jp_gbizid_v1_ida"}
        if self.account_type == "2":
            verification |= {"ial": "ial2", "procedure": f"jp_gbizid_document_{kind}"}
        return {"verification": verification, "claims": claims}


_ROLES = {"1": "jp_gbizid_member", "2": "jp_gbizid_prime", "3": "jp_gbizid_member"}


class BusinessClient(_Entry):
    """A relying party: one for a whole platform, known by a secret."""

    client_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z._-]{1,255}$")]
    client_secret: Annotated[str, Field(min_length=32)] = Field(repr=False)
    redirect_uris: Annotated[tuple[str, ...], Field(min_length=1)]
    scopes: frozenset[str] = frozenset({"openid", "profile", "mandate"})


class _Businesses(_Entry):
    clients: tuple[BusinessClient, ...] = ()
    accounts: tuple[BusinessAccount, ...] = ()


class BusinessRegister:
    """Both lists, read again when the file changes; without the file, nobody is known."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "businesses.json"
        self._found = Watched(self._path, _Businesses.model_validate_json)

    def clients(self) -> Mapping[str, BusinessClient]:
        return {one.client_id: one for one in self._current().clients}

    def accounts(self) -> Mapping[str, BusinessAccount]:
        return {one.account_id: one for one in self._current().accounts}

    def _current(self) -> _Businesses:
        return self._found.current() if self._path.exists() else _Businesses()
