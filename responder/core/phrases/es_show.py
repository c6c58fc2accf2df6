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
    "incident.state": "estado",
    "incident.outcome": "resultado",
    "incident.opened": "abierto",
    "incident.due": "próxima revisión",
    "incident.search": "búsqueda",
    "incident.closed": "cerrado",
    "incident.forgotten": "se olvida",
    "incident.state.held": "espera a que se verifique",
    "incident.state.paging": "se está pidiendo a gente que vaya",
    "incident.state.briefing": "hay equipo, y lee sus instrucciones",
    "incident.state.out": "hay un equipo fuera",
    "incident.state.leaving": "el equipo se retira; se cuenta a cada persona",
    "incident.state.aftercare": "terminó; se cuida a quienes fueron",
    "incident.state.closed": "cerrado",
    "incident.search.sum": "paso {wave}; {pages}",
    "incident.page.paged": "sin respuesta {number}",
    "incident.page.accepted": "dijeron que sí {number}",
    "incident.page.declined": "no pueden {number}",
    "incident.page.thanked": "se dio las gracias {number}",
    "incident.page.failed": "no se entregó {number}",
    "incident.team": "Equipo",
    "incident.mate.due": "se espera señal a las {time}",
    "incident.alarms": "Alarmas",
    "incident.repeats": "repetida {number} veces",
    "incident.reports": "Avisos",
    "incident.level.blocked": "de alguien bloqueado",
    "incident.level.unknown": "de alguien desconocido",
    "incident.level.known": "de alguien conocido",
    "incident.level.trusted": "de alguien de confianza",
    "incident.report.counts": "cuenta",
    "incident.report.waits": "sin confirmar",
    "incident.report.gone": "se retiró",
    "incident.notes": "Notas",
    "incident.words": "Lugar y palabras",
    "incident.story": "Qué pasó",
    "incident.timeline": (
        "Para mirar atrás en grupo, como texto o imagen: responder incident show {code} "
        "--timeline, o --svg ARCHIVO"
    ),
}
