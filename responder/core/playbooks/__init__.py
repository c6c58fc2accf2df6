"""The rooms behind `responder.core.playbook`; the rest of the program goes through that door."""
