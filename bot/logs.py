"""How log lines are written: one event a line with ids, never a message's text, a name or a number."""

import logging
import sys

import structlog

from bot.settings import LogFormat

_LIBRARIES = ("apscheduler", "httpx", "httpcore", "telegram", "uvicorn")
"""Libraries that say much; what they warn of is said by the bot in its own words."""


def configure(style: LogFormat) -> None:
    """Log events of the bot to the error stream, as lines for people or as JSON."""
    render: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if style is LogFormat.JSON
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if style is LogFormat.JSON else _pass_on,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(logging.ERROR)


def quiet() -> None:
    """Log nothing below an error: for commands whose output is for people."""
    configure(LogFormat.CONSOLE)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


def _pass_on(logger: object, name: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    return event
