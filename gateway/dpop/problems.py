"""What a caller is told whose token is bound to a key and who does not show the key."""

from collections.abc import Mapping
from typing import ClassVar

from foundation.identity.dpop import ALGORITHMS
from foundation.problems import Unauthenticated

_ALGS = f'algs="{" ".join(ALGORITHMS)}"'


class DpopProofRequired(Unauthenticated):
    """A bound token came as a bearer token, or without a proof: whoever copied it could do that."""

    slug = "platform/dpop-proof-required"
    title = "This access token must be shown together with a proof of its key."
    title_ja = "このアクセストークンは、鍵を持っている証明(DPoP)と一緒に送る必要があります。"
    remedy = "Send `Authorization: DPoP <token>` and a fresh `DPoP` proof header (RFC 9449)."
    remedy_ja = (
        "`Authorization: DPoP <トークン>` と、リクエストごとに新しく作った `DPoP` ヘッダーを"
        "付けて送信してください(RFC 9449)。"
    )
    standing_headers: ClassVar[Mapping[str, str]] = {
        "WWW-Authenticate": f'DPoP error="invalid_token", {_ALGS}'
    }


class DpopProofInvalid(Unauthenticated):
    """The proof is for another request, key or token, too old, or was shown before."""

    slug = "platform/dpop-proof-invalid"
    title = "The proof that you hold the token's key does not hold for this request."
    title_ja = "トークンの鍵を持っている証明(DPoP)が、このリクエストでは有効ではありません。"
    remedy = (
        "Make a new proof for each request: its method, its address without query, the present"
        " time, a new jti, and the hash of the access token; and check this machine's clock."
    )
    remedy_ja = (
        "リクエストごとに新しい証明を作り、メソッド、クエリーを除いたアドレス、現在時刻、新しい"
        " jti、アクセストークンのハッシュを入れてください。時計が正しいかも確認してください。"
    )
    standing_headers: ClassVar[Mapping[str, str]] = {
        "WWW-Authenticate": f'DPoP error="invalid_dpop_proof", {_ALGS}'
    }
