"""What is printed or handed on: posters, calendars, links and codes to come in by."""
