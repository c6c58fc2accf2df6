"""Español: lo que inventa `responder playbook show`, y cómo nombra lo que muestra."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "show.network": "Tu red",
    "show.neighbourhood": "Northside",
    "show.emergency": "Si alguien corre peligro de muerte, llama primero al número de emergencias.",
    "show.report": "{what} en Northside, en la esquina de Quill y Tercera",
    "show.story.well": "Avisa alguien en quien la red confía, y todo sale bien",
    "show.story.nobody": "Otra noche: avisa alguien a quien nadie conoce, y nadie puede ir",
    "show.story.offered": "De día: primero se pregunta a quien ofreció ayuda",
    "show.to.reporter": "A quien avisa",
    "show.to.responder": "A alguien que responde",
    "show.to.verifier": "A quien verifica",
    "show.to.coordinator": "A la coordinación",
    "show.notice": "Donde otros pueden leer:",
}
