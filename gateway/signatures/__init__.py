"""Signatures with a My Number Card: asked for, made, judged, and kept so that they can be judged.

Somebody asks with a token that a document be signed; the person signs in the browser, at the
provider their card speaks to; what comes back is believed only once it was verified here.
"""
