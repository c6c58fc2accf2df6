"""What people write, and what it sets in motion: conversations, commands, presses."""
