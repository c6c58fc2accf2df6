"""Spanish: short words to coordinators that belong to no single incident."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "desk.notice": "Algo necesita a quien coordina. El mensaje está en tu canal privado.",
    "desk.unreachable": (
        "Ya no se puede contactar a {call_sign} por {channel}: bloqueó el bot o la dirección no "
        "existe. Pídele que vuelva a escribir al bot, o dale un código nuevo para unirse."
    ),
    "desk.set_aside": (
        "Un mensaje no se pudo procesar y se guardó aparte, sellado. No se perdió nada más. "
        "Avisa a quien cuida la máquina: responder aside list dice más."
    ),
    "desk.aside_sender": (
        "Tu mensaje llegó, pero nuestro programa falló con él, así que nadie ha podido actuar "
        "todavía. Está guardado y sellado, y nuestra gente lo sabe. Por favor dilo otra vez con "
        "otras palabras."
    ),
    "desk.stuck": (
        "La red no puede procesar lo que toca hacer en {code}: ahí ya no avisa, pregunta ni "
        "recuerda nada por sí sola. Por favor cuiden ustedes de quienes están fuera por eso y "
        "avisen a quien cuida la máquina. Se intenta de nuevo cada minuto."
    ),
    "desk.worry.no-deadline": (
        "Por un error nuestro ya no hay nada previsto en {code}: la red ahí ya no avisa, pregunta "
        "ni recuerda nada por sí sola. Por favor ocúpense ustedes y avisen a quien cuida la "
        "máquina."
    ),
    "desk.worry.nobody-asked": (
        "Hace falta gente en {code} y todavía no ha salido ningún aviso. Por favor llamen ustedes "
        "a la gente y avisen a quien cuida la máquina."
    ),
    "desk.worry.unwatched": (
        "Por un error nuestro nadie espera señales de quienes están fuera por {code}. Por favor "
        "pregúntenles ustedes cómo están y avisen a quien cuida la máquina."
    ),
    "desk.worry.nobody-to-alarm": (
        "Hay gente fuera por {code} y, si deja de responder, nadie que coordine se enteraría: a "
        "ninguna persona que coordina se le llega en privado. Por favor sigan en contacto con esa "
        "gente y escriban al bot en Signal."
    ),
    "desk.worry.unsent": (
        "Hay mensajes sobre {code} que esperan salir desde hace {minutes} min. Se siguen "
        "intentando. Por favor llamen a quien deba saberlo."
    ),
    "desk.worry.not-escalated": (
        "Un mensaje sobre {code} no llegó a nadie y la red todavía no pudo actuar por eso. Por "
        "favor cuiden ustedes de quienes están fuera por eso y avisen a quien cuida la máquina."
    ),
    "desk.playbook_fault": (
        "Una guía modificada tiene un error y no se aplicó; sigue vigente la última correcta.\n"
        "{fault}"
    ),
    "deaf.began": (
        "{channel} no oye desde las {since}: lo que se escribe ahí no llega, y quizá tampoco lo"
        " que enviamos. A quien tiene otra vía le llega todo por ella; llamen a los demás. "
        "Quien cuida la máquina: reinicia el servicio de {channel} y después ejecuta responder "
        "check --online"
    ),
    "deaf.ended": (
        "{channel} oye de nuevo. Lo que se escribió ahí entre {since} y {until} puede "
        "haberse perdido. A quienes esperan algo ahí se les pide que lo escriban otra vez."
    ),
    "deaf.gap": (
        "Lo que se escribió en {channel} entre {since} y {until} puede haberse perdido: nadie "
        "escuchaba ahí. A quienes esperan algo ahí se les pide que lo escriban otra vez. De quien "
        "haya escrito entonces por primera vez no sabemos nada."
    ),
    "deaf.repeat": (
        "Lo que nos escribiste entre {since} y {until} puede no haber llegado. Si no "
        "tuviste respuesta, por favor escríbelo otra vez."
    ),
    "lock.asked": (
        "Otra persona que coordine tiene diez minutos para aceptar. Después la red se cierra."
    ),
    "lock.needs_passphrase": (
        "La clave de esta red no tiene contraseña, así que cerrarla no cerraría nada. Quien cuida "
        "la máquina puede ponerle una: responder key rotate --new-passphrase"
    ),
    "lock.second": (
        "{call_sign} quiere cerrar la red: se pide a los equipos que se vayan, quien está de turno "
        "sabe que está cerrada, y nada funciona hasta que alguien la abra en la máquina. ¿De "
        "acuerdo?"
    ),
    "lock.by_words": (
        "Borra ahora en tu teléfono el mensaje con la contraseña, la red no puede: mantenlo "
        "pulsado, Eliminar, Eliminar para todos."
    ),
    "lock.wrong": (
        "Esa no es la contraseña. Intentos que quedan en esta hora: {left}. También puede "
        "aceptar otra persona que coordine: escribe /bloquear sin nada detrás. Borra el mensaje"
        " en tu teléfono."
    ),
    "lock.too_many": (
        "Demasiadas contraseñas equivocadas en esta hora: esta ya no se miró. Escribe /bloquear"
        " sin nada detrás, y otra persona que coordine puede aceptar. Borra el mensaje en tu "
        "teléfono."
    ),
    "lock.not_here": (
        "{channel} leyó lo que escribiste, así que la contraseña no vale aquí, y conviene "
        "cambiarla en la máquina: responder key rotate --new-passphrase\n"
        "Para cerrar la red ya, escribe /bloquear sin nada detrás, y otra persona que coordine "
        "puede aceptar; o escribe /bloquear y la contraseña por Signal. Mira si tu mensaje "
        "desapareció de este chat y, si no, bórralo."
    ),
    "lock.tried": (
        "Del Signal de {call_sign} llegaron tres contraseñas equivocadas para /bloquear. Si no "
        "fue {call_sign}, alguien tiene el teléfono: pregunta por otro medio y quita la "
        "dirección en la máquina: responder member set {call_sign} --drop-channel signal"
    ),
    "lock.yes": "Cerrarla ya",
    "lock.too_late": "Nadie lo pidió en los últimos diez minutos. Para pedirlo, escribe /bloquear",
    "lock.closed": "La red está cerrada. Por favor no salgas a ningún aviso. {where}",
    "lock.where": "Quien coordina te dirá en persona cómo seguimos.",
    "desk.vouches_reopened": (
        "Se quitó a {call_sign}, así que su aval ya no cuenta. "
        "Por favor revisa de nuevo a estas personas: {people}."
    ),
}
