//! English, German, Dutch and the Nordic languages of the family.

use super::Language;

pub(super) static EN: Language = Language {
    tag: "en",
    requests: &[
        "unsubscribe me", "unsubscribe us", "unsubscribe this", "unsubscribe my", "please unsubscribe", "kindly unsubscribe", "want to unsubscribe", "wish to unsubscribe", "like to unsubscribe", "like to be unsubscribed", "want to be unsubscribed", "i unsubscribe", "how do i unsubscribe", "how can i unsubscribe", "unsubscribe immediately",
        "remove me", "remove us", "remove my name", "remove my email", "remove my e-mail", "remove my address", "remove my contact", "remove my data", "remove my details", "remove our", "remove this address", "remove this email", "remove from ~ list", "remove from ~ database", "remove from ~ mailing",
        "take me off", "take us off", "take my name off", "take my email off", "take my address off", "take my name out", "get me off ~ list", "be removed from ~ list", "be removed from ~ mailing", "be removed from ~ database", "be taken off", "off your mailing list", "off your list", "strike me from", "delete me from", "delete us from", "drop me from",
        "delete my data", "delete my email", "delete my e-mail", "delete my address", "delete my contact", "delete my details", "delete my information", "delete my personal", "delete all ~ data", "delete all ~ information", "erase my data", "erase my personal", "erase all ~ data", "forget my data", "right to be forgotten", "right to erasure",
        "opt me out", "opt us out", "opt out please", "please opt out", "want to opt out", "like to opt out", "wish to opt out", "i opt out", "i am opting out", "i'm opting out",
        "stop emailing", "stop e-mailing", "stop mailing", "stop sending me", "stop sending us", "stop sending these", "stop sending emails", "stop contacting", "stop messaging", "stop spamming", "stop writing", "stop reaching out", "stop following up", "stop harassing", "stop bothering", "stop this spam", "stop these emails", "stop the emails", "stop all emails", "stop all communication", "stop all further", "stop with the emails", "cease all", "cease contact", "cease and desist", "quit emailing", "quit spamming",
        "leave me alone", "leave us alone", "lose my number", "lose my email", "cancel my subscription", "cancel ~ newsletter", "cancel ~ mailing", "withdraw my consent", "revoke my consent", "i object to ~ processing", "object to the use of my", "i object to receiving", "i object to direct marketing", "add me to ~ suppression", "put me on ~ do not contact", "put me on ~ suppression", "add me to ~ do not contact", "mark me as do not contact", "blacklist me",
        "no more emails", "no more e-mails", "no more mails", "no more messages", "no further emails", "no further e-mails", "no further contact", "no further messages", "no further communication", "wish to receive no",
    ],
    refusals: &[
        "do not contact me", "don't contact me", "dont contact me", "do not contact us", "don't contact us", "do not contact this", "never contact me", "never contact us", "not be contacted", "do not contact again",
        "do not email me", "don't email me", "dont email me", "do not e-mail me", "don't e-mail me", "do not email us", "don't email us", "do not email this", "never email me", "never email us", "do not mail me", "don't mail me",
        "do not write to me", "don't write to me", "do not write me", "don't write me", "never write to me", "do not write again", "don't write again", "do not send me any", "don't send me any", "dont send me any", "do not send me more", "don't send me more", "do not send any more", "don't send any more", "do not send anything", "don't send anything", "do not send us", "don't send us", "not send me any more", "don't send me these", "do not send me these", "do not message me", "don't message me",
        "do not want to receive", "don't want to receive", "dont want to receive", "do not wish to receive", "don't wish to receive", "no longer wish to receive", "no longer want to receive", "no longer want ~ emails", "no longer want ~ e-mails", "do not want ~ emails", "don't want ~ emails", "don't want any more", "do not want any more", "do not want to hear from you", "don't want to hear from you", "never want to hear from you", "do not want to be contacted", "don't want to be contacted", "do not wish to be contacted", "don't wish to be contacted", "no longer wish to be contacted", "not wish to be contacted", "prefer not to be contacted",
        "did not subscribe", "didn't subscribe", "never subscribed", "never signed up", "didn't sign up", "did not sign up", "did not consent", "didn't consent", "never consented", "never gave ~ consent", "no consent to", "do not consent", "don't consent", "do not follow up again", "don't follow up again",
    ],
    bare: &["unsubscribe", "unsubscribed", "unsub", "remove", "stop", "opt out", "optout", "opt-out", "remove please", "take off", "stop it", "cancel", "delete me"],
    negations: &["not", "don't", "dont", "never", "didn't", "doesn't", "wouldn't", "won't", "cannot", "can't", "without", "no"],
};

pub(super) static DE: Language = Language {
    tag: "de",
    requests: &[
        "nehmen sie mich ~ aus", "nehmen sie uns ~ aus", "nehmen sie mich ~ von", "nehmen sie mich ~ heraus", "nehmt mich ~ aus", "nehmt uns ~ aus", "nimm mich ~ aus", "nehmen sie meine ~ aus", "nehmen sie diese ~ aus", "mich ~ aus ihrem verteiler", "mich ~ aus eurem verteiler", "mich ~ aus dem verteiler", "mich ~ aus ihrer liste", "mich ~ aus der liste", "mich ~ von ihrer liste", "mich ~ von der liste", "aus ihrem verteiler ~ nehmen", "aus dem verteiler ~ nehmen", "aus ihrem verteiler ~ streichen", "aus dem verteiler ~ streichen", "aus dem verteiler ~ entfernen", "aus ihrem verteiler ~ entfernen", "aus dem verteiler ~ löschen", "aus ihrem verteiler ~ löschen", "aus dem verteiler austragen",
        "tragen sie mich ~ aus", "tragen sie uns ~ aus", "tragt mich ~ aus", "trag mich ~ aus", "mich ~ austragen", "uns ~ austragen", "melden sie mich ~ ab", "meldet mich ~ ab", "melden sie uns ~ ab", "mich ~ abmelden", "mich ~ abzumelden", "uns ~ abmelden", "streichen sie mich", "streichen sie uns", "streicht mich", "streichen sie meine", "entfernen sie mich", "entfernen sie uns", "entfernen sie meine", "entfernen sie diese", "entfernt mich", "entferne mich",
        "löschen sie mich", "löschen sie meine", "löschen sie unsere", "löschen sie diese", "löschen sie alle", "löscht meine", "löscht mich", "meine daten ~ löschen", "meine daten ~ gelöscht", "meine adresse ~ löschen", "meine e-mail adresse ~ löschen", "löschung meiner", "um löschung", "sperren sie meine", "auf ihre sperrliste", "auf die sperrliste", "auf ihre blacklist", "recht auf löschung",
        "widerspreche der", "widerspreche ich der", "widerspreche ich ihrer", "widerspreche hiermit", "widerspreche ausdrücklich", "widerspruch gegen die", "widerrufe meine", "widerrufe ich meine", "widerrufe hiermit", "unterlassen sie", "unterlassen sie bitte", "bitte unterlassen", "unterlassen sie es", "verzichten sie auf weitere", "sehen sie von weiteren", "von weiteren ~ abzusehen", "von weiteren ~ absehen", "stellen sie ~ mails ein", "hören sie auf", "hör auf mir", "hört auf", "lassen sie mich in ruhe", "lassen sie uns in ruhe", "lass mich in ruhe", "lasst mich in ruhe", "bestelle ~ newsletter ab", "abbestellen bitte", "bitte abbestellen", "möchte ~ abbestellen", "will ~ abbestellen", "keine weiteren mails", "keine weiteren e-mails", "keine weiteren emails", "keine weiteren nachrichten", "keine mails mehr", "keine e-mails mehr", "keine emails mehr", "keine nachrichten mehr", "keine werbung mehr", "keine newsletter mehr", "keine weitere kontaktaufnahme", "keine weitere werbung", "keinen kontakt mehr", "bitte austragen", "bitte abmelden", "bitte um austragung", "bitte um abmeldung", "unsubscribe bitte",
    ],
    refusals: &[
        "nicht mehr anschreiben", "nicht mehr kontaktieren", "nicht mehr angeschrieben", "nicht mehr kontaktiert", "nicht weiter anschreiben", "nicht weiter kontaktieren", "nicht wieder anschreiben", "nicht mehr belästigen", "nicht weiter belästigen", "nicht mehr zu kontaktieren", "nicht mehr anzuschreiben", "schreiben sie mir nicht mehr", "schreiben sie uns nicht mehr", "schreibt mir nicht mehr", "schreib mir nicht mehr", "kontaktieren sie mich nicht", "kontaktieren sie uns nicht", "kontaktiert mich nicht", "schicken sie mir keine", "senden sie mir keine", "schickt mir keine", "sendet mir keine", "mailen sie mir nicht", "möchte keine ~ mails", "möchte keine ~ e-mails", "möchte keine ~ emails", "möchte keine ~ mehr erhalten", "möchte keine ~ mehr bekommen", "möchten keine ~ mehr erhalten", "will keine ~ mails", "will keine ~ e-mails", "will keine ~ emails", "wünsche keine", "wünschen keine", "wünsche ich keine", "habe nicht zugestimmt", "habe nie zugestimmt", "habe mich nie angemeldet", "habe mich nicht angemeldet", "habe keine einwilligung", "keine einwilligung erteilt", "nie wieder schreiben", "nicht mehr schreiben",
    ],
    bare: &["abmelden", "austragen", "abbestellen", "abmeldung", "stopp", "löschen", "abbestellung", "entfernen"],
    negations: &["nicht", "nie", "niemals", "kein", "keine", "keinesfalls", "ohne"],
};

pub(super) static NL: Language = Language {
    tag: "nl",
    requests: &[
        "schrijf mij ~ uit", "schrijf me ~ uit", "schrijf ons ~ uit", "mij uitschrijven", "me uitschrijven", "mij uit te schrijven", "me uit te schrijven", "wil me ~ uitschrijven", "wil mij ~ uitschrijven", "graag uitschrijven", "meld mij ~ af", "meld me ~ af", "mij afmelden", "me afmelden", "wil me ~ afmelden", "wil mij ~ afmelden", "graag afmelden", "haal mij ~ van", "haal me ~ van", "haal mij ~ uit", "haal me ~ uit", "haal ons ~ van", "haal mijn ~ uit", "haal mijn ~ van", "verwijder mij", "verwijder me", "verwijder ons", "verwijder mijn", "verwijder dit", "mijn gegevens ~ verwijderen", "mijn gegevens te verwijderen", "mijn adres ~ verwijderen", "mij te verwijderen", "mij verwijderen", "wis mijn", "van uw mailinglijst", "van jullie mailinglijst", "van de mailinglijst", "van uw lijst", "van jullie lijst", "uit uw bestand ~ verwijderen", "uit jullie bestand", "uit uw bestand", "stop met mailen", "stop met het sturen", "stop met ~ mailen", "stop met ~ mails", "stop met ~ e-mails", "stop met spammen", "stop met contact", "stop deze mails", "geen mails meer", "geen e-mails meer", "geen mail meer", "geen berichten meer", "geen reclame meer", "geen verdere mails", "geen verdere e-mails", "laat me met rust", "laat mij met rust", "laat ons met rust", "bezwaar tegen", "maak bezwaar", "trek mijn toestemming", "uitschrijven aub", "uitschrijven graag",
    ],
    refusals: &[
        "niet meer mailen", "niet meer te mailen", "niet meer e-mailen", "mail mij niet", "mail me niet", "niet meer benaderen", "niet meer te benaderen", "niet langer benaderen", "niet meer benaderd", "niet meer contacteren", "niet meer schrijven", "stuur mij geen", "stuur me geen", "stuur ons geen", "geen contact meer", "neem geen contact meer", "wil geen mail*", "wil geen e-mail*", "wil geen ~ ontvangen", "wens geen ~ ontvangen", "wil niet meer ~ ontvangen", "wil niet langer ~ ontvangen", "nooit toestemming gegeven", "geen toestemming gegeven", "nooit aangemeld", "niet aangemeld voor",
    ],
    bare: &["uitschrijven", "afmelden", "afmelding", "stop", "verwijderen"],
    negations: &["niet", "nooit", "geen"],
};

pub(super) static SV: Language = Language {
    tag: "sv",
    requests: &[
        "avregistrera mig", "avregistrera oss", "avregistrera min", "avprenumerera mig", "vill avprenumerera", "vill avregistrera", "vill avsluta prenumeration*", "avsluta min prenumeration", "avanmäl mig", "ta bort mig", "ta bort oss", "ta bort min", "ta bort mina", "ta bort vår", "ta bort denna", "tag bort mig", "tag bort min", "stryk mig", "radera mig", "radera min", "radera mina", "bli borttagen", "mig från ~ lista", "mig från ~ listan", "mig från ~ sändlista", "mig från ~ utskick", "sluta mejla", "sluta maila", "sluta skicka", "sluta kontakta", "sluta skriva", "sluta spamma", "sluta höra av", "inga fler mejl", "inga fler mail", "inga fler utskick", "inga fler meddelanden", "lämna mig ifred", "lämna mig i fred", "invänder mot", "motsätter mig", "återkallar mitt samtycke", "återkalla mitt samtycke",
    ],
    refusals: &["vill inte ha ~ mejl", "vill inte ha ~ mail", "vill inte ha fler", "vill inte ha mer", "vill inte få", "vill inte längre ~ mejl", "vill inte längre ~ mail", "vill inte längre få", "vill inte längre ha", "vill inte bli kontaktad", "vill inte kontaktas", "önskar inte ~ mejl", "önskar inte ~ mail", "önskar inte få", "önskar inte bli kontaktad", "kontakta mig inte", "kontakta inte mig", "kontakta oss inte", "kontakta inte oss", "mejla mig inte", "maila mig inte", "maila inte", "mejla inte", "skicka inte fler", "skicka inga fler", "skicka mig inte", "skriv inte till mig", "har inte samtyckt", "aldrig samtyckt", "aldrig anmält mig"],
    bare: &["avregistrera", "avprenumerera", "avsluta", "avanmälan", "sluta", "stopp"],
    negations: &["inte", "aldrig", "ej"],
};

pub(super) static DA: Language = Language {
    tag: "da",
    requests: &[
        "afmeld mig", "afmeld os", "afmeld min", "afmelde mig", "afmelde nyhedsbrev*", "gerne afmeldes", "ønsker at afmelde", "vil gerne afmelde", "vil gerne frameldes", "frameld mig", "fjern mig", "fjern os", "fjern min", "fjern denne", "fjerne mig", "slet mig", "slet min", "slet mine", "slette mig", "slette min", "slette mine", "tag mig af", "tage mig af", "tag min ~ af", "mig fra jeres ~ liste", "fra jeres mailingliste", "fra jeres liste", "fra din liste", "fra listen", "stop med at skrive", "stop med at sende", "stop med at maile", "stop med at kontakte", "stop med at spamme", "stop med ~ mails", "hold op med at", "ikke flere mails", "ingen flere mails", "ikke flere e-mails", "lad mig være", "lad os være", "gør indsigelse", "trækker mit samtykke", "tilbagekalder mit samtykke",
    ],
    refusals: &["ønsker ikke at modtage", "ønsker ikke flere", "ønsker ikke at blive kontaktet", "ønsker ikke at høre", "ønsker ikke længere", "ønsker ikke mails", "vil ikke have ~ mails", "vil ikke have flere", "vil ikke modtage", "vil ikke kontaktes", "kontakt mig ikke", "kontakt os ikke", "skriv ikke til mig", "skriv ikke igen", "send ikke flere", "send mig ikke", "send ikke ~ mails", "må ikke kontakte", "har ikke givet samtykke", "aldrig givet samtykke", "aldrig tilmeldt"],
    bare: &["afmeld", "afmeldes", "afmelding", "frameld", "stop", "slet"],
    negations: &["ikke", "aldrig", "ej"],
};

pub(super) static NO: Language = Language {
    tag: "no",
    requests: &[
        "meld meg av", "meld oss av", "meld meg ut", "melde meg av", "melde meg ut", "ønsker å melde", "vil melde meg av", "avmeld meg", "fjern meg", "fjern oss", "fjern min", "fjern denne", "fjerne meg", "slett meg", "slett min", "slett mine", "slette meg", "slette mine", "stryk meg", "ta meg av", "ta meg bort", "meg fra listen", "meg fra lista", "fra deres liste", "fra e-postlisten", "fra mailinglisten", "slutt å sende", "slutt å skrive", "slutt å kontakte", "slutt å maile", "slutt å spamme", "slutt med å", "stopp å sende", "ikke flere e-poster", "ingen flere e-poster", "ikke mer e-post", "la meg være", "la oss være", "protesterer mot behandling", "trekker mitt samtykke", "trekker samtykket",
    ],
    refusals: &["ønsker ikke å motta", "ønsker ikke flere", "ønsker ikke å bli kontaktet", "ønsker ikke å høre", "ønsker ikke lenger", "ønsker ikke e-post*", "vil ikke ha ~ e-post*", "vil ikke ha flere", "vil ikke motta", "vil ikke bli kontaktet", "ikke kontakt meg", "ikke kontakt oss", "kontakt meg ikke", "ikke send ~ e-post*", "ikke send meg", "ikke send flere", "ikke skriv til meg", "har ikke samtykket", "aldri samtykket", "aldri meldt meg på"],
    bare: &["avmeld", "meld av", "avmelding", "stopp", "slett"],
    negations: &["ikke", "aldri", "ei"],
};
