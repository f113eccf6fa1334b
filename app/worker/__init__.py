"""The worker: announces what is due, delivers what was announced, and stops cleanly. Any number may run at once."""

from app.worker.worker import Worker

__all__ = ["Worker"]
