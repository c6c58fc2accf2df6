"""What rosters are for beyond "who is on call now": coverage, gaps, taking over, care, handover."""
