"""Why a signature made with a card is not believed: one word per reason, for whoever must explain.

A refusal names the first thing that is wrong. The words are kept with the record and shown to the
person's municipality; none of them carries anything about the person.
"""

from enum import StrEnum


class Refusal(StrEnum):
    """What was wrong, in the order in which it is looked for."""

    UNREADABLE = "certificate_unreadable"
    AUTHORITY = "certificate_of_an_authority"
    NOT_RSA = "key_not_rsa"
    WEAK_KEY = "key_too_short"
    WEAK_ALGORITHM = "certificate_weakly_signed"
    UNKNOWN_EXTENSION = "unknown_critical_extension"
    NO_POLICY = "no_policy"
    AUTHENTICATION_POLICY = "policy_of_the_authentication_certificate"
    TEST_POLICY = "policy_of_a_test_card"
    WRONG_POLICY = "wrong_policy"
    NO_KEY_USAGE = "no_key_usage"
    WRONG_KEY_USAGE = "wrong_key_usage"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    UNTRUSTED = "untrusted_issuer"
    NO_ATTRIBUTES = "no_attributes"
    ATTRIBUTE_MISSING = "attribute_missing"
    ATTRIBUTE_REPEATED = "attribute_repeated"
    ATTRIBUTE_MALFORMED = "attribute_malformed"
    SUBSTITUTES_MALFORMED = "substitute_flags_malformed"
    BIRTH_DATE_IMPOSSIBLE = "birth_date_impossible"
    CRL_UNREADABLE = "crl_unreadable"
    CRL_OF_ANOTHER_ISSUER = "crl_of_another_issuer"
    CRL_FORGED = "crl_forged"
    CRL_NOT_YET_VALID = "crl_not_yet_valid"
    CRL_STALE = "crl_stale"
    CRL_PARTIAL = "crl_of_other_certificates"
    REVOKED_BY_CRL = "revoked_by_crl"
    OCSP_UNREADABLE = "ocsp_unreadable"
    OCSP_UNSUCCESSFUL = "ocsp_unsuccessful"
    OCSP_OF_ANOTHER_CERTIFICATE = "ocsp_of_another_certificate"
    OCSP_UNAUTHORISED = "ocsp_responder_unauthorised"
    OCSP_FORGED = "ocsp_forged"
    OCSP_WRONG_NONCE = "ocsp_wrong_nonce"
    OCSP_NOT_YET_VALID = "ocsp_not_yet_valid"
    OCSP_STALE = "ocsp_stale"
    OCSP_UNKNOWN = "ocsp_unknown"
    REVOKED_BY_OCSP = "revoked_by_ocsp"
    BAD_SIGNATURE = "signature_does_not_fit"


class SignatureRefused(Exception):
    """The signature proves nothing; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class RevocationUnavailable(Exception):
    """The authority could not be asked; nothing is decided, and nothing is believed meanwhile."""
