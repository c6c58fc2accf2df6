"""Spanish: the words of `responder demo`, its narrator and its made-up people.

Entries under `demo.live.words.` are apart by commas and recognised in every language.
"""

from __future__ import annotations

from typing import Final

_FRAME: Final[dict[str, str]] = {
    "demo.title": "demostración de responder: {title}",
    "demo.about": (
        "Las personas son inventadas. Todo lo demás es lo que usa una red de verdad: las mismas "
        "decisiones, base de datos, bandeja de salida y guías. Nada sale de esta máquina, y la "
        "carpeta que lo contiene se borra al final."
    ),
    "demo.about.time": "Aquí nadie espera: el reloj de la demostración se adelanta, y lo dice.",
    "demo.about.phones": (
        "Cada recuadro es lo que muestra el teléfono de alguien. Un lápiz marca un mensaje que "
        "cambió; solo se ve lo nuevo."
    ),
    "demo.end": "La historia llegó a su fin. Su base de datos y sus llaves se borraron.",
    "demo.end.try": "En una terminal, `responder demo` te deja jugarla por tu cuenta.",
    "demo.emergency": "Si alguien corre peligro de muerte, llama primero a emergencias.",
    "demo.same": "Lo demás dice lo mismo que en el teléfono de {name}.",
    "demo.name.reporter": "Quien avisa",
    "demo.name.you": "Tú",
    "demo.name.stranger": "Alguien más",
    "demo.weekdays": "lunes,martes,miércoles,jueves,viernes,sábado,domingo",
    "demo.clock.minute": "El reloj se adelanta un minuto, a las {time}.",
    "demo.clock.minutes": "El reloj se adelanta {minutes} minutos, a las {time}.",
    "demo.clock.long": "El reloj se adelanta hasta el {day}, {time}.",
    "demo.broken": "La historia no llegó a su fin: {why}",
    "demo.broken.tap": "a {name} no se le preguntó lo que la historia le hace contestar.",
    "demo.broken.due": "ya no hay nada pendiente, aunque la historia no ha terminado.",
    "demo.broken.none": "no hay ningún incidente.",
    "demo.broken.state": "el incidente debería estar en {wanted}, y está en {reached}.",
    "demo.broken.team": "se formó otro equipo que el de la historia.",
    "demo.broken.kept": "un aviso se guardó más tiempo del que dice su guía.",
    "demo.unknown": "No existe esa historia. Hay estas: {stories}",
}

_WHO: Final[dict[str, str]] = {
    "demo.paged": "Se llama a: {names}. Saben qué y más o menos dónde, no el lugar exacto.",
    "demo.not-paged": "No se llama, y por qué:",
    "demo.barred.removed": "dejó la red",
    "demo.barred.blocked": "tiene un bloqueo",
    "demo.barred.not-responder": "coordina, y no sale",
    "demo.barred.verifier": "comprueba avisos, y no sale",
    "demo.barred.reporter": "dio el aviso",
    "demo.barred.keep-apart": "pidió no coincidir con alguien que participa",
    "demo.barred.no-consent": "aún no ha dicho que sí a lo que se guarda",
    "demo.barred.no-private-channel": "solo usa Telegram, que otros pueden leer: aún sin llamados",
    "demo.barred.training": "le falta la formación necesaria: {training}",
    "demo.barred.busy": "ya está en un equipo",
    "demo.barred.off-call": "no está de turno esta noche",
    "demo.barred.resting": "descansa tras una salida difícil, hasta el {until}",
    "demo.barred.limit": "ya recibió suficientes llamados por una noche",
    "demo.barred.already-paged": "ya recibió un llamado",
    "demo.barred.later": "está de turno en {there}: le toca si en {here} no hay bastante gente",
    "demo.who.experienced": "con experiencia",
    "demo.who.new": "nueva persona",
    "demo.who.verifier": "comprueba avisos",
    "demo.who.coordinator": "coordina",
    "demo.who.on-call": "de turno",
    "demo.who.off-call": "fuera de turno",
    "demo.who.team": "ahora en un equipo",
}

_COMMON: Final[dict[str, str]] = {
    "demo.there": "Se encontraron, caminaron en equipo el último tramo y ya están ahí.",
    "demo.check-in": (
        "El equipo debe una señal de vida. A quien se retrasa se le recuerda; después se avisa a "
        "la coordinación."
    ),
    "demo.count": "Terminó. Se cuenta a cada persona enviada hasta que esté fuera.",
    "demo.rest": "Ya salieron todas las personas. Un día después, repasan lo vivido en equipo.",
    "demo.closed": "Cerrado. Lo que se guarda ya tiene fecha para ser destruido.",
    "demo.forgotten": (
        "Se destruyeron las llaves, primero la del aviso y luego la del incidente: ninguna "
        "copia se puede leer."
    ),
}

_COPWATCH: Final[dict[str, str]] = {
    "demo.story.copwatch": "una intervención policial",
    "demo.words.copwatch": (
        "La policía paró a dos chicos en la esquina de Main y la 3 en Northside. Se ven asustados."
    ),
    "demo.copwatch.report": "Alguien del barrio, de confianza para la red, escribe un mensaje.",
    "demo.copwatch.intake": "Primero se llama a la gente; las preguntas vienen después.",
    "demo.copwatch.no": "Un no no necesita razón.",
    "demo.copwatch.alone": "Nadie va a solas: Heron espera a que una segunda persona diga que sí.",
    "demo.copwatch.apart": (
        "Badger también dice que sí, pero pidió no coincidir con Heron. Así no hay pareja."
    ),
    "demo.copwatch.pair": (
        "Wren dice que sí: ya hay pareja, con experiencia y sin ella. Solo ahora, y solo ellas "
        "dos, leen el lugar exacto. Los demás pueden descansar."
    ),
    "demo.copwatch.first-has-it": "Heron ya leyó los detalles. Aún no es hora de ir.",
    "demo.copwatch.more": "Quien avisó agrega algo; le llega al equipo.",
    "demo.words.copwatch.more": "Cuatro agentes y dos patrullas. Está llegando una tercera.",
    "demo.copwatch.go": "Wren también los leyó. Ahora que ambas personas los tienen, van.",
    "demo.copwatch.done": "Dejan ir a los chicos. Heron dice que terminó.",
    "demo.copwatch.hard": "Para Wren fue difícil: un toque, y ambas personas descansan.",
}

_HATE: Final[dict[str, str]] = {
    "demo.story.hate-incident": "un incidente de odio",
    "demo.words.hate": (
        "Un hombre está acosando a una mujer por su velo, en la parada frente a la biblioteca en "
        "Riverside."
    ),
    "demo.hate.report": (
        "Escribe alguien a quien nadie de la red conoce. Eso todavía no llama a nadie: primero se "
        "pregunta a quien comprueba."
    ),
    "demo.hate.intake": "Mientras tanto, una pregunta a la vez, y todas se pueden saltar.",
    "demo.hate.follow-up": "La última: ¿puede alguien preguntar después cómo le fue?",
    "demo.hate.ask": "Robin pregunta algo. Ninguna de las dos partes sabe quién es la otra.",
    "demo.words.hate.ask": "¿Está sola, y él sigue ahí?",
    "demo.words.hate.answer": "Él se subió a un autobús. Ella está ahí sentada, sola y temblando.",
    "demo.hate.confirm": "Robin responde por el aviso. Ahora sí se llama a gente.",
    "demo.hate.widen": (
        "En Riverside solo Otter está de turno. Con ese sí ya no queda nadie más ahí, así que "
        "la siguiente ronda llama enseguida a Northside."
    ),
    "demo.hate.pair": "Wren viene desde Northside: ya hay pareja.",
    "demo.hate.brief": "Leen los detalles. Quien sufrió el daño decide qué pasa.",
    "demo.hate.ok": "Un toque es una señal de vida, y también un simple «ok».",
    "demo.words.ok": "ok",
    "demo.hate.safe": "Quien avisó está a salvo. Eso no retira a nadie: decide el equipo.",
    "demo.words.safe": "/safe",
    "demo.hate.done": "Ella ya está en casa. Otter dice que terminó.",
}

_TENSE: Final[dict[str, str]] = {
    "demo.story.de-escalation": "una situación tensa",
    "demo.words.tense": (
        "Hay una discusión muy tensa, casi a golpes, frente a la tienda de la calle Elm en "
        "Northside."
    ),
    "demo.tense.report": "Alguien del barrio, de confianza, ve que una discusión se calienta.",
    "demo.tense.new": "Wren y Sparrow dijeron que sí. Son nuevas, y dos nuevas no van juntas.",
    "demo.tense.pair": "Badger tiene experiencia: hay pareja con Wren, que dijo que sí primero.",
    "demo.tense.unread": "Badger tiene los detalles. Wren no contesta.",
    "demo.tense.replace": (
        "Quien no lee los detalles cuenta como pareja que se fue. A Badger se le dijo que se "
        "detenga, y se vuelve a llamar a Sparrow, que antes había dicho que sí."
    ),
    "demo.tense.go": "Otra pareja, con detalles nuevos. Van cuando ambas personas los tengan.",
    "demo.tense.leave": "Alguien saca un cuchillo. Sparrow toca: irnos ya. El aviso es inmediato.",
    "demo.tense.silent": "Sparrow ya salió. De Badger no se sabe: se le vuelve a preguntar.",
    "demo.tense.out": "Badger ayudaba a alguien a alejarse, y también salió.",
}

_LIVE: Final[dict[str, str]] = {
    "demo.live.title": "juega por tu cuenta",
    "demo.live.you": (
        "Vives en el barrio y la red confía en ti. Escribe qué pasa y dónde, con tus palabras, "
        "como en un teléfono. Los barrios son Northside y Riverside. Por ejemplo:"
    ),
    "demo.live.idle": (
        "Si no haces nada por un rato, las personas inventadas siguen por su cuenta. Con Enter en "
        "una línea vacía siguen enseguida. `ayuda` muestra qué más puedes hacer."
    ),
    "demo.live.answer": (
        "Contesta por quien quieras, por ejemplo `heron 1`. O espera, y contestan por su cuenta."
    ),
    "demo.live.help": "Puedes escribir:",
    "demo.live.help.words": "lo que sea",
    "demo.live.help.words.what": "le escribes a la red; también sirven /estado, /cancelar",
    "demo.live.help.stranger": "nadie: palabras",
    "demo.live.help.stranger.what": "lo mismo, de parte de alguien a quien nadie conoce",
    "demo.live.help.answer": "heron 1",
    "demo.live.help.answer.what": "Heron contesta con un número; también sirven palabras",
    "demo.live.help.who": "quién",
    "demo.live.help.who.what": "quién está en la red, y a quién no se llama y por qué",
    "demo.live.help.wait": "espera 10 min",
    "demo.live.help.wait.what": "adelanta el reloj; `espera` sin nada más: hasta lo que sigue",
    "demo.live.help.quit": "salir",
    "demo.live.help.quit.what": "termina la demostración",
    "demo.live.words.help": "ayuda",
    "demo.live.words.who": "quien, quién, quienes, quiénes",
    "demo.live.words.wait": "espera, esperar",
    "demo.live.words.quit": "salir, adiós, fin",
    "demo.live.words.reporter": "aviso, avisa",
    "demo.live.words.stranger": "nadie, desconocido, desconocida",
    "demo.live.declines": "{name} no puede esta noche.",
    "demo.live.accepts": "{name} dice que sí.",
    "demo.live.have-it": "{name} leyó los detalles.",
    "demo.live.there": "{name} llega.",
    "demo.live.check-in": "{name} da una señal de vida.",
    "demo.live.done": "{name} dice que terminó.",
    "demo.live.out": "{name} ya salió.",
    "demo.live.confirm": "{name} lo comprobó, y responde por ello.",
    "demo.live.pair": (
        "Hay pareja. Desde ahora, y solo a ella, se le dice el lugar exacto. Van cuando ambas "
        "personas tengan los detalles."
    ),
    "demo.live.alone": "Nadie va a solas: {name} espera a que otra persona diga que sí.",
    "demo.live.held": "Nadie conoce a quien escribió: primero se comprueba, luego se llama.",
    "demo.live.go": "Ya tienen los detalles: ahora van, en equipo.",
    "demo.live.leaving": "Se llama de vuelta al equipo, y se cuenta hasta que esté fuera.",
    "demo.live.over": (
        "Ese fue el camino de un aviso, de la primera palabra al repaso. Escribe otro, o `salir`."
    ),
    "demo.live.no-time": "No entendí cuánto tiempo. Por ejemplo: espera 10 min",
    "demo.live.nothing-due": "No hay nada pendiente. Escribe qué pasa y dónde, o `ayuda`.",
    "demo.live.swift": "{name} no tiene teléfono en esta terminal.",
    "demo.live.bye": "Se borra la carpeta con la base de datos y las llaves. Cuídate.",
}

PHRASES: Final[dict[str, str]] = {
    **_FRAME,
    **_WHO,
    **_COMMON,
    **_COPWATCH,
    **_HATE,
    **_TENSE,
    **_LIVE,
}
