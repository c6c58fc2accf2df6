"""Spanish: short words to coordinators that belong to no single incident."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "desk.notice": "Algo necesita a quien coordina. El mensaje está en tu canal privado.",
    "desk.unreachable": (
        "Ya no se puede contactar a {call_sign} por {channel}: bloqueó el bot o la dirección no "
        "existe. Pídele que vuelva a escribir al bot, o dale un código nuevo para unirse."
    ),
    "desk.set_aside": (
        "Un mensaje no se pudo procesar y se guardó aparte, sellado. No se perdió nada más. "
        "Avisa a quien cuida la máquina: responder status dice más."
    ),
    "desk.playbook_fault": (
        "Una guía modificada tiene un error y no se aplicó; sigue vigente la última correcta.\n"
        "{fault}"
    ),
    "desk.vouches_reopened": (
        "Se quitó a {call_sign}, así que su aval ya no cuenta. "
        "Por favor revisa de nuevo a estas personas: {people}."
    ),
}
