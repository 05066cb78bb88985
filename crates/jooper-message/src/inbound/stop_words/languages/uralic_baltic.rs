//! Finnish, Estonian, Hungarian, Lithuanian, Latvian, Greek, Turkish.

use super::Language;

#[rustfmt::skip]
pub(super) static FI: Language = Language {
    tag: "fi",
    requests: &[
        "poista minut", "poistakaa minut", "poista meidät", "poistakaa meidät", "poista sähköposti*",
        "poistakaa sähköposti*", "poista osoitteeni", "poistakaa osoitteeni", "poista tietoni", "poistakaa tietoni",
        "poistakaa yhteystietoni", "poista yhteystietoni", "poistaa minut", "poistaa tietoni", "poistaa osoitteeni",
        "minut voi poistaa", "haluan poistua", "haluan peruuttaa tilauksen", "haluan perua tilauksen",
        "peruuttakaa tilaukseni", "peruuta tilaukseni", "haluan pois", "pois postituslistalta", "pois listalta",
        "postituslistaltanne", "postituslistaltasi", "listaltanne pois", "lopeta lähettäminen",
        "lopeta viestien", "lopettaa viestien", "ei enää viestejä", "ei enää sähköposteja", "jättäkää minut rauhaan",
        "jätä minut rauhaan", "vastustan ~ käsittelyä", "peruutan suostumukseni", "perun suostumukseni", "kiellän",
        "haluan tulla poistetuksi", "haluaisin tulla poistetuksi", "jättäkää minut pois", "ottakaa minut pois",
        "sulkekaa minut pois",
    ],
    refusals: &[
        "älkää lähettäkö", "älä lähetä", "älkää ottako yhteyttä", "älä ota yhteyttä", "älkää enää", "älä enää",
        "en halua viestejä*", "en halua näitä", "en halua vastaanottaa", "en halua saada", "en halua sähköpost*",
        "en halua markkinoin*", "emme halua vastaanottaa", "en ole antanut lupaa", "en ole antanut suostumusta",
        "en ole tilannut",
        "älkää kirjoittako", "älä kirjoita", "älkää häiritkö", "älä häiritse", "älkää vaivatko", "älä vaivaa",
        "ottamatta yhteyttä", "lähettämättä ~ viestejä", "lähettämättä minulle", "kirjoittamatta minulle",
    ],
    unfinished: &[],
    places: &[],
    wishes: &["en halua enää", "emme halua enää", "lopettakaa"],
    bare: &["peruuta tilaus", "peru tilaus", "poista", "poistakaa", "stop", "seis", "lopeta"],
    negations: &["ei", "en", "emme", "ala", "alkaa", "eivat", "et"],
};

#[rustfmt::skip]
pub(super) static ET: Language = Language {
    tag: "et",
    requests: &[
        "eemaldage mind", "eemalda mind", "eemaldage meid", "kustutage mind", "soovin loobuda", "soovin end eemaldada",
        "võtke mind ~ maha", "võtke mind", "oma listist maha", "lõpetage ära", "rohkem kirju mitte",
        "jätke mind rahule", "võtan nõusoleku tagasi", "esitan vastuväite",
        "soovin olla eemaldatud", "soovin saada eemaldatud", "jätke mind välja", "välistage mind",
    ],
    refusals: &[
        "ärge kirjutage", "ära kirjuta", "ärge saatke", "ära saada", "ärge võtke ~ ühendust", "ärge rohkem",
        "ei soovi saada", "ei taha saada", "ei soovi teie kirju", "pole nõusolekut andnud",
        "ärge tülitage", "ära tülita", "ärge häirige", "ära häiri", "ärge segage",
    ],
    unfinished: &["eemaldage minu", "eemalda minu", "kustutage minu", "kustuta minu", "palun eemaldada"],
    places: &[],
    wishes: &["ei soovi rohkem", "ei soovi enam", "ei taha rohkem", "ei taha enam", "lõpetage"],
    bare: &["loobun", "eemalda", "eemaldage", "stopp", "lõpeta"],
    negations: &["ei", "arge", "ara", "mitte"],
};

#[rustfmt::skip]
pub(super) static HU: Language = Language {
    tag: "hu",
    requests: &[
        "iratkoztassanak le", "iratkoztasson le", "iratkoztass le", "szeretnék leiratkozni", "le szeretnék iratkozni",
        "le akarok iratkozni", "kérem a leiratkozás*", "kérem ~ leiratkoztatás*", "leiratkozom", "töröljék ~ címem*",
        "töröljék ~ adataim*", "töröljék az e-mail", "töröljék a címemet", "törölje az e-mail", "törölje ~ adataim*",
        "vegyenek le", "vegyen le", "vegyél le", "hagyják abba", "hagyja abba", "fejezzék be", "hagyjanak békén",
        "több levelet ne", "több e-mailt ne", "visszavonom a hozzájárulás*", "tiltakozom",
        "kérem a törlésem*", "kérem törlésem*", "zárjanak ki", "hagyjanak ki",
    ],
    refusals: &[
        "ne írjanak", "ne írjon", "ne írj nekem", "ne írj többet", "ne küldjenek", "ne küldjön", "ne küldj",
        "ne keressenek", "ne keressen", "nem kérem ~ leveleket", "nem szeretnék ~ kapni", "nem akarok ~ kapni",
        "nem járultam hozzá", "nem iratkoztam fel",
        "ne lépjenek kapcsolatba", "ne lépjen kapcsolatba", "ne zavarjanak", "ne zavarjon", "ne zaklassanak",
        "ne zaklasson",
    ],
    unfinished: &[
        "töröljenek", "töröljön", "törölj a", "kérem ~ törlését", "kérem töröljenek", "kérem törölje", "vegyenek ki",
    ],
    places: &["a levelezőlistáról", "a listájukról", "az adatbázisukból"],
    wishes: &["nem kérek több", "nem kérek többet", "nem szeretnék több", "nem akarok több", "nem kívánok"],
    bare: &["leiratkozás", "leiratkozom", "leiratkozni", "stop", "törlés"],
    negations: &["ne", "nem", "soha"],
};

#[rustfmt::skip]
pub(super) static LT: Language = Language {
    tag: "lt",
    requests: &[
        "išbraukite mane", "išbraukti mane", "pašalinti mane", "ištrinti mane", "išbraukite mus", "pašalinkite mane",
        "pašalinkite mus", "ištrinkite mane", "noriu atsisakyti", "norėčiau atsisakyti", "atsisakau prenumeratos",
        "atsisakau naujienlaišk*", "palikite mane ramybėje", "atšaukiu sutikimą",
        "prieštarauju",
        "noriu būti pašalint*", "norėčiau būti pašalint*", "noriu būti išbrauk*", "norėčiau būti išbrauk*",
    ],
    refusals: &[
        "neberašykite", "nerašykite man", "nebesiųskite", "nesiųskite man", "nesiųskite daugiau", "nesusisiekite",
        "nebenoriu gauti", "nenoriu gauti", "nenorime gauti", "nedaviau sutikimo", "neprenumeravau",
        "nebesusisiekite", "nerašykite daugiau", "netrukdykite", "nebetrukdykite", "neįtraukite manęs",
    ],
    unfinished: &["išbraukite mano", "pašalinkite mano", "ištrinkite mano"],
    places: &["iš savo sąrašo", "iš jūsų sąrašo", "iš jūsų duomenų bazės"],
    wishes: &["nenoriu daugiau", "nepageidauju", "nustokite", "liaukitės"],
    bare: &["atsisakau", "atsisakyti", "atsisakymas", "stop"],
    negations: &["ne", "niekada", "be"],
};

#[rustfmt::skip]
pub(super) static LV: Language = Language {
    tag: "lv",
    requests: &[
        "izņemiet mani", "izņemiet mūs", "izņemiet manu", "dzēsiet mani", "dzēsiet manu", "dzēsiet manus",
        "izdzēsiet mani", "izdzēsiet manu", "izdzēsiet manus", "svītrojiet mani", "svītrojiet manu", "noņemiet mani",
        "vēlos atteikties", "gribu atteikties", "vēlos atrakstīties", "lieciet mani mierā",
        "atsaucu piekrišanu", "iebilstu pret",
        "vēlos tikt izņemt*", "vēlos tikt dzēst*", "gribu tikt izņemt*", "vēlos tikt svītrot*", "izslēdziet mani",
    ],
    refusals: &[
        "nerakstiet man", "vairs nerakstiet", "nesūtiet man", "vairs nesūtiet", "nesūtiet vairāk", "nesazinieties",
        "nevēlos saņemt", "nevēlamies saņemt", "negribu saņemt", "neesmu devis piekrišanu", "neesmu devusi piekrišanu",
        "netraucējiet mani", "vairs netraucējiet", "netraucējiet mūs",
    ],
    unfinished: &["atsakos no"],
    places: &["no jūsu saraksta", "no adresātu saraksta", "no jūsu datubāzes"],
    wishes: &["nevēlos vairs", "negribu vairs", "beidziet", "pārtrauciet"],
    bare: &["atteikties", "atrakstīties", "atsakos", "stop"],
    negations: &["ne", "nekad", "bez"],
};

#[rustfmt::skip]
pub(super) static EL: Language = Language {
    tag: "el",
    requests: &[
        "διαγράψτε με", "διαγράψτε μας", "διέγραψε με", "διαγράψετε με", "να με διαγράψετε", "διαγράψετε το email",
        "διαγραφή μου", "διαγραφή του email", "αφαιρέστε με", "αφαιρέστε μας", "να με αφαιρέσετε", "βγάλτε με",
        "θέλω να διαγραφώ", "θα ήθελα να διαγραφώ", "επιθυμώ να διαγραφώ", 
        "αφήστε με ήσυχο", "αφήστε με ήσυχη", "ανακαλώ τη συγκατάθεσή", "αντιτίθεμαι", "όχι άλλα email",
        "όχι άλλα μηνύματα",
        "θέλω να αφαιρεθώ", "θα ήθελα να αφαιρεθώ", "επιθυμώ να αφαιρεθώ", "εξαιρέστε με",
    ],
    refusals: &[
        "μην μου στέλνετε", "μη μου στέλνετε", "μην μου ξαναστείλετε", "μη μου ξαναστείλετε", "μην στέλνετε",
        "μην επικοινωνήσετε", "μην επικοινωνείτε", "μη μου γράφετε", "μην μου γράφετε", "μην μου ξαναγράψετε",
        "δεν επιθυμώ να λαμβάνω", "δεν επιθυμώ να λάβω", "δεν επιθυμούμε να λαμβάνουμε", "δεν θέλω να λαμβάνω",
        "δε θέλω να λαμβάνω", "δεν έχω δώσει συγκατάθεση", "μην με ενοχλείτε", "μη με ενοχλείτε",
        "μην ξαναεπικοινωνήσετε", "μην ξαναγράψετε", "μη γράφετε", "μην γράφετε", "μη στέλνετε", "μην ξαναστείλετε",
        "μη με ξαναενοχλήσετε", "μην με ξαναενοχλήσετε",
    ],
    unfinished: &["διαγράψτε το", "διαγράψτε τα", "αφαιρέστε το", "διαγραφή από"],
    places: &["από τη λίστα σας", "από την λίστα σας", "από τη λίστα"],
    wishes: &["δεν επιθυμώ άλλα", "δεν θέλω άλλα", "δε θέλω άλλα", "σταματήστε να", "σταματήστε"],
    bare: &["διαγραφή", "διαγράψτε", "απεγγραφή", "στοπ", "stop"],
    negations: &["μη", "μην", "δεν", "δε", "ποτε", "χωρισ"],
};

#[rustfmt::skip]
pub(super) static TR: Language = Language {
    tag: "tr",
    requests: &[
        "listeden çıkarın", "listenizden çıkarın", "listenizden çıkarır", "listeden çıkarır",
        "listenizden çıkarınız", "listeden çıkarınız", "listenizden çıkarmanızı", "listeden çıkarmanızı",
        "listenizden çıkmak", "listeden çıkmak", "listenizden çıkart*", "listeden çıkart*", "beni listenizden",
        "beni listeden", "beni çıkarın", "beni sil*", "bizi listenizden", "adresimi silin", "adresimi siliniz",
        "adresimi listenizden", "adresimi çıkarın", "adresimi kaldırın", "e-posta adresimi sil*",
        "mail adresimi sil*", "bilgilerimi silin", "bilgilerimi siliniz", "bilgilerimin silinmesini",
        "verilerimi silin", "verilerimi siliniz", "verilerimin silinmesini", "kaydımı silin", "kaydımı siliniz",
        "üyeliğimi iptal", "aboneliğimi iptal", "aboneliğimin iptal", "abonelikten çıkmak", "abonelikten çıkar*",
        "abonelikten ayrılmak", "mail göndermeyi bırakın", "göndermeyi bırakın", "göndermeyi kesin",
        "yazmayı bırakın", "rahatsız etmeyin", "onayımı geri", "iznimi geri", "rızamı geri", "itiraz ediyorum",
        "beni rahat bırakın",
        "çıkarılmak istiyorum", "silinmek istiyorum", "beni hariç tutun", "beni dahil etmeyin",
    ],
    refusals: &[
        "mail göndermeyin", "e-posta göndermeyin", "mesaj göndermeyin", "mail atmayın", "mesaj atmayın",
        "göndermeyiniz", "bana yazmayın", "tekrar yazmayın", "bir daha yazmayın", "bir daha göndermeyin",
        "daha fazla ~ göndermeyin", "iletişime geçmeyin", "iletişime geçmeyiniz", "almak istemiyorum",
        "almak istemiyoruz", "mail istemiyorum", "e-posta istemiyorum", "mesaj istemiyorum", "iletişim istemiyorum",
        "iletişime geçmenizi istemiyorum", "onay vermedim", "izin vermedim", "abone olmadım",
        "iletişim kurmayın", "bana yazmayınız", "bu mailleri göndermeyin", "bu e-postaları göndermeyin",
        "bu mesajları göndermeyin", "artık göndermeyin", "artık yazmayın",
        "bir daha yazmaz", "bana yazmaz", "bana ~ göndermez", "bir daha ~ göndermez", "iletişime geçmez",
    ],
    unfinished: &[],
    places: &[],
    wishes: &[],
    bare: &["abonelikten çık", "çıkar", "listeden çık", "iptal", "ret"],
    negations: &["hayir", "degil", "asla"],
};
