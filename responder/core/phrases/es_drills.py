"""Spanish: drills, monthly checks, lessons, and what happened in an incident."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "drill.ask": (
        "¿Te llega esto? Solo pedimos un toque. No tienes que ir a ningún lado, y las dos "
        "respuestas valen lo mismo."
    ),
    "drill.notice": "Un simulacro te pide un toque.",
    "drill.reachable": "Me llega",
    "drill.not-free": "Me llega, pero ahora no puedo",
    "drill.over": "Ese simulacro ya terminó. Gracias de todos modos.",
    "drill.where": "Un simulacro pide un toque a quienes están de turno. ¿Dónde será?",
    "drill.begun": (
        "El simulacro {code} empezó: se pregunta a {asked} personas. Te aviso cuando termine."
    ),
    "drill.unknown_place": "No conozco ese barrio. Escribe solo /simulacro para elegir uno.",
    "drill.refused.real": "Allí pasa algo de verdad: ahora no hay simulacro.",
    "drill.refused.running": "Allí ya hay un simulacro en marcha.",
    "drill.refused.nobody": "Allí no hay nadie de turno a quien se pueda preguntar ahora.",
    "drill.none": "Todavía no hubo ningún simulacro.",
    "drill.report.head": "SIMULACRO {code} en {place}, {when}",
    "drill.report.sum": "Tocaron {reached} de {asked} personas.",
    "drill.report.goes_on": "Sigue en marcha.",
    "drill.report.team": "Un equipo de {team} para {playbook} se habría formado en {seconds}.",
    "drill.report.no_team": "Un equipo de {team} para {playbook} no se habría formado.",
    "drill.report.line": "{call_sign}, {channel}: {arrival}, {tap}",
    "drill.report.arrived": "llegó en {seconds}",
    "drill.report.not_arrived": "no llegó",
    "drill.report.tapped": "tocó en {seconds}",
    "drill.report.tapped_on": "tocó en {channel} en {seconds}",
    "drill.report.not_tapped": "sin toque",
    "drill.report.unreached": "Ningún canal llegó a: {names}",
    "drill.report.silent": "Llegó, pero sin toque: {names}",
    "drill.report.left_out": "De turno y sin preguntar: {names}",
    "drill.reason.no-consent": "todavía no ha dicho que sí a participar",
    "drill.reason.no-private-channel": "sin canal que lleve una llamada",
    "drill.reason.training": "le falta la formación",
    "drill.reason.busy": "en un equipo",
    "drill.reason.off-call": "fuera de turno",
    "drill.reason.resting": "descansa",
    "drill.reason.limit": "ya tuvo bastantes llamadas esta noche",
    "drill.reason.already-paged": "en otro simulacro",
    "drill.reason.other": "ahora no se le puede llamar",
    "drill.seconds": "{seconds} s",
    "drill.minutes": "{minutes} min {seconds} s",
    "desk.drill": (
        "El simulacro {code} en {place} terminó: tocaron {reached} de {asked}.\n"
        "Ningún canal llegó a: {unreached}\n"
        "Llegó, pero sin toque: {silent}\n"
        "El informe entero: /simulacro {code}"
    ),
    "reach.ask": (
        "La prueba de cada mes: ¿te llega esto? Basta un toque. No ha pasado nada, y no se te "
        "pide nada más."
    ),
    "reach.notice": "La prueba de cada mes te pide un toque.",
    "desk.reach": (
        "Las pruebas del mes: tocaron {reached} de {asked} miembros.\n"
        "Ningún canal llega a: {unreached}\n"
        "Sin respuesta: {silent}\n"
        "Por favor, pregúntales por otra vía si cambiaron de teléfono o de número."
    ),
    "lesson.words": "Escribe el código y lo que enseñó: /lección A7 Dos coches eran demasiados.",
    "lesson.too_long": "Por favor, una lección de menos de {most} caracteres.",
    "lesson.kept": (
        "Guardada para la red. Dura más que el incidente: no debe nombrar a nadie ni ningún "
        "lugar. En la máquina: responder incident lessons"
    ),
    "timeline.opened": "llegó el aviso",
    "timeline.joined": "se sumó otro aviso de lo mismo",
    "timeline.reporter-safe": "quien avisó está a salvo",
    "timeline.cancelled": "se retiró un aviso",
    "timeline.forgotten": "se olvidó un aviso, como pidió quien avisó",
    "timeline.confirmed": "lo confirmó",
    "timeline.not-confirmed": "no pudo confirmarlo",
    "timeline.asked-reporter": "preguntó algo a quien avisó",
    "timeline.merged": "pasó a otro incidente",
    "timeline.corroborated": "avisos independientes coincidieron",
    "timeline.more-asked": "pidió más gente",
    "timeline.leave-now": "dijo que hay que irse ya",
    "timeline.done": "dijo que terminó",
    "timeline.out-safe": "fuera y a salvo",
    "timeline.hard-call": "alguien dijo que fue duro",
    "timeline.ended-by-coordinator": "lo terminó",
    "timeline.accounted-for": "se sabe que está bien",
    "timeline.widened": "pidió más gente ahora",
    "timeline.not-delivered": "un mensaje no llegó",
    "timeline.has-brief": "leyó las indicaciones",
    "timeline.go": "recibió el aviso de ir",
    "timeline.there": "en el lugar",
    "timeline.checked-in": "una señal de vida",
    "timeline.missed-check-in": "sin señal de vida cuando tocaba",
    "timeline.left-team": "dejó el equipo",
    "timeline.paged": "se le pidió ir",
    "timeline.accepted": "dijo que sí",
    "timeline.declined": "alguien no podía ir",
    "timeline.teamed": "en el equipo",
    "timeline.ended": "terminó",
    "timeline.note": "nota ({by}): {text}",
}
