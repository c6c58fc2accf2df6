"""Spanish: the words of an incident's messages.

Plain, and with "tú". What stands in braces is filled in by the cards; everything else is read as
it is.
"""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    # --- in many cards ---
    "card.drill": "SIMULACRO: es una práctica, no ha pasado nada.",
    "card.head": "{title}, {neighbourhood}. Incidente {code}.",
    "card.someone": "alguien del equipo",
    "card.count.minutes.one": "{number} minuto",
    "card.count.minutes.many": "{number} minutos",
    "card.count.hours.one": "{number} hora",
    "card.count.hours.many": "{number} horas",
    "card.count.days.one": "{number} día",
    "card.count.days.many": "{number} días",
    "card.place": "Dónde, según nos dijeron:",
    "card.no-place": "Todavía no tenemos el lugar exacto. Te llega en cuanto lo sepamos.",
    "card.pin": "Punto (latitud, longitud): {pin}",
    "card.no-words": "Todavía no tenemos palabras de quien avisó.",
    "card.told": "Lo que nos contaron:",
    "card.told-at": "Lo que nos contaron a las {time}:",
    "card.told-later": "Y después:",
    "card.more-reports": "(hay más: {number} que no caben aquí)",
    # --- buttons ---
    "card.button.going.10": "Voy, 10 min",
    "card.button.going.20": "Voy, 20 min",
    "card.button.going.40": "Voy, 40 min",
    "card.button.cannot": "No puedo",
    "card.button.can": "Sí, puedo",
    "card.button.not-this-time": "Esta vez no",
    "card.button.cannot-after-all": "Al final no puedo",
    "card.button.cannot-go-on": "No puedo seguir",
    "card.button.have-it": "Lo tengo",
    "card.button.there": "Ya llegué",
    "card.button.check-in": "Estoy bien",
    "card.button.more": "Hace falta más gente",
    "card.button.leave": "Irnos ya",
    "card.button.done": "Terminamos",
    "card.button.out": "Ya estoy fuera",
    "card.button.hard": "Fue duro",
    "card.button.safe": "Ya estoy a salvo",
    "card.button.cancel": "Retirar mi aviso",
    "card.button.follow-up.yes": "Sí, por favor",
    "card.button.follow-up.no": "No, gracias",
    "card.button.confirm": "Confirmar",
    "card.button.not-confirmed": "Sin confirmar",
    "card.button.ask": "Hacer una pregunta",
    "card.button.merge": "Es el mismo que otro",
    "card.button.merge-with": "Es el incidente {code}",
    "card.button.end": "Terminarlo",
    "card.button.note": "Añadir una nota",
    "card.button.widen": "Preguntar a más gente",
    "card.button.leave-order": "Que se vayan ya",
    "card.button.accounted": "Sé cómo está",
    # --- notices ---
    "card.notice.news": "Hay novedades para ti. Escribe /status para leerlas.",
    "card.notice.needed": "Te necesitamos para algo. Los detalles están en Signal.",
    "card.notice.request": "Una pregunta para ti, sin prisa. Los detalles están en Signal.",
    "card.notice.read-now": "Tienes algo que leer ahora. Está en Signal.",
    "card.notice.read": "Tienes algo que leer. Está en Signal.",
    "card.notice.ready": "Todo el mundo está listo. Los detalles están en Signal.",
    "card.notice.noted": "Anotado, gracias.",
    "card.notice.well": "¿Estás bien? Toca una respuesta, por favor. Los detalles están en Signal.",
    "card.notice.settled": "Esto ya está resuelto. Gracias. No queda nada por hacer.",
    "card.notice.board": "Tienes un resumen en Signal.",
    "card.notice.alarm": "Hace falta alguien de coordinación ahora. Los detalles están en Signal.",
    # --- reporters ---
    "card.held": (
        "Gracias, tenemos tu aviso. Primero lo comprueba alguien de los nuestros. "
        "En cualquier caso te contamos."
    ),
    "card.asked": (
        "Estamos pidiendo a gente que vaya. Te escribimos en cuanto estén en camino. "
        "Quédate donde te sientas a salvo."
    ),
    "card.morning": (
        "Es tarde, y de noche no se pregunta a quienes ofrecen esta ayuda. Hasta las {time} "
        "preguntamos solo a quienes están de turno. Si no aparece nadie, desde las {time} "
        "preguntamos a los demás: no hace falta que escribas otra vez. Si ya no lo necesitas, "
        "retira tu aviso."
    ),
    "card.joined": (
        "Gracias, tenemos tu aviso. Lo hemos juntado con lo demás que sabemos y te iremos contando."
    ),
    "card.on-the-way": ("Hay gente en camino. Van a observar, a ayudar y a calmar las cosas."),
    "card.on-the-way.when": "Deberían llegar en unos {time}.",
    "card.there": "Nuestra gente ya está allí. No tienes que hacer nada. "
    "Si algo cambia, escríbenos.",
    "card.had-to-leave": (
        "Nuestra gente ha tenido que apartarse para no correr peligro. No nos olvidamos de ti. "
        "Si puedes, ve tú también a un lugar seguro."
    ),
    "card.nobody": "Lo sentimos: ahora mismo no puede ir nadie.",
    "card.nobody.morning": (
        "Desde las {time} preguntamos a quienes ofrecen esta ayuda, y te contamos qué resulta."
    ),
    "card.nobody.looking": "Seguimos buscando y te avisamos enseguida si eso cambia.",
    "card.expired": (
        "No pudimos confirmar tu aviso, así que no pedimos a nadie que fuera. No dice nada malo "
        "de ti: muchas veces no hay nadie cerca que pueda mirar. Gracias por cuidar de los demás."
    ),
    "card.over": "Por nuestra parte ya terminó. Gracias por avisarnos.",
    "card.over.responded": "Ya terminó y nuestra gente se ha ido. Gracias por avisarnos.",
    "card.kept": (
        "Lo que nos contaste, con fotos y mensajes de voz, se guarda bajo llave durante {span} y "
        "luego se destruye. Si quieres que se destruya ya, escribe /olvidar."
    ),
    "card.follow-up": "¿Cómo estás ahora? Si podemos ayudarte en algo, contesta aquí mismo.",
    "card.follow-up.from": "Somos {network}. Nos pediste que volviéramos a escribirte.",
    "card.follow-up.promised": "Como querías, más adelante te preguntaremos cómo estás.",
    "card.question": "Alguien de los nuestros que comprueba los avisos pregunta:",
    "card.question.how": "Escribe aquí tu respuesta. No tienes por qué contestar.",
    "card.reporter-back": (
        "Nuestra red dejó de funcionar un rato y ya funciona otra vez. Tenemos tu aviso."
    ),
    "card.reporter-back.held": "Te iremos contando. Si ya estás a salvo, tócalo abajo.",
    "card.reporter-back.paging": "Seguimos pidiendo a gente que vaya.",
    "card.reporter-back.briefing": "Hay gente que ha dicho que sí y se está preparando.",
    "card.reporter-back.out": "Ya salió gente y le estamos preguntando cómo va.",
    "card.reporter-back.leaving": "Nuestra gente se está yendo de allí.",
    "card.reporter-back.over": "Por nuestra parte ya terminó.",
    # --- the page, and what becomes of it ---
    "card.page.head": "{title}, {neighbourhood}",
    "card.page.urgency.high": "Urgente: ahora.",
    "card.page.urgency.normal": "Pronto, si puedes.",
    "card.page.urgency.low": "Sin prisa.",
    "card.page.needed": "Hace falta: {needed}",
    "card.page.how": (
        "Incidente {code}. Nadie va en solitario: sabrás el lugar cuando tengas pareja. "
        "Toca una respuesta o manda su número. Para decir que no, no hace falta motivo."
    ),
    "card.request": (
        "Alguien en {neighbourhood} pide lo que ofreciste: {help}. ¿Podrías ayudar esta vez?"
    ),
    "card.request.how": (
        "No hay prisa, y un no está bien: nadie pregunta por qué y nadie lleva la cuenta. Si "
        "puedes, espera a tu pareja y los detalles: llegan cuando dos personas hayan dicho que "
        "sí. Si no contestas, simplemente preguntamos a otras personas."
    ),
    "card.enough": "Gracias. Ya ha dicho que sí bastante gente, así que puedes descansar.",
    "card.waiting": (
        "Gracias por decir que sí. Todavía no hay nadie que vaya contigo, así que quédate donde "
        "estás y no vayas sin compañía. Te escribimos en cuanto haya alguien."
    ),
    "card.released": "Gracias por estar disponible. Esta vez no salió adelante, y quedas libre.",
    "card.dropped": (
        "No supimos a tiempo que tenías las instrucciones, así que se lo pedimos a otra persona. "
        "Por favor no vayas. Gracias por estar disponible."
    ),
    "card.left": "Anotado, quedas libre. Gracias por decirlo. Nadie pregunta por qué.",
    # --- the brief, and out there ---
    "card.with": "Vas con: {mates}",
    "card.role": "Tu papel: {role}",
    "card.meet": "Punto de encuentro: {meet}",
    "card.safety": "Para cuidarte:",
    "card.disengage": "Cuándo irse:",
    "card.silent": "Si la red se queda en silencio: {silent}",
    "card.brief.wait": (
        "Lee esto y toca «Lo tengo» en menos de {span}. No vayas hasta que yo diga adelante: "
        "lo digo cuando todo el equipo lo haya leído."
    ),
    "card.go": "Todo el equipo lo ha leído. Adelante, y no se separen.",
    "card.check-in.by": "Próxima señal: antes de las {time}.",
    "card.check-in.every": "Da señales cada {span}.",
    "card.noted": "Anotado, gracias.",
    "card.noted.there": "Anotado: ya llegaste.",
    "card.noted.check-in": "Anotado: has dado señales. Gracias.",
    "card.noted.more": (
        "Anotado: estamos pidiendo más gente. Quédate en un lugar seguro hasta que llegue."
    ),
    "card.team-changed": "Tu equipo del incidente {code} ha cambiado.",
    "card.team-changed.wait": "Espera: no vayas hasta que yo diga adelante.",
    "card.team-changed.alone": (
        "Tu equipo ha cambiado. Ahora mismo no hay nadie contigo: no avances y espéranos."
    ),
    "card.hold-back": (
        "No avances. Tu pareja se ha ido o no viene. No entres sin compañía: retírate a un lugar "
        "seguro y espera allí. Estamos buscando a alguien que vaya contigo."
    ),
    "card.hold-back.not-gone": (
        "No salgas. Tu pareja no viene. Por favor, quédate donde estás. "
        "Estamos buscando a alguien que vaya contigo."
    ),
    "card.update.text": "Incidente {code}, nos cuentan algo más:",
    "card.update.mate": "Incidente {code}, escribe {mate}:",
    "card.update.note": "Incidente {code}, escribe coordinación:",
    "card.update.safe": (
        "Incidente {code}: quien avisó dice que ya está a salvo. Esto no cierra nada: "
        "decidan entre ustedes si todavía hacen falta."
    ),
    "card.update.cancelled": (
        "Incidente {code}: quien avisó ha retirado el aviso. Esto no cierra nada: "
        "tengan cuidado y decidan entre ustedes si se quedan."
    ),
    "card.update.forgotten": (
        "Incidente {code}: quien avisó ha retirado el aviso y quiere que se olvide. Esto no "
        "cierra nada. Cuando llegues a casa, borra de tu teléfono lo que te mandamos."
    ),
    "card.update.more-asked": "Incidente {code}: tu equipo ha pedido más gente.",
    "card.update.no-more": (
        "Incidente {code}: ahora mismo no puede ir nadie más. Hagan solo lo que sea seguro."
    ),
    "card.update.silent": (
        "Incidente {code}: no sabemos nada de {mate}. Si no hay peligro, búsquense, y da señales."
    ),
    "card.update.later": "Hay novedades. Te llegan en cuanto vuelvas a tener compañía.",
    "card.media": (
        "Incidente {code}: lo manda quien avisó, solo para tu equipo. Por favor, no lo pases "
        "a nadie y bórralo después."
    ),
    "card.nudge": "Te toca dar señales. ¿Estás bien?",
    "card.nudge.leaving": "¿Ya estás fuera y a salvo? Dínoslo, para quedarnos con tranquilidad.",
    "card.nudge.alarm": "Hace rato que no sabemos de ti, y coordinación ya lo sabe.",
    "card.back": "La red estuvo un rato en silencio y ya funciona otra vez. ¿Estás bien?",
    "card.back.not-gone": (
        "La red estuvo un rato en silencio y ya funciona otra vez. No vayas hasta que yo diga "
        "adelante."
    ),
    "card.back.leaving": (
        "La red estuvo un rato en silencio y ya funciona otra vez. Si sigues allí, es hora de "
        "irse. ¿Ya estás fuera y a salvo?"
    ),
    "card.unheard": "Todavía no sabemos que estés fuera. Tócalo en cuanto lo estés, por favor.",
    "card.leave": (
        "Vete ya. Ve con calma a un lugar seguro, con tu pareja si puedes. "
        "Luego toca «Ya estoy fuera». Contamos hasta que lo estén todos."
    ),
    "card.stand-down": (
        "Ya terminó, gracias. Váyanse sin separarse y toca «Ya estoy fuera» cuando te hayas "
        "alejado."
    ),
    "card.stand-down.free": "Ya terminó. Gracias por estar disponible; no queda nada por hacer.",
    "card.thanks": (
        "Gracias. Estás fuera y lo hemos anotado. Respira y habla un momento con tu pareja. "
        "Si fue duro, tócalo abajo: entonces descansa todo el equipo, sin preguntas."
    ),
    "card.debrief.with": "Fuiste con: {mates}",
    # --- verifiers ---
    "card.verify": (
        "Comprueba este aviso, por favor. No está confirmado y todavía no hemos llamado a nadie."
    ),
    "card.verify.urgent": "Urgente: hay más de un aviso sobre esto.",
    "card.verify.first": "Cuenta la primera respuesta.",
    "card.verify.how": (
        "Confirma solo lo que puedas asegurar: lo ves tú, o alguien en quien confías. "
        "Vale la primera respuesta."
    ),
    "card.verify-more": "Incidente {code}, nos cuentan algo más:",
    "card.verify-media": (
        "Incidente {code}: lo manda quien avisó, para quienes comprueban el aviso. Por favor, no "
        "lo pases a nadie y bórralo después."
    ),
    "card.verify-closed.confirmed": "El incidente {code} está confirmado. Gracias.",
    "card.verify-closed.not-confirmed": "El incidente {code} no se confirmó y está cerrado.",
    "card.verify-closed.merged": "El incidente {code} es parte de otro. Gracias.",
    "card.verify-closed.corroborated": (
        "Incidente {code}: varios avisos independientes coinciden. Gracias."
    ),
    "card.verify-closed.expired": "El incidente {code} está cerrado: nadie pudo confirmarlo.",
    "card.verify-closed.gone": "El incidente {code} está cerrado: retiraron el aviso.",
    "card.verify-closed.yours": "El aviso es tuyo, así que lo comprueba otra persona.",
    "card.reports": "Avisos por nivel: {levels}. El primero, a las {time}.",
    "card.reports.last": "El último, a las {time}.",
    "card.level.trusted": "de confianza",
    "card.level.known": "de alguien que conocemos",
    "card.level.unknown": "de alguien que no conocemos",
    "card.level.blocked": "de alguien con bloqueo",
    # --- coordinators ---
    "card.board-media": (
        "Incidente {code}: lo manda quien avisó, para ti porque coordinas. Por favor, no lo pases "
        "a nadie y bórralo después."
    ),
    "card.board.not-yours": "Este resumen ya no es para ti.",
    "card.state.held": "A la espera de que alguien lo confirme.",
    "card.state.paging": "Buscando gente.",
    "card.state.briefing": "Un equipo está leyendo los detalles.",
    "card.state.out": "Un equipo está fuera.",
    "card.state.leaving": "Todo el equipo se está yendo y contamos a cada persona.",
    "card.state.aftercare": "Terminó y no falta nadie. Queda hablarlo después.",
    "card.state.closed": "Cerrado.",
    "card.outcome.responded": "Fue gente.",
    "card.outcome.nobody": "No pudo ir nadie.",
    "card.outcome.not-confirmed": "No se confirmó.",
    "card.outcome.expired": "Nadie pudo confirmarlo.",
    "card.outcome.cancelled": "Retiraron el aviso.",
    "card.outcome.merged": "Es parte de otro incidente.",
    "card.outcome.ended": "Lo terminó coordinación.",
    "card.board.morning": "Desde las {time} se pregunta también a quienes ofrecen esta ayuda.",
    "card.board.paged": (
        "Rondas hasta ahora: {waves}. Preguntamos a {paged}, dijeron que sí: {accepted}, "
        "no pueden: {declined}."
    ),
    "card.board.unreached": "Avisos que no parecen haber llegado: {count}.",
    "card.board.mate": "- {mate}",
    "card.board.due": "próxima señal antes de las {time}",
    "card.board.held-back": "a la espera, sin avanzar",
    "card.board.leaving": "con aviso de irse",
    "card.board.alarm.no-team": "Alarma: no encontramos equipo.",
    "card.board.alarm.overdue": "Alarma: {mate} no da señales.",
    "card.board.alarm.duress": "Alarma silenciosa: {mate} está bajo amenaza.",
    "card.board.alarm.not-told": "Alarma: no pudimos avisar a {mate}.",
    "card.board.note": "{mate} a las {time}:",
    "card.board.machine": "Desde el ordenador",
    "card.stage.briefed": "leyendo los detalles",
    "card.stage.ready": "con los detalles leídos",
    "card.stage.gone": "en camino",
    "card.stage.there": "allí",
    "card.stage.out-safe": "fuera y a salvo",
    "card.alarm.again": "Sigue abierta. Recordatorio {number}.",
    "card.alarm.no-team": (
        "No encontramos equipo: ya hemos preguntado a quien se podía. Puedes preguntar otra vez, "
        "buscar gente por tu cuenta o terminarlo."
    ),
    "card.alarm.overdue": "{mate} no da señales.",
    "card.alarm.overdue.since": "Le tocaba a las {time}.",
    "card.alarm.contact": "Su contacto de emergencia, que se abre para ti por este motivo:",
    "card.alarm.no-contact": "No ha dejado ningún contacto de emergencia.",
    "card.alarm.duress": (
        "Alarma silenciosa: {mate} ha usado su frase de amenaza. No llames ni escribas a {mate} "
        "ni a nadie del equipo de forma que se note: quien esté a su lado puede leerlo, y en sus "
        "pantallas todo parece normal. Haz lo que tu red haya acordado para esto. La alarma sigue "
        "abierta hasta que digas cómo sabes que está bien."
    ),
    "card.alarm.not-told": (
        "Puede que {mate} no lo sepa: un mensaje sobre su seguridad no le llegó por ningún canal. "
        "Busca otra forma de avisarle y luego di cómo está."
    ),
    "card.alarm.team": "Equipo: {mates}",
    "card.unreached.reporter": (
        "Incidente {code}: un mensaje para quien avisó no se pudo entregar."
    ),
    "card.unreached": "Incidente {code}: un mensaje para {mate} no se pudo entregar.",
}
