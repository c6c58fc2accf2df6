"""Spanish: the questions to somebody who has just joined."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "chat.name.welcome": "bienvenida",
    "chat.help.welcome": "seguir con las preguntas de cuando te uniste",
    "desk.welcome_refused": (
        "{call_sign} leyó lo que guardamos de quienes participan y dijo que no. Su canal está "
        "quitado: ya no le llega nada. Por favor, no insistas. Para quitarle también de la lista: "
        "responder member remove {call_sign}"
    ),
    "desk.welcome_claim": (
        "{call_sign} dice: tengo la formación {training}. Cuenta cuando lo confirma alguien que "
        "sabe que es verdad. ¿Lo sabes tú?"
    ),
    "welcome.yes": "Sí",
    "welcome.skip": "Ahora no",
    "welcome.done": "Hecho",
    "welcome.enough": "Ninguno más",
    "welcome.no": "No",
    # --- what is kept ---
    "welcome.consent": (
        "Unas preguntas cortas, de una en una. Puedes saltarlas y seguir después con {command}.\n"
        "\n"
        "Primero, lo que guardamos de ti: tu apodo, cómo escribirte aquí, tus idiomas, barrios y "
        "formaciones, cuándo estás de turno y cuántas veces te avisamos. Ni nombre real, ni "
        "fotos, ni dirección. Está sellado en la máquina de la propia red. La coordinación ve tu "
        "apodo, no tu número.\n"
        "\n"
        "{forget} destruye lo que nos reportas. Puedes irte cuando quieras, sin decir por qué: "
        "avisa a tu coordinación y ya nadie te escribe.\n"
        "\n"
        "¿Te parece bien? Hasta que digas que sí, nadie te pide que vayas a ningún lado."
    ),
    "welcome.consent.later": (
        "Está bien, tómate tu tiempo. Hasta que digas que sí, no recibes llamados. Para contestar, "
        "escribe {command}"
    ),
    "welcome.consent.yes": "Sí, me parece bien",
    "welcome.consent.no": "No, quítenme",
    "welcome.refused": (
        "Ya no estás en la red. Olvidamos cómo escribirte y nadie te va a llamar. Gracias por "
        "leerlo, y cuídate."
    ),
    "welcome.refused.later": (
        "Ahora mismo hay gente que cuenta contigo ahí fuera. Di que no otra vez cuando hayas "
        "vuelto, o avisa a tu coordinación."
    ),
    # --- call sign ---
    "welcome.call-sign": (
        "Aquí te llamas {call_sign}. Ese apodo lo ve quien va contigo. No debería decir nada de "
        "quién eres."
    ),
    "welcome.call-sign.keep": "Lo dejo así",
    "welcome.call-sign.choose": "Elijo otro",
    "welcome.call-sign.write": "Escribe el apodo que quieras: una o dos palabras, nada real.",
    "welcome.call-sign.taken": "Alguien ya tiene ese apodo. Escribe otro.",
    "welcome.call-sign.set": "Desde ahora te llamas {call_sign}.",
    # --- languages ---
    "welcome.language": "¿En qué idioma te escribimos?",
    "welcome.speaks": "¿Hablas también alguno de estos? Lo buscamos cuando alguien lo necesita.",
    # --- training ---
    "welcome.training": (
        "¿Tienes alguna de estas formaciones? Tócala, y pedimos a la coordinación que la confirme. "
        "Sin ninguna también eres parte."
    ),
    "welcome.training.asked": "Anotado: {training}. Pedimos a la coordinación que la confirme.",
    "welcome.training.counts": "Tu formación {training} está confirmada. Cuenta desde ahora.",
    "welcome.training.not": (
        "Tu formación {training} todavía no se pudo confirmar. No es culpa tuya: habla con tu "
        "coordinación, quizá pronto haya un curso."
    ),
    "welcome.training.noted": "Gracias. Se lo decimos.",
    "welcome.training.private": "Por favor, contesta eso donde nadie más pueda leerlo.",
    # --- channels ---
    "welcome.channels": (
        "Si una noche falla esta aplicación, necesitamos otra manera de llegar a ti. ¿Usa la red "
        "otra aplicación que tengas? Con un código la añades tú."
    ),
    "welcome.channels.elsewhere": (
        "Si una noche falla esta aplicación, necesitamos otra manera de llegar a ti. Pide a tu "
        "coordinación un código para otra aplicación de la red."
    ),
    "welcome.channels.code": "Dame un código",
    "welcome.channels.made": (
        "En la otra aplicación, escribe esto a la red:\n"
        "/join {code}\n"
        "Sirve una vez, durante {days} días. Quien lo tiene se convierte en ti: no se lo enseñes "
        "a nadie."
    ),
    # --- phone ---
    "welcome.phone": (
        "Con una página en tu teléfono, lo que va sellado para ti se abre ahí y en ningún otro "
        "lugar. Para registrar este teléfono, abre esto en él: {link}"
    ),
    # --- the first drill ---
    "welcome.drill": (
        "{drill}\n"
        "\n"
        "Por último, para que lo hayas visto una vez: así es un aviso de verdad. Dice qué pasa y "
        "más o menos dónde, y pregunta si puedes ir. Toca Voy."
    ),
    "welcome.drill.going": (
        "Eso es todo. De verdad, ahora esperarías a que otra persona diga que sí: nadie va sin "
        "compañía. Entonces las dos saben el lugar exacto."
    ),
    "welcome.drill.cannot": (
        "También es una buena respuesta. Nunca hace falta decir por qué, y nunca cuenta en tu "
        "contra. Quien puede ir toca Voy, y espera a que otra persona diga que sí."
    ),
    # --- the end ---
    "welcome.later": (
        "Las otras preguntas solo se hacen donde nadie más puede leer las respuestas: escríbenos "
        "{command} por Signal cuando te hayas unido ahí."
    ),
    "welcome.end": "Eso es todo. Qué bueno que estás. {help} muestra lo que puedes hacer.",
    "welcome.none": "No hay ninguna pregunta para ti.",
    "welcome.over": "Esa pregunta ya está resuelta.",
}
