"""Spanish: the words of conversations and commands.

A key with `.words.` or `.name.` in it holds entries to recognise, apart by commas; case, accents
and punctuation do not matter there. The first entry of a name is the one that readers are shown.
"""

from __future__ import annotations

from typing import Final

_INTAKE: Final[dict[str, str]] = {
    "intake.welcome": (
        "Hola, aquí {network}: gente del barrio que acude, siempre de dos en dos o más, para "
        "observar y acompañar. Cuéntame con tus palabras qué pasa y dónde. Nunca te pido tu nombre "
        "ni tus papeles."
    ),
    "intake.welcome_back": (
        "Hola de nuevo, aquí {network}. Cuéntame con tus palabras qué pasa y dónde."
    ),
    "intake.received": "Gracias por escribir. Tu mensaje ha llegado.",
    "intake.thanks": "Gracias, lo tengo.",
    "intake.cut": (
        "Era muy largo: guardé los primeros {most} caracteres. Si el resto importa, envíalo en "
        "otro mensaje."
    ),
    "intake.media": (
        "Lo que enviaste solo lo ven o lo oyen las personas que acuden. No se publica."
    ),
    "intake.next": (
        "En cuanto sepa qué es y en qué barrio, tu aviso sale hacia quienes pueden ayudar. Te "
        "respondo aquí."
    ),
    "intake.opened": (
        "Tu aviso está en camino: {kind}, {place}. Primero alguien lo comprueba, o se pide "
        "enseguida a la gente de turno que acuda. Te respondo aquí."
    ),
    "intake.opened.care": "Guarda distancia y cuídate.",
    "intake.cancel": "Para retirarlo, escribe /{cancel}.",
    "intake.language": "Para español, escribe /{language} {code}.",
    "intake.kind": "¿Qué está pasando? Elige una opción o escríbelo con tus palabras.",
    "intake.kind_again": "Todavía no tengo claro qué es. ¿Cuál de estas se parece más?",
    "intake.kind_rest": (
        "¿Ninguna de esas? Quizá sea una de estas. También puedes escribirlo con tus palabras."
    ),
    "intake.something_else": "Otra cosa",
    "intake.to_a_person": "Preguntar a coordinación",
    "intake.place": "¿En qué barrio es? Elige uno, escribe su nombre o comparte tu ubicación.",
    "intake.place_again": (
        "Todavía no conozco ese lugar. ¿En qué barrio es, o cerca de cuál? También puedes "
        "compartir tu ubicación."
    ),
    "intake.which": "¿Cuál de estos barrios es? También puedes compartir tu ubicación.",
    "intake.outside": (
        "Ese punto queda fuera de los barrios donde estamos. ¿Cuál es el más cercano?"
    ),
    "intake.where": (
        "¿Dónde exactamente? Una esquina, el lado de la calle, una línea de autobús y su "
        "dirección, o comparte tu ubicación. Si ya lo escribiste, salta esta pregunta."
    ),
    "intake.skip": "Saltar",
    "intake.yes": "Sí",
    "intake.no": "No",
    "intake.answer": "{ask} {answer}",
    "intake.done": (
        "Eso es todo lo que necesito preguntar. Te mantenemos al tanto aquí; escribe cuando "
        "quieras si algo cambia."
    ),
    "intake.already": (
        "Este aviso ya está en camino y se queda como está. Para otra cosa, escribe /{report}."
    ),
    "intake.words.greeting": (
        "hola, buenas, buenos, días, tardes, noches, qué, tal, empezar, prueba, vale, gracias, "
        "muchas, cómo, estás, están"
    ),
    "intake.words.skip": "saltar, salta, omitir, siguiente",
    "intake.words.unknown": (
        "no sé, no lo sé, no estoy seguro, no estoy segura, ni idea, ya lo dije, ya lo escribí"
    ),
    "intake.words.yes": "sí, s, claro, sí por favor, por favor, vale, bueno, de acuerdo",
    "intake.words.no": "no, no gracias, mejor no, prefiero que no",
    "intake.words.place": (
        "esquina de, esquina con, en la esquina, frente a, frente al, enfrente de, enfrente del, "
        "al lado de, al lado del, junto a, junto al, parada de, línea de autobús, cruce de, "
        "afuera de, afuera del, a la altura de"
    ),
}

_NAMES: Final[dict[str, str]] = {
    "chat.name.report": "reporte, reportar, aviso, avisar",
    "chat.name.status": "estado",
    "chat.name.cancel": "cancelar, cancela",
    "chat.name.safe": "segura, seguro, a salvo, estoy a salvo, ya estoy a salvo",
    "chat.name.rights": "derechos, mis derechos",
    "chat.name.forget": "olvidar, olvida, olvídame",
    "chat.name.language": "idioma",
    "chat.name.help": "ayuda",
    "chat.name.oncall": "turno, de turno",
    "chat.name.off": "libre",
    "chat.name.who": "quien",
    "chat.name.devices": "telefonos, dispositivos",
    "chat.name.vouch": "avalar",
    "chat.name.join": "unirme",
    "chat.name.start": "empezar",
    "chat.name.end": "terminar",
    "chat.name.note": "nota",
    "chat.name.lock": "bloquear",
    "chat.name.drill": "simulacro",
    "chat.name.lesson": "lección",
    "chat.words.until": "hasta, a, por",
    "chat.words.language.en": "inglés",
    "chat.words.language.es": "español, castellano",
    "chat.words.ok": (
        "bien, muy bien, todo bien, todo ok, todo en orden, vale, estoy bien, estamos bien, "
        "sin novedad, todo tranquilo, todo bajo control, ok todo bien"
    ),
}

_HELP: Final[dict[str, str]] = {
    "chat.emergency": (
        "Si la vida de alguien corre peligro, llama primero al número de emergencias."
    ),
    "chat.help.intro": (
        "Aquí {network}. Para avisar de algo, escribe sin más qué pasa y dónde, con tus palabras. "
        "No hace falta ningún comando."
    ),
    "chat.help.intro_blocked": (
        "Aquí {network}. Ahora mismo no podemos recibir avisos tuyos. Si crees que es un error, "
        "habla con alguien de la coordinación."
    ),
    "chat.help.command": "{command} - {what}",
    "chat.help.report": "contarnos algo que está pasando ahora",
    "chat.help.status": "cómo va tu aviso",
    "chat.help.cancel": "retirar tu aviso",
    "chat.help.safe": "decirnos que ya estás a salvo",
    "chat.help.rights": "tus derechos, en breve",
    "chat.help.forget": "destruir lo que nos enviaste",
    "chat.help.language": "cambiar de idioma",
    "chat.help.oncall": "ponerte de turno, por ejemplo hasta las 22:00",
    "chat.help.off": "dejar el turno desde ahora",
    "chat.help.who": "quién está de turno ahora",
    "chat.help.devices": "tus teléfonos para páginas selladas",
    "chat.help.vouch": "responder por alguien a quien conoces bien",
    "chat.help.join": "usar un código que alguien te dio",
    "chat.help.end": "terminar un incidente: código y motivo",
    "chat.help.note": "una nota para un incidente: código y texto",
    "chat.help.drill": "pedir un toque a quienes están de turno",
    "chat.help.lesson": "guardar lo que enseñó uno: código y palabras, sin nombres",
    "chat.help.lock": "cerrar la red: con otra coordinación, o la clave por Signal",
    "chat.rights": "Tus derechos, en breve:",
    "chat.rights.none": (
        "Esta red todavía no ha escrito los derechos. Pregunta a alguien de la coordinación."
    ),
    "chat.language": "¿En qué idioma te escribo?",
    "chat.language_name": "Español",
    "chat.language_set": "Desde ahora te escribo en español.",
}

_STATUS: Final[dict[str, str]] = {
    "chat.sealed": "La respuesta es solo para tu canal privado. Pregúntame por allí.",
    "chat.not_private": (
        "Todavía no tienes un canal privado con nosotros, así que nadie te llama. Pide a alguien "
        "de la coordinación un código para Signal y envíanoslo desde allí."
    ),
    "chat.weekdays": "lunes,martes,miércoles,jueves,viernes,sábado,domingo",
    "chat.weekday_time": "{day} {time}",
    "chat.date_time": "{day} {time}",
    "chat.status.none": "No tienes ningún aviso abierto. Para hacer uno, escribe qué pasa.",
    "chat.status.held": "Estamos comprobando tu aviso. Te escribimos en cuanto esté.",
    "chat.status.paging": "Estamos pidiendo a la gente de turno que acuda. Te escribimos aquí.",
    "chat.status.briefing": "Hay personas que dijeron que sí y se preparan juntas.",
    "chat.status.out": "Van en camino, en grupo.",
    "chat.status.there": "Nuestra gente está allí.",
    "chat.status.over": "La respuesta a tu aviso ha terminado.",
    "chat.standing.team": "Estás en el equipo de {code}.",
    "chat.standing.on_call": "Estás de turno hasta: {until} ({places}).",
    "chat.standing.off": "No estás de turno.",
    "chat.standing.next": "Tu próximo turno empieza: {at}.",
    "chat.standing.rest": "Descansas hasta: {until}; nadie te llama.",
    "chat.who": "De turno ahora:",
    "chat.who.line": "{place}: {names}",
    "chat.who.nobody": "nadie",
    "chat.who.unreached": "{name} (sin canal privado, no recibe llamadas)",
}

_MEMBERS: Final[dict[str, str]] = {
    "chat.oncall": (
        "Gracias. Estás de turno hasta: {until} ({places}). Para dejarlo, escribe /{off}."
    ),
    "chat.off": "Ya no estás de turno. Descansa. Para volver a ponerte, escribe /{oncall}.",
    "chat.bad_time": "No entendí la hora. Escribe por ejemplo: /{oncall} hasta las 22:00",
    "chat.not_member": "Eso no funciona aquí. /{help} muestra lo que sí.",
    "chat.vouch_code": (
        "Este código lleva tu palabra por una persona: {code}\n"
        "Dáselo solo a alguien a quien conoces bien, mejor en mano. Esa persona me envía /{join} y "
        "el código. Sirve una vez, durante {days} días."
    ),
    "chat.vouched": "Alguien de la red responde ahora por ti. Tu palabra cuenta más.",
    "chat.joined": "Te damos la bienvenida, {call_sign}. Este canal ya es tuyo.",
    "chat.joined.unnamed": "Te damos la bienvenida. Este canal ya es tuyo.",
    "chat.bad_code": (
        "Ese código no sirve: puede estar mal escrito, usado o vencido. Pide uno nuevo a quien te "
        "lo dio."
    ),
}

_REPORTERS: Final[dict[str, str]] = {
    "chat.forget_confirm": (
        "¿Destruyo lo que nos enviaste? No se puede recuperar. Si no quieres, no hagas nada."
    ),
    "chat.forget_yes": "Sí, olvídalo",
    "chat.forgotten": "Hecho. Lo que nos enviaste está destruido. Cuídate.",
    "chat.forgotten_later": (
        "Hay personas fuera por tu aviso, así que lo guardamos hasta que vuelvan. Después se "
        "destruye. Ya lo saben. Cuídate."
    ),
    "chat.cancelled": "Tu aviso está retirado. Gracias por decírnoslo. Escribe cuando quieras.",
    "chat.cancelled_team": (
        "Tu aviso está retirado. Las personas que se ocupan ya lo saben y deciden ellas mismas "
        "cómo seguir. Gracias por decírnoslo."
    ),
    "chat.safe": (
        "Qué bueno saber que estás a salvo. Tu aviso sigue; para retirarlo, escribe /{cancel}."
    ),
    "chat.safe_team": (
        "Qué bueno saber que estás a salvo. Las personas que se ocupan ya lo saben. Para retirar "
        "tu aviso, escribe /{cancel}."
    ),
    "chat.no_report": "No tienes ningún aviso abierto. Para hacer uno, escribe qué pasa.",
    "chat.added": "Añadido a tu aviso. ¿No es lo mismo?",
    "chat.something_new": "Esto es algo nuevo",
    "chat.media_refused": (
        "Puedo recibir fotos y mensajes de voz que no sean muy grandes, pero no vídeos ni "
        "archivos. Descríbelo con palabras, por favor."
    ),
    "chat.welcome_back": (
        "Hola de nuevo. Si está pasando algo, escribe qué y dónde. /{help} muestra lo demás."
    ),
}

_LIMITS: Final[dict[str, str]] = {
    "chat.limit": (
        "Escribiste mucho en poco tiempo y ahora no puedo recibir más. Espera unos minutos y "
        "después escribe lo más importante en un solo mensaje."
    ),
    "chat.busy": (
        "Ahora mismo nos escribe muchísima gente, y todavía nadie puede mirar tu mensaje. Lo "
        "guardamos. Escribe otra vez en diez minutos y lo intentamos de nuevo."
    ),
    "chat.stale.already": "Eso ya está decidido. No hay nada más que hacer.",
    "chat.stale.enough": "Ya hay suficientes personas. Gracias por estar ahí.",
    "chat.stale.over": "Eso ya terminó. No hay nada más que hacer.",
    "chat.stale.not-yours": "Eso ya no te toca responderlo a ti.",
    "chat.stale.busy": "Ya estás en un equipo. De uno en uno.",
    "chat.stale.not-due": "Todavía no es el momento.",
    "chat.number": "Ese número no corresponde a nada abierto. Estos sí:",
    "chat.number.line": "{number} {label}",
    "chat.number.none": "No hay nada abierto que responder con un número. Escribe con palabras.",
    "chat.awaiting.ask": "Escribe la pregunta en tu próximo mensaje. Se envía sin tu nombre.",
    "chat.awaiting.answer": "Escribe la respuesta en tu próximo mensaje. Se pasa sin tu nombre.",
    "chat.awaiting.note": "Escribe la nota en tu próximo mensaje.",
    "chat.awaiting.accounted": "Escribe en tu próximo mensaje cómo sabes que está bien.",
    "chat.awaiting.reason": "Escribe el motivo en tu próximo mensaje.",
    "chat.noted": "Anotado. Gracias.",
    "chat.pressed.noted": "Anotado.",
    "chat.pressed.thanks": "Gracias.",
    "chat.pressed.declined": "Está bien. Gracias por responder.",
    "chat.pressed.write": "Escríbelo ahora.",
}

PHRASES: Final[dict[str, str]] = {
    **_INTAKE,
    **_NAMES,
    **_HELP,
    **_STATUS,
    **_MEMBERS,
    **_REPORTERS,
    **_LIMITS,
}
