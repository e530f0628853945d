"""Jobs: the work of burnish in processes of its own, with progress, limits, cancel, and a queue.

    Job -> executor.submit(attend, job.to_json(), line) -> worker process -> Outcome

The studio and the batch share it. Nothing here knows of either.
"""

from burnish.apps.jobs.job import (
    PATH_SETTINGS,
    Failure,
    Job,
    JobProgress,
    Limits,
    Outcome,
)
from burnish.apps.jobs.kinds import Kind, Made
from burnish.apps.jobs.line import FolderLine, Line, NearLine
from burnish.apps.jobs.pool import LocalPool, attend, memory_for_workers
from burnish.apps.jobs.queue import Queue
from burnish.apps.jobs.record import JobRecord, Ledger, MemoryLedger, new_id
from burnish.apps.jobs.setup import Setup, cores_here

__all__ = [
    "PATH_SETTINGS",
    "Failure",
    "FolderLine",
    "Job",
    "JobProgress",
    "JobRecord",
    "Kind",
    "Ledger",
    "Limits",
    "Line",
    "LocalPool",
    "Made",
    "MemoryLedger",
    "NearLine",
    "Outcome",
    "Queue",
    "Setup",
    "attend",
    "cores_here",
    "memory_for_workers",
    "new_id",
]
