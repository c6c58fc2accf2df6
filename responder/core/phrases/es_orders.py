"""Spanish: members in chat, and grave orders that take two coordinators."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "chat.name.members": "miembros, personas",
    "chat.name.trust": "confianza",
    "chat.name.export": "exportar",
    "chat.name.incidents": "incidentes",
    "chat.name.playbooks": "guías",
    "chat.name.numbers": "números",
    "chat.help.incidents": "lo que está abierto, con sus botones",
    "chat.help.playbooks": "qué guías valen, y la vuelta atrás",
    "chat.help.numbers": "un mes en números, como 2026-11",
    "explain.also": "También: {names}\n{help} y uno de estos nombres dice para qué sirve.",
    "explain.handover": ("Escribe primero el barrio: /relevo Northside El portón está cerrado."),
    "overview.list": "Incidentes abiertos:",
    "overview.none": "No hay ningún incidente abierto que coordines.",
    "overview.counted": "Incidentes abiertos: {number}. La lista está en tu canal privado.",
    "errand.notice": "La respuesta está en tu canal privado.",
    "errand.playbooks": "Guías vigentes: {number}",
    "errand.text": "texto {number}, desde {since}",
    "errand.in_force": "vigente",
    "errand.texts": "{title}, los últimos textos guardados:",
    "errand.faults": "No se aplicó, y sigue vigente el último texto correcto:",
    "errand.no_faults": "No se rechazó ningún archivo.",
    "errand.button.texts": "Textos de {number}",
    "errand.button.back": "Volver al texto {number}",
    "errand.button.yes": "Sí, volver",
    "errand.back.sure": (
        "{title}: ¿debe valer otra vez el texto {number}? Los incidentes nuevos lo usan en "
        "segundos; los abiertos conservan el suyo."
    ),
    "errand.back": "{title}: {by} volvió al texto {number}. Vale en unos segundos.",
    "errand.fault": "No se hizo: {fault}",
    "errand.month": "Escribe un mes así: /números 2026-11",
    "errand.numbers": "Incidentes en {month}: {incidents}",
    "errand.numbers.minutes": (
        "Minutos hasta formar un equipo: {middle} en el medio, {most} como mucho en nueve de diez."
    ),
    "errand.numbers.hidden": "no se dice",
    "turning.shifts": "{call_sign}, turnos: {number}",
    "turning.line": "{number}. {when}, {place}",
    "turning.ahead": "Sus próximos ratos de turno:",
    "turning.button.away": "Quitar {number}",
    "turning.button.swap-for": "Cambiar por {number}",
    "turning.swap.which": "{when} se puede cambiar por uno de estos. Se avisa a ambas personas.",
    "turning.swapped": "Cambiado; se avisó a ambas personas.",
    "turning.unswapped": "Se deshizo un cambio: tu propio turno vuelve a ser tuyo.",
    "turning.undone": "Deshecho; se avisó a ambas personas.",
    "chat.help.members": "confianza, bloqueos y tareas de cada quien",
    "chat.help.trust": "dar un nivel: nombre y conocida o confiable",
    "chat.help.export": "todos los turnos; lo deciden dos coordinaciones",
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
    "order.button.stop": "Pararlo",
    "order.button.yes": "Sí, que se haga",
    "order.button.no": "No, que no se haga",
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
