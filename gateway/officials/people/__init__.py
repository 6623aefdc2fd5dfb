"""The directory of officials: who a subject is, and which duties they have on a given day."""
