"""Spanish: the board, maps, plots and pictures that coordinators look at; days and months."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "day.months": (
        "enero,febrero,marzo,abril,mayo,junio,julio,agosto,septiembre,octubre,noviembre,diciembre"
    ),
    "day.whole": "{day} de {month} de {year}",
    "day.month": "{month} de {year}",
    "coverage.title": "Cobertura: {where}",
    "coverage.dates": "Del {first} al {last}, según los turnos del {at}",
    "coverage.count": "El número dice a cuántas personas llega un llamado en esa hora.",
    "coverage.enough": "Suficiente: se puede formar un equipo.",
    "coverage.thin": "Justo: una sola persona, o muy pocas para algún tipo de incidente.",
    "coverage.gap": "Hueco: hay un turno, pero algún equipo no se puede formar.",
    "coverage.none": "Nadie, y ningún turno.",
    "coverage.map.1": ". nadie; 1 una sola; 2-9 personas a las que llega un llamado; + diez o más",
    "coverage.map.2": "x hueco: hay un turno, pero el equipo de algún tipo no se podría formar",
    "coverage.map.3": "! justo: dos o más, pero el equipo de algún tipo no se podría formar",
    "coverage.gap.line": "Hueco de {start} a {end}: sin equipo para {kinds}.",
    "coverage.any": "ningún tipo",
    "coverage.nobody": (
        "En {place} nadie tiene todavía la tarea de salir: responder member add CALL-SIGN --help"
    ),
    "coverage.nobody-reached": (
        "En {place} pueden salir: {number}, y a nadie le llega un llamado todavía. Entran con su "
        "código: responder member code CALL-SIGN"
    ),
    "coverage.never": "La gente de {place} sola nunca forma equipo para {kinds}.",
    "coverage.limit": "En su límite de llamados esta noche: {names}.",
    "coverage.resting": "Descansan: {names}.",
    "coverage.unreached": "Tienen turno y no cuentan, pues todavía no les llega ningún llamado:",
    "coverage.unreached.do": "Un código para cada quien, para entrar por Signal: {command}",
    "timeline.title": "Incidente {code}, {kind}, {place}",
    "timeline.title.drill": "Simulacro {code}, {kind}, {place}",
    "timeline.machine": "en la máquina",
    "timeline.reporter": "quien avisó",
    "timeline.times": "Hora local; después, los minutos desde el primer aviso.",
    "timeline.empty": "No se anotó nada.",
    "numbers.title": "{network}: {month} en números",
    "numbers.incidents": "Incidentes: {count}",
    "numbers.minutes": (
        "Minutos hasta que hubo un equipo: {middle} el del medio, {most} como máximo en nueve de "
        "cada diez."
    ),
    "numbers.week": "Por semana",
    "numbers.kind": "Por tipo",
    "numbers.neighbourhood": "Por barrio",
    "numbers.outcome": "Cómo terminaron",
    "numbers.columns": "según,qué,incidentes",
    "numbers.outcome.responded": "fue un equipo",
    "numbers.outcome.nobody": "no fue nadie",
    "numbers.outcome.not-confirmed": "sin confirmar",
    "numbers.outcome.expired": "venció sin confirmarse",
    "numbers.outcome.cancelled": "retirado",
    "numbers.outcome.merged": "unido a otro",
    "numbers.outcome.ended": "lo cerró la coordinación",
    "numbers.week.one": "semana del {day}",
    "numbers.hidden": "no se dice",
    "numbers.none": (
        "En este mes no se contó nada. Un incidente cuenta cuando ya se destruyó; hasta entonces "
        "está aquí: responder incident list --all"
    ),
    "numbers.small": (
        "No se dicen las cuentas menores de {least}, ni lo que las delataría: en estos números no "
        "se debe encontrar a nadie."
    ),
    "board.columns": "código,tipo,lugar,estado,abierto,plazo,alarmas",
    "board.key.words": "Palabras",
    "board.key.widen": "Llamar más",
    "board.key.leave": "Irse ya",
    "board.key.note": "Nota",
    "board.key.end": "Terminar",
    "board.key.quit": "Salir",
    "board.well": "Todo está bien.",
    "board.wrong": "Algo anda mal: responder status.",
    "board.open": "Incidentes abiertos: {count}.",
    "board.nothing": "No hay nada abierto.",
    "board.hidden": "Lugar y palabras están ocultos. Con w se muestran un minuto.",
    "board.no-words": "No se dijo nada más.",
    "board.no-team": "Todavía no hay equipo.",
    "board.missed": "{count} sin responder",
    "board.check-in": "señal de vida en {clock}",
    "board.check-in.now": "señal de vida ahora",
    "board.now": "ahora",
    "board.drill": "SIMULACRO",
    "board.on-call": "De turno ahora",
    "board.not-paged": "sin llamado: {names}",
    "board.nobody": "nadie",
    "board.channel.well": "Canal {name}: bien",
    "board.channel.down": "Canal {name}: NO FUNCIONA",
    "board.channel.unasked": "Canales: aún sin mirar",
    "board.by": "por {who}",
    "board.by.machine": "en la máquina",
    "board.state.held": "espera",
    "board.state.paging": "llamando",
    "board.state.briefing": "leyendo",
    "board.state.out": "fuera",
    "board.state.leaving": "volviendo",
    "board.state.aftercare": "cuidado",
    "board.alarm.no-team": "SIN EQUIPO",
    "board.alarm.overdue": "SIN SEÑAL",
    "board.alarm.duress": "AMENAZA",
    "board.alarm.not-told": "SIN AVISO",
    "board.ask.widen": "¿Llamar ahora a más gente para {code}?",
    "board.ask.leave": "¿Decir a todo el equipo de {code} que se vaya ya?",
    "board.ask.note": "Una nota en {code}; su equipo también la lee.",
    "board.ask.end": "¿Terminar {code}? Se llama de vuelta a su equipo.",
    "board.write.yes": "Escribe sí y pulsa Intro. Con Escape no se hace nada.",
    "board.write.text": "Escribe la nota y pulsa Intro. Con Escape no se hace nada.",
    "board.write.reason": "Escribe la razón y pulsa Intro. Con Escape no se hace nada.",
}
