"""What can be refused about a search.

InvalidInput (general)   422  what was given cannot be looked for
└── TooManyFormerly      422
"""

from http import HTTPStatus

from foundation.problems import Problem


class TooManyFormerly(Problem):
    """So many were called so, or lived there, before, that no list of them can be put in order."""

    slug = "registry/too-many-formerly"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "Too many people were called so, or lived there, before."
    title_ja = "過去の氏名・住所に該当する人が多すぎます。"
    remedy = "Add the full name, the date of birth or more of the address."
    remedy_ja = "氏名の全部、生年月日、または住所の続きを加えてください。"
