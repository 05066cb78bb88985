//! French, Spanish, Portuguese, Italian, Romanian, Catalan.

use super::Language;

#[rustfmt::skip]
pub(super) static FR: Language = Language {
    tag: "fr",
    requests: &[
        "me désabonner", "me désinscrire", "nous désabonner", "nous désinscrire", "désabonnez moi", "désinscrivez moi",
        "désabonne moi", "désinscris moi", "désabonnez nous", "désinscrivez nous", "désinscription svp",
        "désinscription merci", "demande ma désinscription", "être désinscrit*", "être désabonné*", "retirez moi",
        "retirez nous", "me retirer de", "me retirer des", "nous retirer de", "retire moi", "retiré de votre liste",
        "retirée de votre liste", "supprimez moi", "supprimer mes données", "me supprimer de", "me supprimer",
        "supprime moi", "effacer mes données", "enlevez moi", "m'enlever de", "m'enlever", "rayez moi", "me rayer",
        "sortez moi de", "me sortir de votre", "arrêtez de m'écrire", "arrêtez de me", "arrêtez de nous",
        "arrêtez les mails", "arrêtez d'envoyer", "arrêter de m'envoyer", "arrêtez de m'envoyer",
        "arrête de m'envoyer", "arrêter de me", "arrête de m'écrire", "arrête de me", "cessez de m'", "cessez de me",
        "cessez de m'écrire", "cessez de m'envoyer", "cessez de me contacter", "cessez vos envois", "cesser de me",
        "cesser de m'envoyer", "stop aux mails", "stop spam", "plus aucun mail", "plus aucun message", "plus de mails",
        "plus de mail svp", "laissez moi tranquille", "laissez nous tranquilles", "fichez moi la paix",
        "m'oppose au traitement", "m'oppose à l'utilisation", "m'oppose à la", "m'oppose à ce", "droit d'opposition",
        "droit à l'oubli", "droit à l'effacement", "retire mon consentement",
    ],
    refusals: &[
        "ne m'écrivez plus", "ne nous écrivez plus", "ne m'écris plus", "ne me contactez plus", "ne plus me contacter",
        "ne plus nous contacter", "ne plus m'écrire", "ne plus m'envoyer", "ne plus nous envoyer",
        "ne plus me solliciter", "ne me sollicitez plus", "ne m'envoyez plus", "ne m'envoyez pas",
        "ne nous envoyez plus", "ne nous contactez plus", "ne me relancez plus", "ne plus me relancer",
        "ne souhaite plus recevoir", "ne souhaite pas recevoir", "ne souhaite plus être", "ne souhaite pas être",
        "ne souhaitons plus recevoir", "ne souhaitons pas recevoir", "ne souhaitons plus être",
        "ne veux plus recevoir", "ne veux plus être", "ne veux pas recevoir", "ne désire plus recevoir",
        "ne désire pas recevoir", "plus recevoir vos", "plus recevoir de", "plus être contacté*",
        "plus être sollicité*", "pas donné mon consentement", "jamais donné mon consentement", "pas donné mon accord",
        "jamais donné mon accord", "jamais inscrit*", "pas inscrit à",
    ],
    unfinished: &[
        "retirer mon", "retirer mes", "retirez mon", "retirez mes", "retirez cette", "supprimez mon", "supprimez mes",
        "supprimez cette", "supprimez nos", "supprimer mon", "supprimer mes", "effacez mes", "enlevez mon",
        "demande la suppression", "demande l'effacement",
    ],
    places: &["de votre liste de diffusion", "de vos listes de diffusion", "de vos listes d'envoi"],
    wishes: &["ne veux plus de", "arrêtez ces", "arrêtez vos"],
    bare: &[
        "désabonner", "désinscrire", "désinscription", "désabonnement", "stop", "supprimer", "se désabonner",
        "se désinscrire",
    ],
    negations: &["ne", "pas", "jamais", "n'", "sans"],
};

#[rustfmt::skip]
pub(super) static ES: Language = Language {
    tag: "es",
    requests: &[
        "darme de baja", "darnos de baja", "denme de baja", "deme de baja", "dame de baja", "dadme de baja",
        "me den de baja", "me dé de baja", "me des de baja", "solicito mi baja", "baja de la lista",
        "baja de su lista", "baja del boletín", "cancelar mi suscripción", "cancelar la suscripción",
        "cancelen mi suscripción", "cancele mi suscripción", "anular mi suscripción", "desuscribirme", "desuscríbanme",
        "desuscríbeme", "desuscriban*", "desuscribir mi", "elimíneme", "elimínenme", "elimíname", "eliminadme",
        "eliminarme", "me eliminen", "me elimine", "bórreme", "bórrenme", "bórrame", "borrarme", "quíteme", "quítenme",
        "quítame", "quitadme", "quitarme", "me quiten de", "me quite de", "me quites de", "me saquen de",
        "me saque de", "sáquenme", "sáqueme", "sácame", "sacarme de", "retírenme", "retíreme", "deje de enviar*",
        "dejen de enviar*", "deja de enviar*", "dejad de enviar*", "deje de escribir*", "dejen de escribir*",
        "deja de escribir*", "deje de mandar*", "dejen de mandar*", "deja de mandar*", "dejen de contactar*",
        "deje de contactar*", "dejen de molestar", "deje de molestar", "deja de molestar*", "paren de enviar",
        "paren de mandar", "no más correos", "no más emails", "no más mails", "no más mensajes", "me opongo al",
        "me opongo a", "derecho de oposición", "derecho de supresión", "derecho al olvido", "retiro mi consentimiento",
        "revoco mi consentimiento", "déjenme en paz", "déjeme en paz", "déjame en paz", "solicito baja",
        "pido la baja", "pido baja",
    ],
    refusals: &[
        "no me escriba*", "no me escribas", "no nos escriban", "no me contacte*", "no me contacten",
        "no nos contacten", "no me envíe*", "no me envíen", "no me envíes", "no nos envíen", "no envíe más",
        "no envíen más", "no me mande*", "no me manden", "no me mandes", "no deseo recibir", "no deseamos recibir",
        "no deseo que me", "no deseo ser contactad*", "no quiero recibir", "no queremos recibir",
        "no quiero más correos", "no quiero más emails", "no quiero más mails", "no quiero más mensajes",
        "no quiero que me", "ya no quiero recibir", "ya no quiero más", "no he dado mi consentimiento",
        "no di mi consentimiento", "nunca di mi consentimiento", "nunca me suscribí", "no me suscribí",
        "no me molesten",
    ],
    unfinished: &[
        "elimine mi", "eliminen mi", "elimina mi", "eliminen mis", "elimine mis", "eliminar mi", "eliminar mis",
        "eliminen este", "borre mi", "borren mi", "borren mis", "borrar mis", "borrar mi", "borra mi", "quiten mi",
        "quite mi", "retiren mi", "den de baja", "dé de baja", "dar de baja mi", "dar de baja este",
        "darse de baja mi", "la baja",
    ],
    places: &[],
    wishes: &["no vuelva a", "no vuelvan a", "no vuelvas a", "ya no deseo", "no deseo más"],
    bare: &[
        "baja", "darse de baja", "dar de baja", "desuscribir", "desuscribirse", "desuscribirme",
        "cancelar suscripción", "eliminar", "stop",
    ],
    negations: &["no", "nunca", "jamas", "tampoco", "sin"],
};

#[rustfmt::skip]
pub(super) static PT: Language = Language {
    tag: "pt",
    requests: &[
        "me descadastrar", "me descadastre", "me descadastrem", "descadastrar meu", "descadastrem meu",
        "descadastre meu", "descadastre me", "quero descadastrar", "gostaria de descadastrar", "me remova",
        "me removam", "me remover", "remova me", "removam me", "remover me", "retirem me", "retire me", "me retire",
        "me retirem", "me retirar", "retirar me", "me tire d*", "me tirem d*", "me tira d*", "me exclua", "me excluam",
        "me excluir", "cancelar minha inscrição", "cancelar a subscrição", "cancelar subscrição",
        "anular a subscrição", "anular a minha subscrição", "pare de enviar", "parem de enviar", "pare de me",
        "parem de me", "para de me", "pare de mandar", "parem de mandar", "deixem de enviar", "deixe de enviar",
        "deixem de me", "chega de e-mails", "chega de emails", "me deixe em paz", "me deixem em paz",
        "deixem me em paz", "oponho me ao", "me oponho ao", "retiro o meu consentimento", "revogo meu consentimento",
        "revogo o meu consentimento",
    ],
    refusals: &[
        "não me envie*", "não me enviem", "não nos enviem", "não envie mais", "não enviem mais", "não me mande*",
        "não mande mais", "não mandem mais", "não me escreva*", "não me contate*", "não me contacte*",
        "não me contactem", "não nos contactem", "não entre mais em contato", "não entrem mais em contato",
        "não quero receber", "não quero mais receber", "não quero mais e-mails", "não quero mais emails",
        "não queremos receber", "não desejo receber", "não desejamos receber", "não pretendo receber",
        "não pretendo continuar a receber", "não gostaria de receber", "não autorizei", "nunca autorizei",
        "não dei consentimento", "nunca me inscrevi", "não me inscrevi", "não me incomodem",
        "não quero ser contactad*", "não quero ser contatad*",
    ],
    unfinished: &[
        "remova o meu", "remova meu", "remover meu", "remover o meu", "removam o meu", "removam meu", "remova meus",
        "remover meus", "remova este", "remova nosso", "retirar o meu", "retire meu", "retire o meu", "retirem o meu",
        "tire meu", "tirem meu", "tirar meu", "exclua meu", "exclua o meu", "excluir meu", "excluir meus",
        "exclua meus", "excluam meus", "excluam meu", "apague os meus", "apaguem os meus", "apagar os meus",
        "apaguem meus", "apague meus", "apagar meus", "eliminem os meus", "elimine os meus", "eliminar os meus",
        "cancelar a minha", "cancelem a minha", "cancele minha", "cancelem minha",
    ],
    places: &["da sua lista de e-mails", "da vossa lista", "da sua lista", "da lista de envio"],
    wishes: &["não voltem a", "não volte a", "não desejo mais"],
    bare: &[
        "descadastrar", "descadastre", "remover", "cancelar inscrição", "cancelar subscrição", "sair da lista",
        "parar", "stop",
    ],
    negations: &["nao", "nunca", "jamais", "sem"],
};

#[rustfmt::skip]
pub(super) static IT: Language = Language {
    tag: "it",
    requests: &[
        "cancellatemi", "cancellami", "mi cancelli", "mi cancelliate", "mi cancellate", "mi cancelli da",
        "cancellarmi", "rimuovetemi", "rimuovimi", "mi rimuova", "mi rimuoviate", "mi rimuovete", "rimuovermi",
        "toglietemi", "togliermi", "toglimi", "mi tolga", "mi togliate", "eliminatemi", "disiscrivermi",
        "disiscrivetemi", "disiscrivimi", "disiscrivere", "disiscrivermi da", "annullare l'iscrizione",
        "annullare la mia iscrizione", "smettete di", "smettetela di", "smetta di", "smetti di", "smettila di",
        "smettere di inviarmi", "smettere di scrivermi", "basta email", "basta mail", "basta e-mail", "basta messaggi",
        "lasciatemi in pace", "mi lasci in pace", "mi oppongo al", "mi oppongo", "revoco il consenso",
        "revoco il mio consenso", "ritiro il mio consenso", "diritto di opposizione", "diritto all'oblio",
        "niente più email", "niente più mail",
    ],
    refusals: &[
        "non scrivetemi", "non mi scriva*", "non scrivermi", "non scriveteci", "non mi scrivete", "non mi contatt*",
        "non contattatemi", "non contattarmi", "non contattateci", "non mi mandi*", "non mandatemi", "non mandarmi",
        "non inviatemi", "non mi invi*", "non inviarmi", "non inviateci", "non inviate più", "non inviare più",
        "non mandate più", "non desidero ricevere", "non desidero essere", "non desideriamo ricevere",
        "non voglio ricevere", "non voglio essere contattat*", "non vogliamo ricevere", "non intendo ricevere",
        "non vorrei più ricevere", "non ho dato il consenso", "non ho mai dato", "non ho autorizzato",
        "mai autorizzato", "non mi sono mai iscritt*", "non mi sono iscritt*", "non disturbatemi",
    ],
    unfinished: &[
        "cancellare il mio", "cancellare i miei", "cancellate il mio", "cancellate i miei", "cancelli il mio",
        "cancelli i miei", "cancellare la mia", "cancellate la mia", "essere cancellat*", "la cancellazione del mio",
        "la cancellazione dei miei", "la cancellazione dalla", "rimuovere il mio", "rimuovere la mia",
        "rimuovete il mio", "rimuovete la mia", "rimuova il mio", "rimuova la mia", "essere rimoss*",
        "togliete il mio", "togliere il mio", "eliminate il mio", "eliminate i miei", "elimini i miei",
        "eliminare i miei", "eliminare il mio", "annullate la mia",
    ],
    places: &["dalla vostra mailing list", "dalla vostra lista", "dalla mailing list", "dalla vostra newsletter"],
    wishes: &["non desidero più", "non desideriamo più", "non voglio più", "non vogliamo più"],
    bare: &[
        "cancellami", "disiscrivimi", "disiscrizione", "cancellazione", "rimuovere", "disiscrivermi", "stop",
        "cancellare",
    ],
    negations: &["non", "mai", "senza"],
};

#[rustfmt::skip]
pub(super) static RO: Language = Language {
    tag: "ro",
    requests: &[
        "dezabonați mă", "dezabonează mă", "dezabonare vă rog", "vreau să mă dezabonez", "doresc să mă dezabonez",
        "aș dori să mă dezabonez", "mă dezabonați", "să mă dezabonez", "scoateți mă", "scoate mă din",
        "mă scoateți din", "să mă scoateți", "mă ștergeți din", "să mă ștergeți", "ștergeți mă", "ștergeți adresa",
        "ștergeți datele", "ștergeți mi", "șterge mi", "să îmi ștergeți", "să ștergeți adresa", "să ștergeți datele",
        "eliminați mă", "eliminați adresa", "mă eliminați", "să mă eliminați", "nu mai trimiteți", "încetați să",
        "lăsați mă în pace", "mă opun", "îmi retrag consimțământul", "opriți trimiterea",
    ],
    refusals: &[
        "nu îmi mai trimiteți", "nu mi mai trimiteți", "nu îmi mai scrieți", "nu mi mai scrieți",
        "nu mă mai contactați", "nu ne mai contactați", "nu mai doresc să primesc", "nu doresc să primesc",
        "nu doresc să fiu contactat*", "nu vreau să primesc", "nu mai vreau să primesc", "nu mai vreau mesaje",
        "nu mai vreau mailuri", "nu mai vreau emailuri", "nu am fost de acord", "nu m am abonat",
    ],
    unfinished: &[],
    places: &["din lista dvs", "din lista dumneavoastră", "din baza dumneavoastră de date"],
    wishes: &["nu mai doresc", "nu vreau să mai"],
    bare: &["dezabonare", "dezabonez", "dezabonați", "dezaboneaza", "stop", "ștergeți"],
    negations: &["nu", "niciodata", "fara"],
};

#[rustfmt::skip]
pub(super) static CA: Language = Language {
    tag: "ca",
    requests: &[
        "doneu me de baixa", "doni'm de baixa", "donar me de baixa", "donar me de baixa de",
        "vull donar me de baixa", "em donin de baixa", "em doneu de baixa", "elimineu me", "elimineu el meu",
        "elimineu les meves", "eliminin el meu", "eliminin les meves", "esborreu me", "esborreu el meu",
        "esborreu les meves", "traieu me de", "treieu me de", "em traieu de", "deixeu d'enviar", "deixeu d'escriure",
        "deixin d'enviar", "prou correus", "retiro el meu consentiment", "m'oposo al",
    ],
    refusals: &[
        "no m'escriviu", "no m'escriguin", "no m'envieu", "no m'enviïn", "no em contacteu", "no em contactin",
        "no em torneu a", "no vull rebre", "no volem rebre", "no desitjo rebre", "no vull més correus",
        "ja no vull rebre",
    ],
    unfinished: &[],
    places: &[],
    wishes: &[],
    bare: &["baixa", "donar de baixa", "donar se de baixa"],
    negations: &["no", "mai", "sense"],
};
