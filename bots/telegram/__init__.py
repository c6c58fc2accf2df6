"""Telegram, by aiogram over our own wire: what comes in, how it is laid out, what is sent."""
