//! What people and servers write, in seven languages.

/// The phrases of one language.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) interested: &'static str,
    pub(super) question: &'static str,
    pub(super) not_now: &'static str,
    pub(super) no: &'static str,
    /// With `{date}` and `{name}`.
    pub(super) wrote: &'static str,
    pub(super) away_prefix: &'static str,
    /// With `{date}`.
    pub(super) away: &'static str,
    pub(super) remove_me: &'static str,
    pub(super) objection: &'static str,
    pub(super) passed_on: &'static str,
    pub(super) reply_prefix: &'static str,
    /// Heading of a failed delivery.
    pub(super) not_found: &'static str,
    /// With `{address}`.
    pub(super) not_delivered: &'static str,
    /// Heading of a delayed delivery.
    pub(super) delayed: &'static str,
    /// With `{address}`.
    pub(super) retrying: &'static str,
    pub(super) over_limit: &'static str,
    pub(super) invitation: &'static str,
    pub(super) accepted: &'static str,
    pub(super) declined: &'static str,
}

/// The language of a BCP 47 tag; English for any other.
pub(super) fn words(locale: &str) -> &'static Words {
    match locale.split(['-', '_']).next().unwrap_or_default() {
        "de" => &GERMAN,
        "fr" => &FRENCH,
        "es" => &SPANISH,
        "it" => &ITALIAN,
        "nl" => &DUTCH,
        "et" => &ESTONIAN,
        _ => &ENGLISH,
    }
}

static ENGLISH: Words = Words {
    interested: "That sounds good. Could we talk on Thursday afternoon?",
    question: "Thanks for writing. What does it cost for a team of twelve?",
    not_now: "Not at the moment, our budget is settled. Ask me again in spring.",
    no: "Thank you, but this is nothing for us.",
    wrote: "On {date}, {name} wrote:",
    away_prefix: "Automatic reply: ",
    away: "I am out of the office and will be back on {date}. In urgent cases please call our front desk.",
    remove_me: "Please take me off your list and do not write to me again.",
    objection: "I object to the processing of my personal data for direct marketing. Delete my data and tell me where you got it from.",
    passed_on: "A colleague passed your mail on to me, I look after this topic here. Please send me some more details.",
    reply_prefix: "Re: ",
    not_found: "Address not found",
    not_delivered: "Nobody at {address} got your message: there is no such address, or it takes no mail.",
    delayed: "Delivery incomplete",
    retrying: "For now your message does not get through to {address}. Gmail goes on trying and will tell you if it gives up.",
    over_limit: "You have reached a limit for sending mail. Your message was not sent.",
    invitation: "Invitation: ",
    accepted: "Accepted: ",
    declined: "Declined: ",
};

static GERMAN: Words = Words {
    interested: "Das klingt interessant. Passt Ihnen Donnerstagnachmittag für ein kurzes Gespräch?",
    question: "Danke für die Nachricht. Was würde das für zwölf Personen kosten?",
    not_now: "Im Moment leider nicht, unser Budget ist verplant. Melden Sie sich gern im Frühjahr wieder.",
    no: "Vielen Dank, aber das ist für uns nichts.",
    wrote: "Am {date} schrieb {name}:",
    away_prefix: "Automatische Antwort: ",
    away: "Ich bin nicht im Büro und ab dem {date} wieder erreichbar. In dringenden Fällen hilft Ihnen unsere Zentrale.",
    remove_me: "Bitte nehmen Sie mich aus Ihrem Verteiler und schreiben Sie mir nicht mehr.",
    objection: "Ich widerspreche der Verarbeitung meiner Daten zu Werbezwecken nach Artikel 21 DSGVO. Löschen Sie meine Daten und teilen Sie mir mit, woher Sie sie haben.",
    passed_on: "Ihre Mail ist bei mir gelandet, ich kümmere mich hier um das Thema. Schicken Sie mir gern mehr Unterlagen.",
    reply_prefix: "AW: ",
    not_found: "Adresse nicht gefunden",
    not_delivered: "Ihre Nachricht ging nicht an {address}: Die Adresse gibt es nicht, oder sie nimmt keine Post an.",
    delayed: "Zustellung unvollständig",
    retrying: "Bei der Zustellung an {address} gibt es ein vorübergehendes Problem. Gmail versucht es weiter und meldet sich, falls sie endgültig scheitert.",
    over_limit: "Sie haben eine Obergrenze für das Senden von E-Mails erreicht. Ihre Nachricht wurde nicht gesendet.",
    invitation: "Einladung: ",
    accepted: "Zugesagt: ",
    declined: "Abgelehnt: ",
};

static FRENCH: Words = Words {
    interested: "Cela m'intéresse. Seriez-vous disponible jeudi après-midi pour en parler ?",
    question: "Merci pour votre message. Quel est le prix pour une équipe de douze personnes ?",
    not_now: "Pas pour le moment, notre budget est déjà engagé. Recontactez-moi au printemps.",
    no: "Merci, mais cela ne nous concerne pas.",
    wrote: "Le {date}, {name} a écrit :",
    away_prefix: "Réponse automatique : ",
    away: "Je suis absente du bureau et de retour le {date}. En cas d'urgence, adressez-vous à l'accueil.",
    remove_me: "Merci de me retirer de votre liste et de ne plus m'écrire.",
    objection: "Je m'oppose au traitement de mes données à des fins de prospection. Effacez mes données et dites-moi d'où vous les tenez.",
    passed_on: "On m'a transmis votre message, c'est moi qui suis ce sujet. Envoyez-moi plus de détails.",
    reply_prefix: "RE: ",
    not_found: "Adresse introuvable",
    not_delivered: "Votre message n'est pas parvenu à {address} : l'adresse est introuvable ou ne peut pas recevoir de messages.",
    delayed: "Distribution incomplète",
    retrying: "La remise de votre message à {address} est temporairement impossible. Gmail continue d'essayer.",
    over_limit: "Vous avez atteint une limite d'envoi. Votre message n'a pas été envoyé.",
    invitation: "Invitation : ",
    accepted: "Accepté : ",
    declined: "Refusé : ",
};

static SPANISH: Words = Words {
    interested: "Me interesa. ¿Podemos hablar el jueves por la tarde?",
    question: "Gracias por escribir. ¿Cuánto costaría para un equipo de doce personas?",
    not_now: "Ahora mismo no, ya tenemos el presupuesto cerrado. Escríbame en primavera.",
    no: "Gracias, pero no nos interesa.",
    wrote: "El {date}, {name} escribió:",
    away_prefix: "Respuesta automática: ",
    away: "Estoy fuera de la oficina y vuelvo el {date}. Si es urgente, llame a recepción.",
    remove_me: "Por favor, elimíneme de su lista y no vuelva a escribirme.",
    objection: "Me opongo al tratamiento de mis datos con fines comerciales. Borre mis datos e indíqueme de dónde los obtuvo.",
    passed_on: "Me han reenviado su correo, yo llevo este tema. Envíeme más información.",
    reply_prefix: "RE: ",
    not_found: "No se ha encontrado la dirección",
    not_delivered: "Tu mensaje no se ha entregado a {address} porque no se ha encontrado la dirección o no puede recibir correo.",
    delayed: "Entrega incompleta",
    retrying: "Hay un problema temporal para entregar tu mensaje a {address}. Gmail lo seguirá intentando.",
    over_limit: "Has alcanzado un límite de envío de correo. Tu mensaje no se ha enviado.",
    invitation: "Invitación: ",
    accepted: "Aceptado: ",
    declined: "Rechazado: ",
};

static ITALIAN: Words = Words {
    interested: "Mi interessa. Possiamo sentirci giovedì pomeriggio?",
    question: "Grazie del messaggio. Quanto costerebbe per una squadra di dodici persone?",
    not_now: "Al momento no, il budget è già assegnato. Mi riscriva in primavera.",
    no: "Grazie, ma non fa per noi.",
    wrote: "Il {date} {name} ha scritto:",
    away_prefix: "Risposta automatica: ",
    away: "Sono fuori ufficio e rientro il {date}. Per urgenze chiamate il centralino.",
    remove_me: "Per favore toglietemi dalla vostra lista e non scrivetemi più.",
    objection: "Mi oppongo al trattamento dei miei dati per finalità di marketing. Cancellateli e ditemi da dove provengono.",
    passed_on: "Mi hanno girato la sua mail, di questo argomento mi occupo io. Mi mandi altri dettagli.",
    reply_prefix: "R: ",
    not_found: "Indirizzo non trovato",
    not_delivered: "Il messaggio non è stato recapitato a {address}: l'indirizzo non esiste o non può ricevere posta.",
    delayed: "Recapito incompleto",
    retrying: "Si è verificato un problema temporaneo nel recapito a {address}. Gmail continuerà a provare.",
    over_limit: "Hai raggiunto un limite di invio. Il messaggio non è stato inviato.",
    invitation: "Invito: ",
    accepted: "Accettato: ",
    declined: "Rifiutato: ",
};

static DUTCH: Words = Words {
    interested: "Dat klinkt goed. Schikt donderdagmiddag om even te bellen?",
    question: "Bedankt voor het bericht. Wat kost het voor een team van twaalf?",
    not_now: "Nu even niet, ons budget ligt vast. Probeer het in het voorjaar nog eens.",
    no: "Bedankt, maar dit is niets voor ons.",
    wrote: "Op {date} schreef {name}:",
    away_prefix: "Automatisch antwoord: ",
    away: "Ik ben niet op kantoor en ben weer terug op {date}. Bel bij spoed onze receptie.",
    remove_me: "Haal mij alstublieft van uw lijst en schrijf mij niet meer.",
    objection: "Ik maak bezwaar tegen de verwerking van mijn gegevens voor direct marketing. Verwijder ze en laat weten hoe u eraan komt.",
    passed_on: "Uw mail is naar mij doorgestuurd, ik ga hierover. Stuur me gerust meer informatie.",
    reply_prefix: "Antw: ",
    not_found: "Adres niet gevonden",
    not_delivered: "Uw bericht is niet bezorgd bij {address}, omdat het adres niet bestaat of geen mail kan ontvangen.",
    delayed: "Bezorging niet voltooid",
    retrying: "Er is een tijdelijk probleem met de bezorging bij {address}. Gmail blijft het proberen.",
    over_limit: "U heeft een verzendlimiet bereikt. Uw bericht is niet verzonden.",
    invitation: "Uitnodiging: ",
    accepted: "Geaccepteerd: ",
    declined: "Geweigerd: ",
};

static ESTONIAN: Words = Words {
    interested: "See kõlab hästi. Kas saaksime neljapäeva pärastlõunal rääkida?",
    question: "Aitäh kirja eest. Palju see kaheteistkümnele inimesele maksab?",
    not_now: "Praegu mitte, eelarve on paigas. Küsige kevadel uuesti.",
    no: "Aitäh, aga see pole meile.",
    wrote: "{name} kirjutas {date}:",
    away_prefix: "Automaatvastus: ",
    away: "Olen kontorist ära ja tagasi {date}. Kiire asja korral helistage valvelauda.",
    remove_me: "Palun eemaldage mind oma nimekirjast ja ärge mulle enam kirjutage.",
    objection: "Esitan vastuväite oma andmete töötlemisele turunduse eesmärgil. Kustutage minu andmed ja öelge, kust te need saite.",
    passed_on: "Teie kiri edastati mulle, tegelen meil selle teemaga. Saatke palun rohkem infot.",
    reply_prefix: "Vs: ",
    not_found: "Aadressi ei leitud",
    not_delivered: "Teie kirja ei toimetatud aadressile {address}, sest aadressi ei leitud või see ei saa kirju vastu võtta.",
    delayed: "Kohaletoimetamine on pooleli",
    retrying: "Kirja edastamisel aadressile {address} tekkis ajutine viga. Gmail proovib edasi.",
    over_limit: "Olete saavutanud kirjade saatmise piirangu. Teie kirja ei saadetud.",
    invitation: "Kutse: ",
    accepted: "Nõustus: ",
    declined: "Keeldus: ",
};
