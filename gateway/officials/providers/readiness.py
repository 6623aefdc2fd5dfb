"""What is still missing before a town's people are sent to a provider: all of it, with the way on.

Nobody who signs in today is touched until nothing is missing. The two administrators are people
who really came through the trial, not names on a list.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from foundation.identity import Role
from gateway.duties.domain import LEAST_ADMINISTRATORS

from .domain import IdentityProvider, MappedRole, explain
from .examination import Finding
from .trials import Trial

_EXAMINATION_OLD = Finding(
    "examination-old",
    "/examination",
    "It was last examined more than 24 hours ago; examine it again.",
    "最後の設定確認から24時間を過ぎています。設定確認をやり直してください。",
)
_NOT_TRIED = Finding(
    "not-tried",
    "/trials",
    "Nobody has signed in by trial since it was last changed.",
    "最後の変更のあとに成功したテストサインインがありません。テスト用リンクでサインインして"
    "ください。",
)
_UNJOINED = Finding(
    "employee-id-needed",
    "/claims/employee_id",
    "Another provider is in use: both must name the claim with the employee's number, or each"
    " official becomes two people.",
    "ほかの認証基盤も利用中です。同じ職員が別人として扱われないよう、両方の認証基盤で職員番号の"
    "クレーム(claims.employee_id)を指定してください。",
)


def obstacles(
    provider: IdentityProvider,
    *,
    mapping: Sequence[MappedRole],
    tried: Sequence[Trial],
    ahead: Mapping[bytes, frozenset[Role]],
    others: Sequence[IdentityProvider],
    now: datetime,
) -> list[Finding]:
    """Return everything that is missing.

    Args:
        provider: the one to be put to use.
        mapping: what its groups carry.
        tried: its trials since it was last changed.
        ahead: duties given by name to people who have not signed in, by the name's hash.
        others: providers in use.
        now: the moment of asking.
    """
    found: list[Finding] = []
    if not provider.was_examined_by(now):
        found.append(_EXAMINATION_OLD)
    succeeded = [trial for trial in tried if trial.succeeded]
    if not succeeded:
        found.append(_NOT_TRIED)
    count = len(_administrators(succeeded, mapping, ahead))
    if count < LEAST_ADMINISTRATORS:
        found.append(
            Finding(
                "administrators-missing",
                "/trials",
                f"{count} of the two administrators needed have signed in by trial.",
                f"管理者(administrator)になる人のテストサインインが、2人必要なところ{count}人です。"
                "グループと役割の対応を確認し、別の管理者にもテスト用リンクでサインインしてもらって"
                "ください。",
            )
        )
    if others and any(one.claims.employee_id is None for one in (provider, *others)):
        found.append(_UNJOINED)
    return found


def _administrators(
    succeeded: Iterable[Trial],
    mapping: Sequence[MappedRole],
    ahead: Mapping[bytes, frozenset[Role]],
) -> set[object]:
    """Return the people who came through as administrators: one number, one person."""
    return {
        trial.employee_hash or trial.person
        for trial in succeeded
        if Role.ADMINISTRATOR in explain(trial.groups, mapping).duties
        or Role.ADMINISTRATOR in ahead.get(trial.employee_hash or b"", ())
    }
