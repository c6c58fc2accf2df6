"""Spanish: standing offers of help."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "chat.name.offer": "ofrezco, ofrecer",
    "chat.name.offers": "ofertas, mis ofertas",
    "chat.help.offer": "ofrecer ayuda de antemano: comida, transporte, lo que tu red pida",
    "chat.help.offers": "lo que ofreces, y retirarlo",
    "help.notice": "Es sobre lo que ofreces. El texto está en tu canal privado.",
    "help.which": "¿Qué quieres ofrecer? Te preguntamos cuando alguien cerca de ti lo necesite.",
    "help.which.words": (
        "También puedes escribir cuándo y dónde: {offer} transporte entre semana 9:00-12:00 en "
        "Northside"
    ),
    "help.line": "{number}. {what}",
    "help.offer": "{what}; {when}; {where}",
    "help.always": "cualquier día",
    "help.nowhere": "todavía sin barrio: pide a coordinación que ponga el tuyo",
    "help.made": "Gracias. Ofreces: {what}.",
    "help.training": "Te preguntaremos cuando tengas esta formación: {names}.",
    "help.hours": (
        "Vale hasta que lo retires ({offers}). Te preguntamos entre las 9:00 y las 20:00, nunca de "
        "noche, y puedes decir que no cada vez."
    ),
    "help.mine": "Lo que ofreces:",
    "help.none": "Ahora no ofreces nada. Para ofrecer algo, escribe {offer}",
    "help.counts": "Gente que ofrece ayuda, por barrio:",
    "help.counts.line": "{place}: {what}",
    "help.count": "{what} {people}",
    "help.count.none": "nadie todavía",
    "help.nothing": "En esta red todavía no se puede ofrecer nada de antemano.",
    "help.not-responder": (
        "Quien ofrece ayuda va con otra persona, y por eso necesita la tarea de salir. Pídesela a "
        "la coordinación: no te pone en ningún turno."
    ),
    "help.bad": (
        "No entendí cuándo. Escribe por ejemplo: {offer} transporte entre semana 9:00-12:00"
    ),
    "help.most": "Ya ofreces mucho. Retira algo primero: {offers}",
    "help.back": "Retirado. Ya nadie te lo pide.",
    "help.gone": "Eso ya no se ofrece.",
    "help.button.give": "Ofrecer {number}",
    "help.button.back": "Retirarlo",
    "help.button.back-n": "Retirar {number}",
}
