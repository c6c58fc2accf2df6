"""Español: las palabras de `responder playbook graph`, el camino de un incidente en una hoja."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "graph.report": "Un aviso",
    "graph.report.asks": "Preguntas después: {count}; todas se pueden saltar",
    "graph.report.no-questions": "Sin más preguntas",
    "graph.report.joins": "Se le suman los avisos del mismo barrio en {within}",
    "graph.trust": "¿Lo creemos?",
    "graph.trust.known": "De alguien con aval: enseguida",
    "graph.trust.trusted": "De alguien de confianza: enseguida",
    "graph.trust.verify": "De cualquier otra persona: alguien verifica, {wait} por ronda",
    "graph.trust.agree": "o {reports} avisos independientes en {within}",
    "graph.trust.no": "Sin confirmar",
    "graph.trust.no.word": "Una palabra amable a quien avisó, y fin",
    "graph.wave": "Ronda {number}",
    "graph.wave.offers": "Quienes ofrecieron esa ayuda, de día",
    "graph.report.waits": "La búsqueda espera hasta {wait} por: {ask}",
    "graph.wave.neighbourhood": "De turno en el barrio",
    "graph.wave.adjacent": "Y en los barrios de al lado",
    "graph.wave.network": "Y en toda la red",
    "graph.wave.coordinators": "Y la coordinación",
    "graph.wave.enough": "Cuantas personas suelen hacer falta",
    "graph.wave.all": "Todas",
    "graph.wave.some": "{count} personas",
    "graph.wave.wait": "Espera: {wait}",
    "graph.nobody": "No viene nadie",
    "graph.nobody.word": "{wait} tras la última ronda se le dice a quien avisó, y qué más ayuda",
    "graph.team": "Se forma un equipo",
    "graph.team.size": "Van {size}, nunca menos de {least}",
    "graph.team.training": "Con formación: {names}",
    "graph.team.experienced": "Con experiencia: al menos {count}",
    "graph.team.roles": "Papeles: {names}",
    "graph.team.surplus": "A las demás se les agradece",
    "graph.brief": "Las instrucciones, con el lugar exacto",
    "graph.brief.within": "Cada quien toca «Lo tengo» en {within}",
    "graph.brief.no": "Alguien no lo toca",
    "graph.brief.no.word": "Cuenta como pareja que se fue: esperar, buscar a otra persona",
    "graph.go": "Vayan, siempre en equipo",
    "graph.go.check-in": "Una señal de vida cada {every}",
    "graph.silence": "Sin señal de vida",
    "graph.silence.word": (
        "Recordatorio; a los {grace} se alerta a la coordinación, otra vez cada {repeat}, hasta "
        "que alguien lo averigüe"
    ),
    "graph.leave": "Irse en equipo",
    "graph.leave.word": "Cada quien confirma que salió",
    "graph.after": "Después",
    "graph.after.rest": "Descanso de {rest}",
    "graph.after.rest-rule": "Descanso según la regla de la red",
    "graph.after.debrief": "Mirar atrás en equipo a {after}",
    "graph.after.follow-up": "Una palabra a quien avisó a {after}, si la quiere",
    "graph.forget": "Olvidado",
    "graph.forget.word": "Los avisos a {reports}, el incidente a {incident}",
}
