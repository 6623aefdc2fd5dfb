"""What can be refused about a consent to assist.

Problem
├── NotFound
│   └── AssistanceConsentNotFound        404
├── Forbidden
│   └── AssistanceNeedsSecondPerson      403
└── Conflict
    └── AssistanceConsentStateConflict   409
"""

from foundation.problems import Conflict, Forbidden, NotFound


class AssistanceConsentNotFound(NotFound):
    """No such consent in this municipality."""

    slug = "platform/assistance-consent-not-found"
    title = "There is no such consent to assist."
    title_ja = "該当する支援への同意がありません。"
    remedy = "Choose one from the list at /platform/v1/assistance-consents."
    remedy_ja = "/platform/v1/assistance-consents の一覧から選んでください。"


class AssistanceNeedsSecondPerson(Forbidden):
    """Who proposed a consent does not confirm it."""

    slug = "platform/assistance-needs-second-person"
    title = "Another administrator must confirm this consent."
    title_ja = "同意を起案した人は、確定できません。"
    remedy = "Ask another administrator of the municipality to confirm it."
    remedy_ja = "自治体の別の管理者に、確定を依頼してください。"


class AssistanceConsentStateConflict(Conflict):
    """It was confirmed or withdrawn already, or its last day has passed."""

    slug = "platform/assistance-consent-state-conflict"
    title = "The consent is not in a state that allows this."
    title_ja = "同意の現在の状態では、この操作はできません。"
    remedy = "Read the consent; propose a new one where it is over or was withdrawn."
    remedy_ja = "同意の状態を確認し、終了または撤回済みの場合は、あらためて起案してください。"
