"""Spanish: a way to a person, for words that fit no kind."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "plea.asked": (
        "Coordinación recibe tus palabras, sin tu nombre. Te decimos cuando alguien lo tome. No es "
        "una petición de ayuda: no se le pide a nadie que vaya."
    ),
    "plea.already": "Coordinación ya tiene tus palabras. Te decimos cuando alguien lo tome.",
    "plea.many": (
        "Ahora mismo hay demasiada gente esperando a coordinación. Inténtalo más tarde, por favor."
    ),
    "plea.nobody": "Lo sentimos: en este momento no se puede llegar así a nadie de coordinación.",
    "plea.passed": "Pasado a coordinación.",
    "plea.somebody": (
        "Alguien de coordinación leyó tu mensaje y te contesta aquí. Puedes seguir escribiendo."
    ),
    "plea.answer": "Coordinación escribe:\n{text}",
    "plea.late": (
        "Lo sentimos: nadie pudo contestarte en un día. Si aún nos necesitas, escribe otra vez."
    ),
    "plea.notice": (
        "Alguien pide hablar con coordinación. Sin prisa. El texto está en tu canal privado."
    ),
    "plea.told": (
        "Alguien pide hablar con coordinación: lo que escribe no encaja en "
        "ningún tipo. No se llama "
        "a nadie.\n{text}"
    ),
    "plea.more": "Escribe:\n{text}",
    "plea.wordless": "(todavía sin palabras)",
    "plea.yours": (
        "Es tuyo, y la persona sabe que alguien lo lee. Lo que contestes se pasa sin tu nombre."
    ),
    "plea.taken": "Ya lo tomó otra persona de coordinación. Gracias.",
    "plea.over": "Eso ya terminó: lo retiró, dio un aviso o pasó un día.",
    "plea.sent": "Enviado.",
    "plea.button.take-plea": "Lo tomo",
    "plea.button.answer-plea": "Contestar",
}
