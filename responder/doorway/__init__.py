"""What stands between bots and the rest: do channels hear, what must not pass, who is known."""
