"""What an entry of the trail means, said in a sentence a resident can read."""

_ACTORS_JA = {
    "official": "自治体の職員",
    "resident": "別の住民",
    "business": "事業者",
    "machine": "自治体のシステム",
}
_SERVICES_JA = {
    "benefits": "給付",
    "consultation": "相談支援",
    "platform": "サインインと利用記録",
    "registry": "住民登録",
    "window_dx": "窓口",
}
_PURPOSES_JA = {
    "application": "申請の受付と審査",
    "payment": "支払",
    "reception": "窓口での対応",
    "consultation": "相談支援",
    "registration": "住民登録の管理",
    "statutory_inquiry": "法令に基づく照会",
    "audit": "利用状況の確認",
    "operation": "業務の運営",
    "emergency": "緊急の対応",
}


def sentence(
    *,
    actor_kind: str,
    own: bool,
    purpose: str | None,
    service: str,
    decision: str,
    relationship: str | None = None,
) -> str:
    """Say in a sentence what an entry says in codes; a code without a word says itself.

    Who acted is named by office only: the municipality answers for its officials. Somebody who
    acted for the resident is named by what they are to them.
    """
    actor = "あなたご自身" if own else _ACTORS_JA.get(actor_kind, actor_kind)
    if relationship is not None:
        actor = f"代理人({relationship})"
    why = f"{_PURPOSES_JA.get(purpose, purpose)}のために、" if purpose else ""
    end = "利用しました" if decision == "allowed" else "利用しようとして断られました"
    return f"{actor}が、{why}{_SERVICES_JA.get(service, service)}の情報を{end}。"
