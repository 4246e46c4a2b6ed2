"""Logs: one JSON object a line on standard error, a fixed sentence plus fields, never personal data.

The supervisor (``sambung up``) or journald writes them to files and turns those over.
"""

from __future__ import annotations

import logging
import sys

import structlog


def configure() -> None:
    """Set up structlog, and the standard library's loggers of our dependencies, for a process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
