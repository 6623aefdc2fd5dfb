"""Everything that can be refused here, each with its reason and what to do next.

A refusal is a document (RFC 9457) with a stable address, a plain sentence in Japanese and in
English, and a remedy. The general ones, which any service may give:

    Problem
    ├── MalformedRequest        400  the request cannot be read at all
    │   └── IdempotencyKeyMissing  400  a repeat of this request could not be recognised
    ├── Unauthenticated         401  who is asking is not proven
    ├── StepUpRequired          401  who is asking must prove it again, more surely or just now
    ├── Forbidden               403  who is asking is known, and may not
    │   ├── TenantMismatch      403  another municipality than the signed-in one is named
    │   ├── PurposeRequired     403  personal data is asked for without saying why
    │   └── PurposeNotAllowed   403  the reason given does not cover this
    ├── NotFound                404  it does not exist, or not for this caller
    ├── MethodNotAllowed        405  the address exists, the verb does not
    ├── Conflict                409  it contradicts what is already recorded
    │   └── RequestInFlight     409  the same request is still being carried out
    ├── PreconditionFailed      412  somebody changed it in the meantime
    ├── PayloadTooLarge         413  more than this address takes
    ├── UnsupportedMediaType    415  not the kind of document this address reads
    ├── InvalidInput            422  readable, but some values are not acceptable; all are listed
    ├── IdempotencyKeyReused    422  the key already stands for another request
    ├── PreconditionRequired    428  the version being changed is not named
    ├── TooManyRequests         429  faster than what was agreed
    ├── InternalError           500  our fault, recorded under the request's number
    ├── ServiceUnavailable      503  for the moment; the paper route stays open
    └── DeadlineExceeded        504  not in the time there was; nothing was done

A service adds its own below one of these or below `Problem`; each announces itself in `CATALOGUE`.
"""

from .catalogue import (
    Conflict,
    DeadlineExceeded,
    Fault,
    Forbidden,
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    InternalError,
    InvalidInput,
    MalformedRequest,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    PreconditionFailed,
    PreconditionRequired,
    PurposeNotAllowed,
    PurposeRequired,
    RequestInFlight,
    ServiceUnavailable,
    StepUpRequired,
    TenantMismatch,
    TooManyRequests,
    Unauthenticated,
    UnsupportedMediaType,
)
from .problem import CATALOGUE, JSON, MEDIA_TYPE, Problem, instance_of

__all__ = [
    "CATALOGUE",
    "JSON",
    "MEDIA_TYPE",
    "Conflict",
    "DeadlineExceeded",
    "Fault",
    "Forbidden",
    "IdempotencyKeyMissing",
    "IdempotencyKeyReused",
    "InternalError",
    "InvalidInput",
    "MalformedRequest",
    "MethodNotAllowed",
    "NotFound",
    "PayloadTooLarge",
    "PreconditionFailed",
    "PreconditionRequired",
    "Problem",
    "PurposeNotAllowed",
    "PurposeRequired",
    "RequestInFlight",
    "ServiceUnavailable",
    "StepUpRequired",
    "TenantMismatch",
    "TooManyRequests",
    "Unauthenticated",
    "UnsupportedMediaType",
    "instance_of",
]
