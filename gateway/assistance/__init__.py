"""Officials of one office acting in another: by a consent, for a time, and never beyond it."""
