"""Rehearsing: drills, what they found, and the monthly check of who is reached."""
