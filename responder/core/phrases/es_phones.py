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
        "Esto no se puede confirmar aquí. Hace falta alguien que coordine, o tu canal privado."
    ),
    "phone.removed": "El teléfono se quitó. Ya no se sella nada para él.",
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
    "phone.how": "Para registrar un teléfono, abre esto en él: {link}",
    "phone.report_goes_on": "Esa es una parte de tu aviso. Envía también las otras, por favor.",
    "phone.report_unopened": (
        "Ese aviso no se pudo abrir: falta una parte o cambió en el camino. Cópialo "
        "entero, o abre la página otra vez y escríbelo de nuevo."
    ),
    "phone.report_privately": "Para escribirlo sin que {channel} pueda leerlo, abre esto: {link}",
    "phone.open": "Abrir",
    "phone.open_more": "Abrir, parte {number}",
}
