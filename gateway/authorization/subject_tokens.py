"""The token that is shown to be given another one for it (`subject_token`, RFC 8693 §2.1)."""

from foundation.identity import InvalidToken
from gateway.access import VerifiedAccess

from .asking import Asking
from .errors import InvalidDpopProof, InvalidRequest


def shown_access(asking: Asking) -> VerifiedAccess:
    """Return what is shown: one of ours that holds, given to this very client and key.

    Whose it is, and whether such a person may exchange it, is for the caller to say.

    Raises:
        InvalidRequest: it is none of ours, was revoked, was given to another client, or is of
            another municipality than the request names (RFC 8693 §2.2.2).
        InvalidDpopProof: it is bound to a key, and that key was not shown.
    """
    try:
        access = asking.door.access.verify(asking.form.get("subject_token", ""))
    except InvalidToken as error:
        raise InvalidRequest("subject_token is not valid.", reason=str(error)) from error
    if asking.door.revocations.is_revoked(access):
        raise InvalidRequest("subject_token is not valid.", reason="revoked")
    if access.caller.principal.client_id != asking.client.client_id:
        raise InvalidRequest("subject_token is not valid.", reason="given to another client")
    if access.jkt is not None and access.jkt != asking.jkt:
        raise InvalidDpopProof("subject_token is bound to a key that was not shown.")
    if not {code.strip() for code in asking.named} <= {str(access.caller.tenancy.code)}:
        raise InvalidRequest("subject_token is of another municipality.")
    return access
