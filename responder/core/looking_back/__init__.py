"""Looking back: one incident for its debrief, and a month in numbers for the meeting."""
