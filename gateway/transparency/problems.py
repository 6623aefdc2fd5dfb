"""Why somebody's own trail cannot be shown to them."""

from foundation.problems import Forbidden


class ResidentUnbound(Forbidden):
    """Signed in, but not yet known to be anybody in this municipality's register."""

    slug = "platform/resident-unbound"
    title = "Your sign-in is not yet connected to this municipality's register."
    title_ja = "サインインした方と、この自治体の登録情報がまだ結び付いていません。"
    remedy = "See /platform/v1/me for what to do; your municipality's counter can help."
    remedy_ja = "/platform/v1/me の案内をご確認のうえ、自治体の窓口にご相談ください。"
