"""Spanish: shifts, coverage, who takes over, care."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "chat.name.shifts": "turnos, mis turnos",
    "chat.name.coverage": "cobertura",
    "chat.name.care": "descansos, mis descansos",
    "chat.name.awake": "despierta, despierto",
    "chat.name.handover": "relevo",
    "chat.help.care": "tus llamados, casos duros y descanso",
    "chat.help.awake": "decir que estás en vela, por ejemplo hasta las 02:00: te piden primero",
    "chat.help.handover": "la nota para quien entra de turno: barrio y texto",
    "shift.days": "lunes,martes,miércoles,jueves,viernes,sábado,domingo",
    "shift.days-apart": "lunes,martes,miércoles,jueves,viernes,sábados,domingos",
    "shift.apart": "2,3,4",
    "shift.ordinals": "primer,segundo,tercer,cuarto,último",
    "shift.daily": "cada día {hours}",
    "shift.weekly": "cada {days} {hours}",
    "shift.apart-weeks": "cada {apart} {days} {hours}",
    "shift.monthly": "{nth} {day} del mes {hours}",
    "shift.from": "{when} desde {day}",
    "shift.until": "{when} hasta {day}",
    "roster.care.own": (
        "Llamados esta noche: {tonight} de {most} como máximo; en dos días: {lately}. Casos "
        "duros: {hard}."
    ),
    "roster.care.rest": "Descansas hasta {until}; nadie te llama.",
    "roster.care.never": "Decir que no, o no decir nada, no se cuenta en ninguna parte.",
    "roster.care.all": "Quienes recibieron llamados hace poco o descansan:",
    "roster.care.line": "{call_sign}: {tonight} de {most} esta noche, casos duros {hard}{rest}",
    "roster.care.resting": ", descansa hasta {until}",
    "roster.awake": (
        "Gracias. Hasta {until} te preguntan antes que a quienes duermen, mientras estés de turno."
    ),
    "roster.awake.bad": "No entendí la hora. Escribe por ejemplo: /{awake} hasta las 02:00",
    "roster.handover": "Nota para {place}: {text}",
    "roster.handover.done": (
        "Anotado. De turno ahora que la reciben: {told}. Los demás la reciben al entrar."
    ),
    "roster.handover.gone": "Ya no hay nota.",
    "chat.help.shifts": "tus próximos turnos: ceder, cambiar, tomar uno libre",
    "chat.help.coverage": "qué tan cubiertos están los próximos días",
    "roster.notice": "Es sobre los turnos. El texto está en tu canal privado.",
    "roster.time": "{place}, {day} {date}, de {start} a {end}",
    "roster.button.take": "Lo tomo",
    "roster.button.take-n": "Tomar {number}",
    "roster.button.keep": "Me lo quedo",
    "roster.button.give": "Ceder {number}",
    "roster.button.back": "Cederlo otra vez",
    "roster.button.swap": "Cambiar {number}",
    "roster.button.swap-with": "Pedir {number}",
    "roster.button.swap-yes": "Sí, cambiar",
    "roster.button.swap-no": "Mejor no",
    "roster.ask.gap": (
        "{when}: con quienes están de turno ahora no se podría formar un equipo. ¿Podrías estar "
        "de turno? Si no, no hagas nada; nadie lleva la cuenta."
    ),
    "roster.ask.given": (
        "{when}: alguien no puede. ¿Podrías tomar su lugar? Quien lo diga primero lo tiene. Si no, "
        "no hagas nada; nadie lleva la cuenta."
    ),
    "roster.ask.open": (
        "{when}: se busca a alguien para este turno. ¿Podrías tomarlo? Si no, no hagas nada; nadie "
        "lleva la cuenta."
    ),
    "roster.ask.over": "{when}: ya no se busca a nadie más. Gracias; no hay nada que hacer.",
    "roster.ask.swap": (
        "{call_sign} quiere cambiar: tú tomarías {theirs}, y {call_sign} tomaría {yours}. Decir "
        "que no no necesita razones."
    ),
    "roster.told.gap": (
        "Turnos: {when}: no se podría formar un equipo. Personas a las que se preguntó: {asked}."
    ),
    "roster.told.nobody": (
        "Turnos: {when}: se busca a alguien y no hay a quién preguntar. Busca a alguien, por "
        "favor: responder shift coverage muestra quién falta."
    ),
    "roster.told.untaken": (
        "Turnos: {when}: nadie lo ha tomado hasta ahora. Busca a alguien, por favor."
    ),
    "roster.told.taken": "Turnos: {call_sign} toma {when}.",
    "roster.told.swap": "Turnos: {one} y {other} han cambiado sus turnos.",
    "roster.told.put": (
        "{by} te puso de turno en {place}: {when}. Si no te viene bien, basta un toque; nadie "
        "pregunta por qué."
    ),
    "roster.told.away": (
        "{by} quitó un turno tuyo: {when}, {place}. Entonces ya no estás de turno. Si quieres "
        "quedártelo, basta un toque."
    ),
    "roster.told.many": (
        "{by} te puso de turno:\n{lines}\nSi algo no te viene bien, dilo a la coordinación; nadie "
        "pregunta por qué."
    ),
    "roster.told.line": "- {when}, {place}",
    "roster.told.more": "- y {number} más",
    "roster.told.on": (
        "{by} te puso de turno por un tiempo: {when}. Si no te viene bien, escribe /libre."
    ),
    "roster.told.off": ("{by} anotó que no estás de turno: {when}. Si no es así, escribe /turno."),
    "roster.told.exception-over": (
        "{by} retiró una excepción tuya: {when}. Vuelven a valer tus turnos de siempre. Si no te "
        "viene bien, escribe /libre o /turno."
    ),
    "roster.a-coordinator": "La coordinación",
    "roster.button.not-for-me": "No me viene bien",
    "roster.button.keep-shift": "Quiero quedármelo",
    "roster.objected": "Está bien: ese turno ya no existe, y la coordinación lo sabe.",
    "roster.kept-shift": "Es tuyo otra vez: {when}, {place}. La coordinación lo sabe.",
    "roster.told.objected": (
        "Turnos: el turno de {call_sign} no le viene bien y ya no existe: {when}, {place}."
    ),
    "roster.told.kept-shift": (
        "Turnos: {call_sign} quiere quedarse con el turno que se le quitó, y lo tiene otra vez: "
        "{when}, {place}."
    ),
    "roster.owner.told": "Se avisó a {call_sign}.",
    "roster.owner.untold": "{call_sign} no tiene canal todavía: avísale tú, por favor.",
    "roster.given": "{call_sign} toma tu lugar: {when}. Entonces no estás de turno.",
    "roster.taken": "Gracias. Estás de turno: {when}.",
    "roster.gave": (
        "{when}: personas a las que pregunté: {asked}. Sigues de turno hasta que alguien lo "
        "tome; entonces te aviso."
    ),
    "roster.gave.nobody": (
        "{when}: no hay nadie a quien preguntar. Sigues de turno; la coordinación sabe que "
        "quieres cederlo."
    ),
    "roster.kept": "Sigue siendo tuyo. Gracias.",
    "roster.button.undo": "Deshacer",
    "roster.put": "{call_sign} está de turno en {place}: {when}.",
    "roster.put.bad": (
        "No pude leer eso como turno. Escribe por ejemplo: cada viernes 18:00-22:00, o cada 2 "
        "sábados 10:00-14:00, o primer domingo del mes 9:00-12:00, o fines de semana "
        "10-14, o mañana 18:00-22:00"
    ),
    "roster.put.no-place": "No conozco el barrio {name}. Aquí hay: {places}",
    "roster.put.nobody": "No conozco a {name}. Escribe primero el apodo, luego el turno.",
    "roster.put.nobody.near": "No conozco a {name}. ¿Quisiste decir {near}?",
    "roster.put.where": "¿En qué barrio? Escríbelo al final, por ejemplo: en Northside",
    "roster.put.known": "Ese mismo turno ya existe.",
    "roster.put.past": "Ese día ya pasó: revisa la fecha.",
    "roster.put.twice": "A esa hora ya hay un turno, desde {day}: {when}, {place}.",
    "roster.unput": "Deshecho. Ese turno ya no existe.",
    "roster.swap.asked": "He preguntado. Te aviso; hasta entonces no cambia nada.",
    "roster.swap.no": "El cambio que pediste no se puede hacer. No ha cambiado nada.",
    "roster.swap.done": "Cambiado. Estás de turno: {when}.",
    "roster.swap.done-for-you": (
        "La coordinación cambió dos turnos, según entendió. Estás de turno: {when}. Si no te viene "
        "bien, avisa a la coordinación."
    ),
    "roster.swap.declined": "Está bien. No ha cambiado nada.",
    "roster.swap.which": "{when} se podría cambiar por uno de estos. ¿A quién pregunto?",
    "roster.swap.line": "{number}. {call_sign}: {when}",
    "roster.swap.none": "{when}: no encuentro a nadie con un turno por el que cambiarlo.",
    "roster.refused.taken": "Eso ya está resuelto. No hay nada más que hacer.",
    "roster.refused.not-now": (
        "Ahora no es posible: lo impiden el descanso, los límites o la formación."
    ),
    "roster.refused.yours": "Entonces ya estás de turno.",
    "roster.refused.asked": "Ya se ha preguntado a las demás personas.",
    "roster.shifts": "Tus próximos turnos:",
    "roster.shifts.none": "No tienes turnos en las próximas dos semanas.",
    "roster.shifts.open": "Aquí se busca a alguien:",
    "roster.shifts.line": "{number}. {when}",
    "roster.coverage": "Los próximos {days} días:",
    "roster.coverage.counts": "Horas, todos los barrios: {empty} nadie, {alone} una sola persona. "
    "Huecos en los turnos: {gaps}.",
    "roster.coverage.place": (
        "{place}: {empty} h nadie, {alone} h una sola persona, {covered} h con cobertura"
    ),
    "roster.coverage.gap": "Hueco: {when}",
    "roster.coverage.limit": "En su límite esta noche: {names}",
}
