"""What can be refused about a duty given by name.

Problem
├── NotFound
│   └── RoleGrantNotFound        404
├── Forbidden
│   ├── NotForOneself            403
│   └── FourEyesRequired         403
└── Conflict
    └── RoleGrantStateConflict   409
"""

from foundation.problems import Conflict, Forbidden, NotFound


class RoleGrantNotFound(NotFound):
    """No such grant in this municipality."""

    slug = "platform/role-grant-not-found"
    title = "There is no such grant of a duty."
    title_ja = "該当する役割の付与がありません。"
    remedy = "Choose one from the list of grants."
    remedy_ja = "役割の付与の一覧から選んでください。"


class NotForOneself(Forbidden):
    """Nobody makes themselves administrator, treasurer or auditor."""

    slug = "platform/duty-for-oneself"
    title = "You cannot give this duty to yourself."
    title_ja = "この役割を自分に付与することはできません。"
    remedy = "Ask another administrator to give it to you, and a third to approve it."
    remedy_ja = "別の管理者に付与を依頼してください。さらに別の管理者の承認が必要です。"


class FourEyesRequired(Forbidden):
    """Who proposed a sensitive duty, or is to have it, is not the one who approves it."""

    slug = "platform/four-eyes-required"
    title = "Another administrator must approve this."
    title_ja = "起案した人や本人は承認できません。"
    remedy = "Ask an administrator who neither proposed the duty nor is to have it."
    remedy_ja = "起案した人でも本人でもない管理者に、承認を依頼してください。"


class RoleGrantStateConflict(Conflict):
    """The act does not begin where the grant stands."""

    slug = "platform/role-grant-state-conflict"
    title = "The grant is not in a state that allows this."
    title_ja = "役割の付与の現在の状態では、この操作はできません。"
    remedy = "Read the grant; only a proposal is approved, and only a granted duty revoked."
    remedy_ja = "状態を確認してください。承認できるのは起案中、取り消せるのは付与済みのものです。"
