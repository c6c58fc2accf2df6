"""Spanish: the words of `responder poster`, a printed page for a neighbourhood."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "poster.title": "¿Está pasando algo?",
    "poster.title.tell": "Cuéntanos.",
    "poster.place": "{network}, {place}",
    "poster.telegram": "Telegram",
    "poster.telegram.note": "Telegram puede leer lo que escribes ahí.",
    "poster.signal": "Signal",
    "poster.signal.note": "Nadie en el camino puede leer lo que escribes ahí.",
    "poster.how": "Cómo avisar",
    "poster.how.1": "Escanea un código o escríbenos. No tienes que decirnos tu nombre.",
    "poster.how.2": "Di qué está pasando y dónde. Un mensaje basta.",
    "poster.how.3": "Quédate donde no corras peligro. ¿Un minuto sin respuesta? Escribe otra vez.",
    "poster.then": (
        "Gente preparada del barrio lo mira. Si alguien puede ir, van al menos dos: a observar, a "
        "apoyar y a calmar."
    ),
    "poster.rights": "Tus derechos, en breve",
    "poster.foot": (
        "Somos gente voluntaria del barrio: no somos policía ni servicio de emergencias, y no "
        "siempre podemos ir. Escríbenos {forget} y destruimos lo que enviaste."
    ),
}
