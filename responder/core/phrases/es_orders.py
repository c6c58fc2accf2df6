"""Spanish: members in chat, and grave orders that take two coordinators."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "chat.name.members": "miembros, personas",
    "chat.name.trust": "confianza",
    "chat.name.export": "exportar",
    "chat.help.members": "las personas: confianza, bloqueos, tareas; o una por su nombre",
    "chat.help.trust": "dar un nivel a mano: el nombre y después conocida, confiable o desconocida",
    "chat.help.export": "todos los turnos como texto; otra coordinación debe estar de acuerdo",
    "member.notice": "Se trata de personas de la red. El texto está en tu canal privado.",
    "member.list": "Personas: {number}",
    "member.level.trusted": "de confianza, confiable",
    "member.level.known": "conocida, conocido",
    "member.level.unknown": "desconocida, desconocido",
    "member.level.blocked": "bloqueada",
    "member.role.responder": "sale",
    "member.role.verifier": "verifica",
    "member.role.coordinator": "coordina",
    "member.on_call": "de turno ahora",
    "member.rests": "Descansa hasta {until}; nadie le avisa.",
    "member.not_private": "Ningún aviso le llega: no tiene Signal ni un teléfono registrado.",
    "member.vouched_by": "Responden por esta persona: {names}",
    "member.vouches_for": "Responde por: {names}",
    "member.nobody": "Nadie tiene ese nombre. /miembros muestra a todas las personas.",
    "member.not_yourself": "Eso lo dicen otras personas: nadie cambia su propio nivel.",
    "member.already": "Ya es así. No ha cambiado nada.",
    "member.changed_since": "Ha cambiado desde entonces: aquí no hay nada que deshacer.",
    "member.level": "Ahora {call_sign}: {level}.",
    "member.blocked": (
        "{call_sign} está bloqueada: nada de lo que escribe cuenta, nadie le avisa y sale de todos "
        "los incidentes. Deshacer devuelve el nivel, no el lugar en un equipo."
    ),
    "member.moved": "Con eso cambió el nivel de otras personas. Míralas de nuevo: {names}",
    "member.vouched": "Ahora respondes por {call_sign}.",
    "member.unvouched": "Ya no respondes por {call_sign}.",
    "member.uncoded": "Ese código ya no vale.",
    "member.told.level": "{by} cambió el nivel de confianza de {call_sign}: {level}.",
    "member.told.blocked": "{by} bloqueó a {call_sign}. Se deshace en /miembros {call_sign}",
    "member.button.show": "Ver {number}",
    "member.button.more": "Más",
    "member.button.undo": "Deshacer",
    "member.button.level.trusted": "De confianza",
    "member.button.level.known": "Conocida",
    "member.button.level.unknown": "Solo por avales",
    "member.button.block": "Bloquear",
    "member.button.unblock": "Desbloquear",
    "member.button.vouch": "Respondo por ella",
    "member.button.unvouch": "Retiro mi palabra",
    "member.button.uncode": "Retirarlo",
    "member.button.order.coordinator": "Que coordine",
    "member.button.order.no-coordinator": "Que ya no coordine",
    "member.button.order.block": "Bloquear",
    "member.button.order.remove": "Quitar de la red",
    "order.notice": "Dos coordinaciones deben decidir algo. El texto está en tu canal privado.",
    "order.button.yes": "De acuerdo",
    "order.button.no": "No",
    "order.what.coordinator": "{call_sign} empieza a coordinar",
    "order.what.no-coordinator": "{call_sign} deja de coordinar",
    "order.what.block": "{call_sign}, que coordina, queda bloqueada",
    "order.what.remove": "{call_sign} sale de la red para siempre",
    "order.what.export": "{by} recibe todos los turnos, con nombres y lugares",
    "order.machine.coordinator": (
        "responder member set {call_sign} con --role por cada tarea, también coordinator"
    ),
    "order.machine.no-coordinator": (
        "responder member set {call_sign} con --role por cada tarea que se queda"
    ),
    "order.machine.block": "responder member block {call_sign}",
    "order.machine.remove": "responder member remove {call_sign}",
    "order.machine.export": "responder shift export",
    "order.question": (
        "{by} pide esto: {what}. Solo pasa si otra persona que coordina está de acuerdo en "
        "{minutes} minutos. Si tienes dudas, pregunta antes a {by} por otra vía."
    ),
    "order.asked": (
        "Pedido: {what}. Coordinaciones que pueden aceptarlo: {asked}. Después de {minutes} "
        "minutos ya no vale."
    ),
    "order.alone": (
        "No se ha hecho: {what}. Otra persona que coordina debe estar de acuerdo, y no hay "
        "ninguna que pueda. Quien cuida la máquina puede hacerlo: {machine}"
    ),
    "order.done": "Hecho: {what}. {by} lo pidió y {other} estuvo de acuerdo.",
    "order.refused": "No se ha hecho: {what}. {other} no está de acuerdo con lo que pidió {by}.",
    "order.void": ("No se ha hecho: {what}. {by} lo pidió y nadie aceptó en {minutes} minutos."),
    "order.late": "Eso ya pasó: está decidido o terminó su media hora.",
    "order.own": "Lo pediste tú. Otra persona que coordina debe estar de acuerdo.",
    "order.about_you": "Se trata de ti: lo deciden otras personas.",
    "order.changed": (
        "Eso ya no cambiaría nada, o quien lo pidió ya no coordina. No ha pasado nada."
    ),
    "order.other_channel": (
        "También se pidió por {channel}, y {channel} podría tocar los dos botones. Acéptalo por "
        "Signal o pídelo de nuevo desde allí."
    ),
    "order.export.line": "{call_sign} {when} en {place}",
    "order.export.none": "No hay turnos.",
    "desk.machine.coordinator": (
        "En la máquina, {call_sign} empezó a coordinar. Si nadie de ustedes lo sabe, quizá otra "
        "persona tiene la máquina."
    ),
    "desk.machine.no_coordinator": (
        "En la máquina, {call_sign} dejó de coordinar. Si nadie de ustedes lo sabe, quizá otra "
        "persona tiene la máquina."
    ),
    "desk.machine.removed": (
        "En la máquina, se quitó a {call_sign} de la red. Si nadie de ustedes lo sabe, quizá otra "
        "persona tiene la máquina."
    ),
    "desk.machine.export": (
        "En la máquina, se exportaron los turnos, con nombres. Si nadie de ustedes lo sabe, quizá "
        "otra persona tiene la máquina."
    ),
    "desk.machine.backup": (
        "En la máquina, se escribió una copia de seguridad. Si nadie de ustedes lo sabe, quizá "
        "otra persona tiene la máquina."
    ),
}
