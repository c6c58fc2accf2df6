"""What is done to a network as a whole: its key, its backups, and what a thief would learn."""
