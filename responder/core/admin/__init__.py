"""Everything that the command line can ask of the network, by name: `OPS`."""

from responder.core.admin.operations import OPS, AdminFault, NotNow, Op, named, story

__all__ = ["OPS", "AdminFault", "NotNow", "Op", "named", "story"]
