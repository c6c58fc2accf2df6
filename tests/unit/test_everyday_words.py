"""What neighbours write in a hurry: everyday words, slips and all, find the kind they are about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from responder.core.changes import Action
from responder.core.model import Network, ReportId
from responder.core.spoken import Offer
from responder.core.talk.intake import Book, Said, Turn, step
from responder.core.talk.questions import MOST_KINDS
from responder.playbook_files import shelf

SHIPPED = shelf.folder(Path(__file__).parents[2] / "playbooks").found
BOOK = Book(playbooks=tuple(SHIPPED.values()), places=(), network=Network(name="Demo Watch"))
WRITTEN = {
    "copwatch": (
        "Police are stopping kids on the corner",
        "the cops have two people in handcuffs",
        "a patrol car pulled over a family on Main",
        "checkpoint on 5th, officers searching cars",
        "they are arresting my neighbor outside the store",
        "POLICE!! two squad cars",
        "officer is yelling at a kid on a bike",
        "cops detained two boys near the school",
        "a cop is shoving a guy against the wall",
        "someone is being arrested right now",
        "hay policias, se llevan a un niño detenido",
        "la poli paró a unos muchachos en la esquina",
        "hay un reten en la avenida",
        "estan arrestando a un señor afuera de la tienda",
        "los policias tienen esposada a una chava",
        "una patrulla detuvo un carro",
        "two officers are searching a cyclist on Quill",
        "cops are everywhere, they stopped a car with a family",
        "police just tackled someone",
        "they have a guy on the ground, police",
        "state troopers pulled over my neighbor",
        "la policia tiene a un muchacho en el piso",
        "pararon a unos chicos los policías",
        "los agentes registran mochilas",
    ),
    "de-escalation": (
        "two men are about to come to blows at the bar",
        "kids pushing each other outside the school, getting worse",
        "there is a brawl at the bus stop",
        "he is going to hit somebody",
        "se están peleando dos señores en la tienda",
        "van a pelearse afuera de la cantina",
        "se agarraron a golpes en la parada",
        "hay una riña en el parque",
        "un hombre muy alterado en la fila",
        "se están dando empujones en el camión",
        "an argument outside the bar is about to turn",
        "two guys are fighting in the parking lot",
        "drunk man yelling at people on the bus",
        "neighbors shouting at each other, getting heated",
        "there's a standoff at the laundromat",
        "los vecinos discuten y gritan",
        "hay una pelea afuera del bar",
        "un borracho esta gritando a la gente",
        "se va a armar un pleito en el parque",
        "esta muy tenso, estan peleando",
        "couple screaming at each other in the street",
        "people about to fight at the bus stop",
        "un señor muy agresivo en la tienda",
        "hay gritos y empujones",
    ),
    "hate-incident": (
        "a man tells my mother go back to your country",
        "someone pulled at a woman's hijab on the bus",
        "they knocked off his turban",
        "he keeps shouting slurs at us",
        "a guy spat on a woman in a headscarf",
        "he is spitting at people outside the mosque",
        "they are calling her names because of her skin",
        "somebody drew a nazi sign on our door",
        "un señor le grita vete a tu país",
        "le dijeron regrésate a tu país",
        "le escupió a una mujer con hiyab",
        "le quitaron el turbante a un muchacho",
        "me gritan cosas por ser gay",
        "nos gritan vuelvan a su país",
        "la insultan por su color de piel",
        "someone is being harassed on the bus",
        "a man is yelling racist slurs at a woman",
        "he spat on me and called me names",
        "someone painted a swastika on the mosque",
        "a guy followed me home and threatened me",
        "Están acosando a una señora en el bus",
        "me insultaron por mi acento, fue racismo",
        "pintaron una esvastica en la puerta",
        "me siguieron y me amenazaron",
        "le gritaron cosas racistas a mi hija",
        "they called my friend a slur and threw a bottle",
        "someone keeps following me and calling me names",
    ),
    "immigration-witness": (
        "ICE is on our street, two vans",
        "immigration agents at the bus stop",
        "ice agents are knocking on doors",
        "I think I see immigration officers outside the school",
        "border patrol stopped a bus",
        "Imigration is here pls come",
        "federal agents with vests at the laundromat",
        "my neighbor says there is an immigration raid",
        "ICE detained a man at the corner",
        "police and ICE are at the apartments",
        "la migra está en la esquina",
        "hay agentes de inmigración en la parada",
        "Imigracion esta tocando puertas",
        "vi una redada de la migra en la fabrica",
        "agentes de migracion pararon el bus",
        "agentes federales con chalecos afuera de la escuela",
        "dicen que andan deportando gente en el mercado",
        "la migra detuvo a un señor",
        "la migra llegó a la fábrica",
        "unmarked cars, vests say ICE",
        "men in masks with ICE vests took someone",
        "immigration is knocking on doors in our building",
        "hay migra por la escuela",
        "camionetas de migración en la avenida",
        "they are deporting my neighbor",
    ),
    "legal-support": (
        "my brother got arrested last night",
        "my friend is in jail and I don't know which one",
        "they arrested my sister at the protest, where is she",
        "she was taken to the police station, can someone wait for her",
        "he has a court date tomorrow and he's alone",
        "my son is locked up, how do we pay bail",
        "a friend gets released from the precinct tonight, nobody to pick him up",
        "my cousin was detained and we need a lawyer",
        "someone was arrested an hour ago and is being booked",
        "ICE took my husband, he is in a detention center",
        "arrestaron a mi hermano anoche",
        "mi amigo esta en la carcel y no se donde",
        "detuvieron a mi hija en la protesta, no sabemos nada",
        "mi primo esta detenido en la comisaria",
        "no tenemos para la fianza",
        "mañana tiene audiencia en el juzgado y va sola",
        "se llevaron a mi papá a la estacion de policia",
        "lo van a soltar esta noche y no hay quien lo recoja",
        "necesitamos un abogado, está preso",
        "my daughter got picked up by police yesterday, which jail",
        "need someone at court tomorrow morning",
        "how do I post bail for my nephew",
        "he gets out of jail at midnight",
        "they took my dad and I don't know where he is",
        "mi esposo fue detenido ayer",
        "necesito saber en que carcel tienen a mi hijo",
        "quien me acompaña al tribunal",
        "mi sobrino cayó preso",
    ),
    "safety-marshal": (
        "counter protesters are coming at our march",
        "hecklers at the vigil, we need calm people",
        "a group is disrupting the event in the park",
        "our rally is tense, the other group is close",
        "need safety marshals at the demonstration",
        "counterprotest across the street from us",
        "crowd is pushing at the protest and people are scared",
        "they are shouting at our march",
        "llegaron contramanifestantes a nuestra marcha",
        "hay provocadores en la vigilia",
        "el otro grupo se acerca a la protesta",
        "necesitamos gente tranquila en la manifestacion",
        "nos gritan en nuestro evento y la gente tiene miedo",
        "hay una contraprotesta enfrente",
        "some guys showed up to harass our rally",
        "we need marshals for the vigil tonight",
        "counter protestors are getting close",
        "people with flags are provoking our march",
        "vinieron a provocar a nuestra marcha",
        "hay gente rara rodeando la vigilia",
    ),
    "neighbour-check": (
        "the power is out and my neighbor is on oxygen",
        "old lady on the third floor, no AC in this heat",
        "our street is flooding and there are seniors inside",
        "no electricity since last night, can someone check on my neighbour",
        "heat wave, man downstairs lives alone",
        "elevator is stuck and it's too hot",
        "there was a blackout, she can't charge her wheelchair",
        "pipes burst, no water in the building",
        "storm took out the power",
        "se fue la luz y mi vecina usa oxigeno",
        "hay inundación en la calle y hay abuelitos adentro",
        "hace mucho calor y el señor de arriba vive solo",
        "llevamos dos dias sin luz",
        "corte de luz en todo el edificio",
        "no hay agua desde ayer, hay bebés",
        "el ascensor no funciona con este apagon",
        "una ola de calor, la señora esta sola",
        "power outage, my grandma is on a ventilator",
        "it's 40 degrees and mr Lee upstairs is alone",
        "the river is over the road, houses flooded",
        "no heat in our building, kids are cold",
        "lights went out on the whole block",
        "no tenemos luz y mi abuela está enferma",
        "se inundó el sótano",
        "hace un calor horrible y no tiene ventilador",
    ),
    "mutual-aid": (
        "we have nothing to eat until friday",
        "can someone give me a ride to the clinic",
        "I need my medicine from the pharmacy",
        "could anybody watch my kids tomorrow morning",
        "need groceries for a family of 5",
        "my mom needs help with food, she is hungry",
        "does anyone have diapers",
        "can anyone babysit on monday",
        "prescription pick up please",
        "no tenemos comida para los niños",
        "necesito un raite a la clinica",
        "alguien puede recoger mi medicina en la farmacia",
        "quien puede cuidar a mis hijos mañana",
        "nos hace falta despensa",
        "ocupo pañales y leche",
        "mi mamá tiene hambre, no hay nada de comer",
        "busco quien cuide a los niños el lunes",
        "alguien que me lleve al hospital mañana",
        "could someone bring food to an old lady",
        "need a ride to dialysis",
        "ran out of baby formula",
        "is there anyone who can pick up my meds",
        "need somebody to watch the kids during my shift",
        "necesito comida",
        "quién me puede llevar al doctor",
        "se me acabó la insulina",
        "necesito que alguien cuide a mi bebé",
    ),
    "welfare-check": (
        "I'm worried about my friend, she hasn't answered in two days",
        "can someone do a welfare check on my uncle",
        "I had a panic attack after last night and can't stop shaking",
        "he says he wants to die",
        "I can't sleep since that call",
        "my roommate is suicidal please help",
        "one of our people is not ok after yesterday",
        "I just need someone to talk to",
        "she keeps crying and won't come out",
        "estoy preocupada por mi amiga, no contesta hace dos dias",
        "mi hermano dice que se quiere morir",
        "desde la salida de ayer no puedo dormir",
        "mi compañera no esta bien, esta llorando",
        "tuve un ataque de panico",
        "no puedo mas, necesito hablar con alguien",
        "un compañero quedó muy mal despues de ayer",
        "mi vecino habla de suicidio",
        "haven't heard from my neighbour in days",
        "my friend said she wants to kill herself",
        "I feel so bad after last night",
        "could you check on my uncle, he is depressed",
        "i cant stop crying",
        "mi vecina no abre la puerta desde ayer",
        "mi amigo quiere matarse",
        "me siento muy mal después de la salida",
        "estoy muy agotada",
    ),
}
SENTENCES = [(kind, text) for kind, texts in WRITTEN.items() for text in texts]


def said(text: str = "", language: str = "en", action: Action | None = None) -> Said:
    return Said(
        at=datetime(2025, 6, 14, 20, tzinfo=UTC),
        fresh_report=ReportId("fresh"),
        text=text,
        language=language,
        action=action,
    )


def understood(text: str, language: str = "en") -> str:
    """The kind that the conversation takes these first words for; empty where it must ask."""
    draft = step(None, said(text, language), BOOK).draft
    return draft.kind if draft else ""


def offered(turn: Turn) -> list[Offer]:
    """What the one answer offers, in reading order."""
    return [offer for row in turn.replies[0].rows for offer in row]


def test_every_kind_is_tried_in_both_languages() -> None:
    assert set(WRITTEN) == set(SHIPPED)
    assert all(len(texts) >= 10 for texts in WRITTEN.values())


@pytest.mark.parametrize("hint", ["en", "es"])
@pytest.mark.parametrize(("kind", "text"), SENTENCES, ids=[text for _, text in SENTENCES])
def test_the_first_words_are_enough(kind: str, text: str, hint: str) -> None:
    """Whatever language the platform hints at, with all kinds side by side."""
    assert understood(text, hint) == kind


@pytest.mark.parametrize("text", ["something is happening", "por favor vengan", "I need help now"])
def test_words_that_say_nothing_of_a_kind_are_asked_about(text: str) -> None:
    assert understood(text) == ""


# --- where words say nothing of a kind, the kinds are offered -------------------------------------


def test_somebody_unsure_is_offered_the_urgent_kinds_and_something_else() -> None:
    """Six buttons, not nine: whoever is afraid does not read a long list."""
    labels = [offer.label for offer in offered(step(None, said("please come"), BOOK))]
    urgent = [one.title.in_("en") for one in SHIPPED.values() if one.urgency == "high"]
    assert labels == [*urgent, "Something else"]


@pytest.mark.parametrize("first", ["", "please come"])
def test_something_else_offers_the_others_and_keeps_what_was_said(first: str) -> None:
    before = step(None, said(first), BOOK)
    more = offered(before)[-1]
    after = step(before.draft, said(action=more.action), BOOK)
    seen = {offer.action.arg for turn in (before, after) for offer in offered(turn)}
    a_coordinator = ""
    assert seen - {more.action.arg, a_coordinator} == set(SHIPPED)
    assert after.draft == before.draft


def test_one_of_the_others_is_taken_like_any() -> None:
    before = step(None, said("please come"), BOOK)
    rest = step(before.draft, said(action=offered(before)[-1].action), BOOK)
    draft = step(rest.draft, said(action=offered(rest)[-2].action), BOOK).draft
    assert draft is not None
    assert (draft.kind, draft.text) == ("mutual-aid", "please come")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("polcie are stoping kids", "copwatch"),
        ("hay polisia aqui", "copwatch"),
        ("my freind is in pirson", "legal-support"),
        ("esta en la carsel", "legal-support"),
        ("necesito medisina", "mutual-aid"),
        ("theres a proetst", "safety-marshal"),
        ("se esta innundando", "neighbour-check"),
        ("he is sucidal", "welfare-check"),
    ],
)
def test_a_slip_brings_the_kind_that_was_meant_to_the_top(text: str, kind: str) -> None:
    """It is asked about, not taken: one letter makes an office of an officer."""
    turn = step(None, said(text), BOOK)
    assert turn.draft is not None and turn.draft.kind == ""
    assert offered(turn)[0].action.arg == kind


def test_few_kinds_are_all_offered_at_once() -> None:
    few = replace(BOOK, playbooks=BOOK.playbooks[: MOST_KINDS + 1])
    assert len(offered(step(None, said("please come"), few))) == MOST_KINDS + 1
