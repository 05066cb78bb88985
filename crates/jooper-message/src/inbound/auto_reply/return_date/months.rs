//! Month names and their usual short and inflected forms, in lower case.

use std::sync::LazyLock;

use crate::inbound::lookup::Lookup;

/// Name or beginning of a name, month. A form ending in `*` matches any ending.
#[rustfmt::skip] // A table is read in rows.
const MONTHS: &[(&str, i8)] = &[
    // English, German, Dutch, French, Spanish, Portuguese, Italian, Catalan, Romanian.
    ("january", 1), ("jan", 1), ("jän", 1), ("januar*", 1), ("jänner", 1), ("januari", 1), ("janv", 1),
    ("janvier", 1), ("enero", 1), ("ene", 1), ("janeiro", 1), ("gennaio", 1), ("gen", 1), ("gener", 1),
    ("ianuarie", 1), ("ian", 1),
    ("february", 2), ("feb", 2), ("febr", 2), ("februar*", 2), ("feber", 2), ("februari", 2), ("févr", 2),
    ("février", 2), ("fevrier", 2), ("febrero", 2), ("fevereiro", 2), ("fev", 2), ("febbraio", 2), ("febrer", 2),
    ("februarie", 2),
    ("march", 3), ("mar", 3), ("märz", 3), ("mär", 3), ("maerz", 3), ("maart", 3), ("mrt", 3), ("mars", 3),
    ("marzo", 3), ("março", 3), ("març", 3), ("martie", 3),
    ("april", 4), ("apr", 4), ("avril", 4), ("avr", 4), ("abril", 4), ("abr", 4), ("aprile", 4), ("aprilie", 4),
    ("may", 5), ("mai", 5), ("mei", 5), ("mayo", 5), ("maio", 5), ("maggio", 5), ("mag", 5), ("maig", 5),
    ("june", 6), ("jun", 6), ("juni", 6), ("juin", 6), ("junio", 6), ("junho", 6), ("giugno", 6), ("giu", 6),
    ("juny", 6), ("iunie", 6), ("iun", 6),
    ("july", 7), ("jul", 7), ("juli", 7), ("juillet", 7), ("juil", 7), ("julio", 7), ("julho", 7), ("luglio", 7),
    ("lug", 7), ("juliol", 7), ("iulie", 7), ("iul", 7),
    ("august", 8), ("aug", 8), ("augustus", 8), ("août", 8), ("aout", 8), ("agosto", 8), ("ago", 8), ("agost", 8),
    ("september", 9), ("sep", 9), ("sept", 9), ("septembre", 9), ("septiembre", 9), ("setembro", 9), ("set", 9),
    ("settembre", 9), ("sett", 9), ("setembre", 9), ("septembrie", 9),
    ("october", 10), ("oct", 10), ("oktober", 10), ("okt", 10), ("octobre", 10), ("octubre", 10), ("outubro", 10),
    ("out", 10), ("ottobre", 10), ("ott", 10), ("octombrie", 10),
    ("november", 11), ("nov", 11), ("novembre", 11), ("noviembre", 11), ("novembro", 11), ("noiembrie", 11),
    ("december", 12), ("dec", 12), ("dezember", 12), ("dez", 12), ("décembre", 12), ("decembre", 12), ("déc", 12),
    ("diciembre", 12), ("dic", 12), ("dezembro", 12), ("dicembre", 12), ("desembre", 12), ("decembrie", 12),
    // Swedish, Danish, Norwegian, Icelandic, Finnish, Estonian, Latvian, Lithuanian.
    ("maj", 5), ("marts", 3), ("augusti", 8), ("desember", 12), ("des", 12), ("janúar", 1), ("febrúar", 2),
    ("apríl", 4), ("maí", 5), ("júní", 6), ("júlí", 7), ("ágúst", 8), ("október", 10), ("nóvember", 11),
    ("tammikuu*", 1), ("helmikuu*", 2), ("maaliskuu*", 3), ("huhtikuu*", 4), ("toukokuu*", 5), ("kesäkuu*", 6),
    ("heinäkuu*", 7), ("elokuu*", 8), ("syyskuu*", 9), ("lokakuu*", 10), ("marraskuu*", 11), ("joulukuu*", 12),
    ("jaanuar*", 1), ("veebruar*", 2), ("märts*", 3), ("aprill*", 4), ("juuni*", 6), ("juuli*", 7),
    ("oktoob*", 10), ("novemb*", 11), ("detsemb*", 12), ("septemb*", 9),
    ("janvār*", 1), ("februār*", 2), ("mart*", 3), ("aprīl*", 4), ("maij*", 5), ("jūnij*", 6), ("jūlij*", 7),
    ("august*", 8), ("oktobr*", 10), ("decemb*", 12),
    ("sausio", 1), ("sausis", 1), ("vasario", 2), ("vasaris", 2), ("kovo", 3), ("balandžio", 4), ("gegužės", 5),
    ("birželio", 6), ("liepos", 7), ("rugpjūčio", 8), ("rugsėjo", 9), ("spalio", 10), ("lapkričio", 11),
    ("gruodžio", 12),
    // Polish, Czech, Slovak, Slovene, Croatian, Serbian, Hungarian.
    ("styczeń", 1), ("stycznia", 1), ("luty", 2), ("lutego", 2), ("marzec", 3), ("marca", 3), ("kwiecień", 4),
    ("kwietnia", 4), ("maja", 5), ("czerwiec", 6), ("czerwca", 6), ("lipiec", 7), ("lipca", 7), ("sierpień", 8),
    ("sierpnia", 8), ("wrzesień", 9), ("września", 9), ("październik*", 10), ("listopad", 11), ("listopada", 11),
    ("grudzień", 12), ("grudnia", 12),
    ("leden", 1), ("ledna", 1), ("únor*", 2), ("březen", 3), ("března", 3), ("duben", 4), ("dubna", 4),
    ("květen", 5), ("května", 5), ("června", 6), ("červen", 6), ("července", 7), ("červenec", 7), ("srpen", 8),
    ("srpna", 8), ("září", 9), ("říjen", 10), ("října", 10), ("listopadu", 11), ("prosinec", 12), ("prosince", 12),
    ("január*", 1), ("február*", 2), ("marec", 3), ("apríla", 4), ("mája", 5), ("máj", 5), ("júna", 6),
    ("júla", 7), ("augusta", 8), ("septembra", 9), ("októbra", 10), ("októbr*", 10), ("novembra", 11),
    ("decembra", 12), ("januarja", 1), ("februarja", 2), ("aprila", 4), ("junija", 6), ("julija", 7),
    ("avgusta", 8), ("avgust", 8), ("oktobra", 10),
    ("siječnja", 1), ("veljače", 2), ("ožujka", 3), ("travnja", 4), ("svibnja", 5), ("lipnja", 6), ("srpnja", 7),
    ("kolovoza", 8), ("rujna", 9), ("studenog*", 11), ("prosinca", 12),
    ("март*", 3), ("јануар*", 1), ("фебруар*", 2), ("мај*", 5), ("јун*", 6), ("јул*", 7), ("новемб*", 11),
    ("децемб*", 12), ("септемб*", 9), ("октоб*", 10),
    ("március*", 3), ("április*", 4), ("május*", 5), ("június*", 6), ("július*", 7), ("augusztus*", 8),
    ("szeptember*", 9), ("október*", 10), ("november*", 11), ("december*", 12),
    // Russian, Ukrainian, Bulgarian.
    ("январ*", 1), ("феврал*", 2), ("апрел*", 4), ("мая", 5), ("май", 5), ("июн*", 6), ("июл*", 7), ("август*", 8),
    ("сентябр*", 9), ("октябр*", 10), ("ноябр*", 11), ("декабр*", 12),
    ("січ*", 1), ("лют*", 2), ("берез*", 3), ("квіт*", 4), ("трав*", 5), ("черв*", 6), ("лип*", 7), ("серп*", 8),
    ("верес*", 9), ("жовт*", 10), ("листопад*", 11), ("груд*", 12),
    ("януари", 1), ("февруари", 2), ("април", 4), ("юни", 6), ("юли", 7), ("септември", 9), ("октомври", 10),
    ("ноември", 11), ("декември", 12),
    // Greek, Turkish, Arabic, Hebrew, Hindi, Thai; Indonesian and Malay stand last.
    ("ιανουαρίου", 1), ("φεβρουαρίου", 2), ("μαρτίου", 3), ("απριλίου", 4), ("μαΐου", 5), ("μαίου", 5),
    ("ιουνίου", 6), ("ιουλίου", 7), ("αυγούστου", 8), ("σεπτεμβρίου", 9), ("οκτωβρίου", 10), ("νοεμβρίου", 11),
    ("δεκεμβρίου", 12),
    ("ocak*", 1), ("şubat*", 2), ("mart'*", 3), ("nisan*", 4), ("mayıs*", 5), ("haziran*", 6), ("temmuz*", 7),
    ("ağustos*", 8), ("eylül*", 9), ("ekim*", 10), ("kasım*", 11), ("aralık*", 12),
    ("يناير", 1), ("فبراير", 2), ("مارس", 3), ("أبريل", 4), ("ابريل", 4), ("مايو", 5), ("يونيو", 6), ("يوليو", 7),
    ("أغسطس", 8), ("اغسطس", 8), ("سبتمبر", 9), ("أكتوبر", 10), ("اكتوبر", 10), ("نوفمبر", 11), ("ديسمبر", 12),
    ("ינואר", 1), ("בינואר", 1), ("פברואר", 2), ("בפברואר", 2), ("במרץ", 3), ("מרץ", 3), ("באפריל", 4),
    ("אפריל", 4), ("במאי", 5), ("ביוני", 6), ("ביולי", 7), ("באוגוסט", 8), ("בספטמבר", 9), ("באוקטובר", 10),
    ("בנובמבר", 11), ("בדצמבר", 12),
    ("जनवरी", 1), ("फरवरी", 2), ("मार्च", 3), ("अप्रैल", 4), ("मई", 5), ("जून", 6), ("जुलाई", 7), ("अगस्त", 8),
    ("सितंबर", 9), ("अक्टूबर", 10), ("नवंबर", 11), ("दिसंबर", 12),
    ("มกราคม", 1), ("กุมภาพันธ์", 2), ("มีนาคม", 3), ("เมษายน", 4), ("พฤษภาคม", 5), ("มิถุนายน", 6),
    ("กรกฎาคม", 7), ("สิงหาคม", 8), ("กันยายน", 9), ("ตุลาคม", 10), ("พฤศจิกายน", 11), ("ธันวาคม", 12),
    // Albanian, Filipino, Swahili, Welsh, Irish, Afrikaans, Azerbaijani, Georgian, Armenian.
    ("janar", 1), ("shkurt", 2), ("prill", 4), ("qershor", 6), ("korrik", 7), ("gusht", 8), ("shtator", 9),
    ("tetor", 10), ("nëntor", 11), ("dhjetor", 12),
    ("pebrero", 2), ("marso", 3), ("hunyo", 6), ("hulyo", 7), ("setyembre", 9), ("oktubre", 10), ("nobyembre", 11),
    ("disyembre", 12),
    ("machi", 3), ("aprili", 4), ("agosti", 8), ("septemba", 9), ("oktoba", 10), ("novemba", 11), ("desemba", 12),
    ("ionawr", 1), ("chwefror", 2), ("mawrth", 3), ("ebrill", 4), ("mehefin", 6), ("gorffennaf", 7), ("awst", 8),
    ("medi", 9), ("hydref", 10), ("tachwedd", 11), ("rhagfyr", 12),
    ("eanáir", 1), ("feabhra", 2), ("márta", 3), ("aibreán", 4), ("bealtaine", 5), ("meitheamh", 6), ("iúil", 7),
    ("lúnasa", 8), ("samhain", 11), ("nollaig", 12),
    ("januarie", 1), ("junie", 6), ("julie", 7),
    ("yanvar*", 1), ("fevral*", 2), ("aprel*", 4), ("iyun*", 6), ("iyul*", 7), ("avqust*", 8), ("sentyabr*", 9),
    ("oktyabr*", 10), ("noyabr*", 11), ("dekabr*", 12),
    ("იანვ*", 1), ("თებერვ*", 2), ("მარტ*", 3), ("აპრილ*", 4), ("მაის*", 5), ("ივნის*", 6), ("ივლის*", 7),
    ("აგვისტ*", 8), ("სექტემბ*", 9), ("ოქტომბ*", 10), ("ნოემბ*", 11), ("დეკემბ*", 12),
    ("հունվար*", 1), ("փետրվար*", 2), ("մարտ*", 3), ("ապրիլ*", 4), ("մայիս*", 5), ("հունիս*", 6), ("հուլիս*", 7),
    ("օգոստոս*", 8), ("սեպտեմբեր*", 9), ("հոկտեմբեր*", 10), ("նոյեմբեր*", 11), ("դեկտեմբեր*", 12),
    ("maret", 3), ("agustus", 8), ("desember", 12), ("ogos", 8), ("mac", 3), ("julai", 7), ("disember", 12),
    ("oktober", 10),
];

static BOOK: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(MONTHS.iter().map(|(form, _)| form.trim_end_matches('*'))));

/// Returns the month that `word` (lower case, no final dot) names.
pub(super) fn month(word: &str) -> Option<i8> {
    let counts = |index: usize| {
        let Some((form, _)) = MONTHS.get(index) else {
            return false;
        };
        match form.strip_suffix('*') {
            Some(stem) => word.chars().count() <= stem.chars().count() + 6,
            None => word.len() == form.len(),
        }
    };
    let (index, _) = BOOK.first_prefix(word, counts)?;
    MONTHS.get(index).map(|(_, month)| *month)
}
