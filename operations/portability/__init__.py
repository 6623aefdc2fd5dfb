"""What a municipality takes with it when it goes, brings when it comes, and leaves no trace of.

catalogue   which tables hold something of a municipality, asked of the database itself
verdicts    for each of them: does it travel, and if not, why
archive     the open format: a folder or one tar of JSON Lines, a manifest, and wrapped keys
export      everything of one municipality, as of one instant
importing   the same into a fresh installation: all of it or nothing
erasure     the end, with a certificate that anybody can check
restoring   one municipality at a past minute, compared with itself now, and put back if asked
backup      last night's archives, readable only while the municipality's own key exists
merging     two municipalities become one: 合併
"""
