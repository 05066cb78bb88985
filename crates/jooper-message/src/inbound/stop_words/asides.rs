//! Sentences that hold words of stopping and ask for nothing: instructions, conditions, tales.

use std::ops::Range;
use std::sync::LazyLock;

use super::{Ask, guards, objects};
use crate::inbound::phrases::{Book, Hit, Tokens};

/// What an aside is, and so what it reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aside {
    /// "Click here": an instruction of a footer, up to the first comma of a sentence that it opens.
    Button,
    /// "If you no longer wish": the condition of an instruction, in a sentence that it opens.
    Condition,
    /// "Our customers": somebody else stops, or nobody yet; what follows in the clause.
    Tale,
    /// "You have the right to": what follows in the clause, unless its writer is named in it.
    Right,
    /// "But I changed my mind": what stands before it.
    Revoked,
    /// "By mistake", "your unsubscribe link": the sentence is a report, and a bare word in it is no request.
    Report,
}

/// In any language.
#[rustfmt::skip] // A table is read in rows.
const ASIDES: &[(Aside, &[&str])] = &[
    (Aside::Button, &[
        "to unsubscribe", "unsubscribe here", "you can unsubscribe", "you may unsubscribe", "click here", "click to",
        "um sich abzumelden", "klicken sie", "hier klicken", "pour vous désabonner", "pour vous désinscrire",
        "cliquez ici", "para darse de baja", "haga clic", "clique aqui", "per cancellarti", "clicca qui", "klik hier",
        "klik her", "klikk her", "klicka här", "kliknij", "klikněte", "нажмите", "配信停止は",
    ]),
    (Aside::Condition, &[
        "if you no longer wish", "if you no longer want", "if you don't want", "if you do not want",
        "if you do not wish", "if you don't wish", "if you wish to", "if you would like to", "if you'd like to",
        "if you want to unsubscribe", "wenn sie keine", "falls sie keine", "wenn sie nicht mehr", "falls sie nicht mehr",
        "si vous ne souhaitez plus", "si no desea", "si ya no desea", "caso não queira", "se non desideri",
        "se non desidera", "als u geen", "hvis du ikke", "om du inte", "jeśli nie chcesz", "pokud si nepřejete",
        "если вы не хотите", "配信停止をご希望", "如果您不想",
        // A lawyer's: of whoever got the mail in error.
        "if you are not the", "if you have received this ~ error", "if you received this ~ error",
        "if you have received this ~ mistake", "if you received this ~ mistake", "if this email is not",
        "if this message is not", "wenn sie nicht der", "falls sie nicht der", "sollten sie nicht der",
        "wenn sie diese ~ irrtümlich", "falls sie diese ~ irrtümlich", "sollten sie diese ~ irrtümlich",
        "wenn sie diese ~ nicht angefordert", "si vous n'êtes pas le", "si vous avez reçu ce", "si vous avez reçu cet",
        "si vous recevez ce", "s'il vous est parvenu", "si ce message ne vous", "si usted no es el",
        "si no es el destinatario", "si ha recibido este", "si recibió este", "se não for o", "se você não é o",
        "se recebeu est*", "se você recebeu est*", "se ha ricevuto questo", "se ha ricevuto questa",
        "se avete ricevuto quest*", "se non è il destinatario", "qualora non", "als u niet de", "indien u niet de",
        "indien u dit", "hvis du ikke er den", "hvis du ikke er rette", "hvis du har modtaget denne",
        "hvis du har mottatt denne", "om du inte är den", "om du har fått detta", "jos et ole oikea",
        "jos olet saanut tämän", "jeśli nie są", "jeśli nie jest", "jeżeli nie są", "jeżeli nie jest",
        "jeśli otrzymali państwo", "pokud nejste", "pokud jste tuto", "pokud jste tento", "ak nie ste", "ak ste túto",
        "ak ste tento", "ako niste primatelj", "če niste naslovnik", "ако не сте получател*", "если вы не являетесь",
        "если вы получили это", "якщо ви не є", "якщо ви отримали це", "εάν δεν είστε ο", "αν δεν είστε ο",
        "εάν λάβατε το", "εάν λάβατε αυτό", "αν λάβατε αυτό", "ha nem ön", "ha ön nem", "dacă nu sunteți",
        "dacă ați primit acest", "eğer bu ~ alıcısı", "ja neesat", "kui te ei ole", "אם אינך", "אם קיבלת הודעה",
        "إذا لم تكن", "إذا تلقيت هذه", "如果您不是", "如果你不是", "如您误收",
    ]),
    (Aside::Tale, &[
        "customers who", "people who", "do your customers", "do your clients", "do your users", "do your subscribers",
        "do your contacts", "do your leads", "our customers", "our clients", "our users", "our subscribers",
        "how many people", "how many customers", "how many clients", "how many users", "how many subscribers",
        "how many contacts", "how many recipients", "do you let people", "do you support", "does your",
        "does it support", "can your customers", "can your users", "can your tool", "can your software",
        "can your product", "can your system", "can your platform", "can our customers", "can our clients",
        "can our users", "can our people", "when someone", "when people", "if someone", "if people", "if i wanted",
        "if i want", "i was going to", "i almost", "was about to", "nobody asked you", "not asking you",
        "unsere kunden", "unsere abonnenten", "wenn jemand", "wenn leute", "nos clients", "nuestros clientes",
        "os nossos clientes", "i nostri clienti", "onze klanten", "no need to remove", "no need to stop",
        "no need to unsubscribe", "nothing to unsubscribe",
        // Whom an instruction is for.
        "不要な方は", "不要の方は", "希望の方は", "希望される方は", "希望されない方は", "希望しない方は", "不要な場合は", "不要の場合は",
        "希望の場合は", "希望される場合は", "希望されない場合は", "希望しない場合は", "원하지 않으시면", "원치 않으시면", "원하시면", "희망하시면",
        "싶으시면",
    ]),
    (Aside::Right, &[
        "you have the right", "you have a right", "sie haben das recht", "haben sie das recht", "sie haben ein recht",
        "haben sie ein recht", "vous disposez d'un droit", "vous disposez du droit", "vous avez le droit",
        "vous bénéficiez d'un droit", "vous pouvez demander", "vous pouvez exercer", "tiene derecho", "tiene el derecho",
        "puede ejercer", "podrá ejercer", "ha il diritto", "ha diritto", "hai diritto", "può esercitare", "tem o direito",
        "tem direito", "u heeft het recht", "u hebt het recht", "ma pan prawo", "ma pani prawo", "mają państwo prawo",
        "przysługuje", "du har rätt", "du har ret", "du har rett", "máte právo", "вы имеете право",
    ]),
    (Aside::Revoked, &[
        "but ~ changed my mind", "aber ~ anders überlegt", "mais ~ changé d'avis", "non smettete", "non smetta",
        "non smetti", "non smettere", "listeden çıkarmayın*", "listenizden çıkarmayın*", "beni çıkarmayın*",
        "beni silmeyin*", "제외하지 마*", "제외하지 말*", "삭제하지 마*", "삭제하지 말*", "빼지 마*", "빼지 말*",
    ]),
    (Aside::Report, &[
        "unsubscribe link", "unsubscribe button", "unsubscribe rate*", "changed my mind", "by mistake", "by accident",
        "accidentally", "versehentlich", "par erreur", "por error", "por engano", "per errore", "per ongeluk",
        "ved en fejl", "av misstag", "przez pomyłkę", "omylem", "vahingossa", "случайно", "по ошибке", "yanlışlıkla",
    ]),
];

static BOOK: LazyLock<Book<Aside>> = LazyLock::new(|| {
    let each = |&(aside, list): &(Aside, &'static [&'static str])| {
        list.iter().map(move |words| (*words, aside))
    };
    Book::new(ASIDES.iter().flat_map(each))
});

/// Words by which a request is of whoever writes it; folded.
#[rustfmt::skip] // A table is read in rows.
const OF_ONESELF: &[&str] = &[
    "me", "us", "my", "our", "mich", "mir", "uns", "mein", "meine", "meinen", "meiner", "unsere", "moi", "nous", "mon", "ma",
    "mes", "nos", "mi", "mis", "nuestra", "meu", "meus", "minha", "mio", "mia", "miei", "mij", "mijn", "ons", "onze", "mig",
    "mej", "meg", "min", "mina", "mine", "os", "oss", "mnie", "moj", "moje", "mou", "nas", "меня", "мне", "мой", "мои", "нас",
    "我", "μου", "μας",
];

/// Whether a word (folded) names its writer.
pub(super) fn is_of_oneself(word: &str) -> bool {
    OF_ONESELF.contains(&word)
}

/// The asides of the sentence asked about last: hits of one sentence follow one another.
#[derive(Debug)]
pub(super) struct Asides<'a> {
    pub(super) tokens: &'a Tokens,
    text: &'a str,
    sentence: Range<usize>,
    found: Vec<Hit<Aside>>,
}

impl<'a> Asides<'a> {
    pub(super) fn new(tokens: &'a Tokens, text: &'a str) -> Self {
        Self {
            tokens,
            text,
            sentence: 0..0,
            found: Vec::new(),
        }
    }

    /// Whether a phrase is part of an aside of its sentence, or stands behind one.
    pub(super) fn hold(&mut self, sentence: &Range<usize>, hit: &Range<usize>, ask: Ask) -> bool {
        if self.sentence != *sentence {
            self.sentence = sentence.clone();
            self.found = BOOK.find_in(self.tokens, sentence.clone());
        }
        let reaches = |aside: &Hit<Aside>| self.reaches(aside, hit, ask);
        self.found.iter().any(reaches)
    }

    fn reaches(&self, aside: &Hit<Aside>, hit: &Range<usize>, ask: Ask) -> bool {
        if aside.meaning == Aside::Report {
            return ask == Ask::Bare;
        }
        if aside.start < hit.end && hit.start < aside.end {
            // "I want to unsubscribe" holds "to unsubscribe" and means it, and so does "you can unsubscribe me".
            let beyond = aside.start < hit.start || hit.end < aside.end;
            return beyond && !(aside.meaning == Aside::Button && self.is_of_oneself(hit));
        }
        // Some word may stand before what opens a sentence: "so", "and".
        let opens = aside.start <= self.sentence.start + 1 && aside.end <= hit.start;
        let comma = |words: Range<usize>| guards::has_comma(self.tokens, words, self.text);
        match aside.meaning {
            Aside::Button => opens && !comma(aside.end - 1..hit.start + 1),
            Aside::Condition => {
                let before = self.sentence.start..hit.start;
                opens && objects::writing(self.tokens, before) && !self.is_of_oneself(hit)
            }
            Aside::Tale | Aside::Right => {
                let follows = aside.start == hit.end
                    || aside.end <= hit.start && !comma(aside.end - 1..hit.start + 1);
                follows && !(aside.meaning == Aside::Right && self.is_of_oneself(hit))
            }
            Aside::Revoked => hit.end <= aside.start,
            Aside::Report => false,
        }
    }

    /// "If you want no complaint about these mails, stop sending me any" is no footer's.
    fn is_of_oneself(&self, hit: &Range<usize>) -> bool {
        let mut near = hit.start.saturating_sub(1)..hit.end + 2;
        let one = near.any(|i| is_of_oneself(self.tokens.word(i)));
        one || glues_oneself(self.tokens, hit.clone())
    }
}

/// Whether a word holds its writer as its object: "cancellatemi", "elimínenme", "m'envoyer".
pub(super) fn glues_oneself(tokens: &Tokens, mut words: Range<usize>) -> bool {
    let within = |word: &str| {
        word.starts_with("m'") || word.len() > 5 && (word.ends_with("me") || word.ends_with("mi"))
    };
    words.any(|i| within(tokens.word(i)))
}
