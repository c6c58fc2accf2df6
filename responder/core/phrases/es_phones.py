"""Spanish: the words about a member's phone and its pager."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "phone.registered": (
        "Este teléfono está registrado. Sus palabras son: {words}. Compáralas con las que muestra "
        "el teléfono. Ahora lo confirma alguien que te conoce: lee las palabras a quien coordina, "
        "o confírmalo tú en tu canal privado."
    ),
    "phone.confirm": (
        "{call_sign} registró un teléfono con las palabras: {words}. Pregunta las palabras a "
        "{call_sign} en persona o de viva voz. ¿Son las mismas?"
    ),
    "phone.confirm_own": (
        "Se registró un teléfono a tu nombre, con las palabras: {words}. ¿Es tuyo y muestra las "
        "mismas palabras?"
    ),
    "phone.yes": "Sí, las mismas",
    "phone.no": "No, quítalo",
    "phone.confirmed": "El teléfono está confirmado. Ahora recibe una página sellada de prueba.",
    "phone.other_channel": (
        "Esto no se puede confirmar aquí: otros pueden leer este canal. Hace falta el canal "
        "privado de alguien que coordine, o el tuyo."
    ),
    "phone.already": "Ese teléfono ya está confirmado. Gracias.",
    "phone.removed": "El teléfono se quitó. Ya no se sella nada para él.",
    "phone.taken": (
        "Alguien de coordinación quitó tu teléfono con las palabras {words}. Ya no se sella nada "
        "para él. Si te extraña, pregunta en persona o de viva voz."
    ),
    "phone.silent": (
        "Tu teléfono con las palabras {words} no abrió la página de prueba, así que ya no le "
        "llegan páginas. Escribe /devices para recibir otra, y ábrela allí."
    ),
    "phone.lapsed": (
        "Nadie confirmó en una semana el teléfono con las palabras {words}, así que ya no está "
        "registrado. Si es tuyo, regístralo otra vez: /devices dice cómo."
    ),
    "phone.unopened": (
        "Los últimos {times} mensajes para tu teléfono con las palabras {words} quedaron sin "
        "abrir, así que desde ahora llegan primero a tu canal privado. No se perdió nada. Para "
        "volver a usar el teléfono, abre la página que sigue."
    ),
    "phone.second": (
        "(Esto te espera también en tu otro canal, sin abrir. Basta una respuesta, aquí o allí.)"
    ),
    "phone.gone": "Ese teléfono ya no está registrado.",
    "phone.too_many": "Ya tienes {most} teléfonos. Quita uno primero: /devices",
    "phone.other_network": (
        "Ese teléfono es de otra red, o se perdió una letra en el camino. Abre el buscapersonas "
        "de esta red y regístralo otra vez."
    ),
    "phone.probe": "Abre esto en tu teléfono, para saber que las páginas selladas te llegan.",
    "phone.old_probe": "Esa página era anterior. Abre la más nueva, por favor.",
    "phone.proved": (
        "Tu teléfono funciona. Desde ahora las páginas pueden llegarte aquí, selladas solo para él."
    ),
    "phone.proved_again": "Gracias, tu teléfono sigue funcionando.",
    "phone.list": "Tus teléfonos:",
    "phone.none": "No tienes ningún teléfono registrado.",
    "phone.list.works": "{number}. {words} (desde {day}): funciona.",
    "phone.list.unproved": "{number}. {words} (desde {day}): abre la página de prueba.",
    "phone.list.new": "{number}. {words} (desde {day}): espera confirmación.",
    "phone.off": "Quitar {number}",
    "phone.instead": "O registra este teléfono para páginas selladas: {link}",
    "phone.how": "Para registrar un teléfono, abre esto en él: {link}",
    "phone.report_goes_on": (
        "Esa es una parte de tu aviso. Envía también las otras, por favor. Si después de la "
        "última no te llega nada más, envíalas todas otra vez."
    ),
    "phone.report_unopened": (
        "Ese aviso no se pudo abrir: falta una parte o cambió en el camino. Cópialo "
        "entero, o abre la página otra vez y escríbelo de nuevo."
    ),
    "phone.report_privately": "Para escribirlo sin que {channel} pueda leerlo, abre esto: {link}",
    "phone.media_elsewhere": (
        "Lo que mandaron no se puede mostrar en este teléfono. Se puede ver por Signal: pregunta "
        "a alguien de coordinación que lo tenga."
    ),
    "phone.open": "Abrir",
    "phone.open.part": "Abrir, parte {part}",
    "phone.open.on": "Abrir en el teléfono {number}",
    "phone.open.on.part": "Abrir en el teléfono {number}, parte {part}",
    "phone.clear": "Borrar del teléfono",
    "phone.clear.on": "Borrar del teléfono {number}",
    # --- en lugar de los avisos que nombran otro canal: lo que está encima de "Abrir" ---
    "phone.notice.needed": "Te necesitamos para algo. Ábrelo en tu teléfono.",
    "phone.notice.request": "Una pregunta para ti, sin prisa. Ábrela en tu teléfono.",
    "phone.notice.read-now": "Tienes algo que leer ahora. Ábrelo en tu teléfono.",
    "phone.notice.read": "Tienes algo que leer. Ábrelo en tu teléfono.",
    "phone.notice.ready": "Todo el mundo está listo. Ábrelo en tu teléfono.",
    "phone.notice.well": (
        "¿Estás bien? Toca una respuesta, por favor. Los detalles se abren en tu teléfono."
    ),
    "phone.notice.board": "Tienes un resumen. Ábrelo en tu teléfono.",
    "phone.notice.alarm": "Hace falta alguien de coordinación ahora. Ábrelo en tu teléfono.",
}
