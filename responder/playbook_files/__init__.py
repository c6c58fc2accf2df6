"""Playbooks as files: the folder, their earlier texts, and how one would go tonight."""
