"""The life of one incident: `decide(incident, event, view)` and `due(incident)`."""

from responder.core.incident.deciding import MEANINGFUL, decide, due

__all__ = ["MEANINGFUL", "decide", "due"]
