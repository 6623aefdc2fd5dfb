"""What a service tells others and what it leaves for later, both in the transaction of the effect.

A fact is announced by appending it to the outbox; whoever wants it reads on from a cursor that
loses nothing. Work for later is a job; a worker takes it up fairly across municipalities, and a
worker that dies gives its job back at that very moment.
"""

from .envelope import EVENT_TYPES, Event, NotThin
from .inbox import Inbox, inbox_table
from .jobs import Job, JobQueue, jobs_table
from .outbox import START, Cursor, Outbox, StoredEvent, outbox_table
from .worker import Handler, Patience, Worker

__all__ = [
    "EVENT_TYPES",
    "START",
    "Cursor",
    "Event",
    "Handler",
    "Inbox",
    "Job",
    "JobQueue",
    "NotThin",
    "Outbox",
    "Patience",
    "StoredEvent",
    "Worker",
    "inbox_table",
    "jobs_table",
    "outbox_table",
]
