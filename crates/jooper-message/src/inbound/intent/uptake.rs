//! Whether somebody takes a mail up, asked of the text above a place.

use std::sync::LazyLock;

use super::features;
use super::{Intent, IntentEvidence};
use crate::inbound::phrases::{Book, Tokens};

/// Longer texts say too many things, in words.
const LONGEST: usize = 400;
/// Least weight of words that take a mail up.
const ENOUGH: u8 = 3;

/// Words of prices. Whoever objects asks, too ("who gave you my address?"), and hardly for those.
#[rustfmt::skip]
const PRICES: &[&str] = &[
    "cost", "costs", "price", "prices", "pricing", "rates", "fee", "fees", "kostet", "kosten", "preis*", "kost", "prijs",
    "prijzen", "kostar", "koster", "pris", "priser*", "coûte*", "coût", "coûts", "prix", "tarif*", "cuesta*", "cuánto vale",
    "precio*", "coste", "costo*", "custa", "custo", "preço*", "costa", "costano", "prezz*", "preț*", "costă", "cena", "cenu",
    "ceny", "cenę", "cene", "cijen*", "kosztuje", "kosztują", "stojí", "цен*", "стоит", "стоимость", "ціна", "ціни",
    "коштує", "струва", "hinta*", "maksaa", "ár", "ára", "árak", "kerül", "fiyat*", "kaina", "kainuoja", "hind", "maksab",
    "τιμή", "τιμές", "κοστίζει", "מחיר", "המחיר", "עולה", "السعر", "سعر", "تكلفة", "قیمت", "料金", "価格", "費用", "いくら", "价格",
    "價格", "费用", "多少钱", "多少錢", "가격", "요금", "비용", "얼마", "giá", "harga*", "biaya*", "ราคา", "कीमत",
];

static PRICE_BOOK: LazyLock<Book<()>> =
    LazyLock::new(|| Book::new(PRICES.iter().map(|words| (*words, ()))));

/// What speaks for an answer that takes a mail up, and what against.
#[derive(Debug)]
pub(in crate::inbound) struct Uptake {
    signs: Vec<IntentEvidence>,
}

impl Uptake {
    /// Looks for signs once, for every place that is asked about.
    pub(in crate::inbound) fn new(tokens: &Tokens) -> Self {
        if tokens.len() > LONGEST {
            return Self { signs: Vec::new() };
        }
        let mut signs = features::find(tokens);
        // Whoever objects asks questions, and dates a complaint ("since Monday, 9 am"); "ya" says yes in one
        // language of several.
        signs.retain(|sign| {
            let little = sign.weight < ENOUGH && sign.sign.chars().nth(2).is_none();
            sign.intent != Intent::Question && sign.sign != features::DAY_AND_TIME && !little
        });
        signs.extend(features::days(tokens));
        signs.extend(prices(tokens));
        Self { signs }
    }

    /// Whether the text before this byte says yes, agrees on a time or asks for a price, and declines nothing.
    pub(in crate::inbound) fn is_before(&self, end: usize) -> bool {
        let weight = |intent| {
            let signs = self.signs.iter().filter(|sign| sign.span.end <= end);
            let weights = signs.filter(|sign| sign.intent == intent);
            weights.fold(0_u8, |sum, sign| sum.saturating_add(sign.weight))
        };
        let agrees = weight(Intent::Interested).saturating_add(weight(Intent::Meeting));
        let declines = [Intent::NotInterested, Intent::WrongPerson]
            .into_iter()
            .any(|intent| weight(intent) > 0);
        let up = agrees.max(weight(Intent::Question));
        up >= ENOUGH && up > weight(Intent::NotNow) && !declines
    }
}

/// Where a sentence asks for a price.
fn prices(tokens: &Tokens) -> impl Iterator<Item = IntentEvidence> {
    let asked = |at: usize| tokens.sentence(at).is_some_and(|s| tokens.is_question(s));
    let named = PRICE_BOOK.find(tokens).into_iter();
    named
        .filter(move |hit| asked(hit.start))
        .map(|hit| IntentEvidence {
            intent: Intent::Question,
            sign: "price",
            span: features::span(tokens, hit.start..hit.end),
            weight: ENOUGH,
        })
}
