//! What columns are usually called, in several languages.

use crate::country::fold;

use super::mapping::Target;

/// Usual names, folded and without spaces, of what a column holds.
const USUAL: &[(Target, &[&str])] = &[
    (
        Target::Email,
        &[
            "email",
            "mail",
            "emailaddress",
            "mailaddress",
            "emailadresse",
            "mailadresse",
            "workemail",
            "emailwork",
            "businessemail",
            "primaryemail",
            "contactemail",
            "emailaddr",
            "correo",
            "correoelectronico",
            "direcciondecorreo",
            "direccionemail",
            "courriel",
            "adressemail",
            "adresseemail",
            "adresseelectronique",
            "emailprofessionnel",
            "posta",
            "postaelettronica",
            "indirizzoemail",
            "emailadres",
            "epost",
            "epostadress",
            "epostadresse",
            "sahkoposti",
            "sahkopostiosoite",
            "adresemail",
            "adresmail",
            "eposta",
            "enderecodeemail",
            "mejl",
            "mejladress",
        ],
    ),
    (
        Target::FirstName,
        &[
            "firstname",
            "givenname",
            "forename",
            "fname",
            "first",
            "vorname",
            "prenom",
            "nombre",
            "nome",
            "primeironome",
            "voornaam",
            "imie",
            "fornavn",
            "fornamn",
            "etunimi",
            "jmeno",
            "keresztnev",
        ],
    ),
    (
        Target::LastName,
        &[
            "lastname",
            "surname",
            "familyname",
            "lname",
            "last",
            "nachname",
            "familienname",
            "zuname",
            "nom",
            "nomdefamille",
            "apellido",
            "apellidos",
            "cognome",
            "sobrenome",
            "apelido",
            "achternaam",
            "nazwisko",
            "efternavn",
            "etternavn",
            "efternamn",
            "sukunimi",
            "prijmeni",
            "vezeteknev",
        ],
    ),
    (
        Target::Title,
        &[
            "title",
            "jobtitle",
            "position",
            "role",
            "jobrole",
            "funktion",
            "berufsbezeichnung",
            "poste",
            "fonction",
            "cargo",
            "puesto",
            "ruolo",
            "functie",
            "stanowisko",
        ],
    ),
    (
        Target::Company,
        &[
            "company",
            "companyname",
            "organization",
            "organisation",
            "organizationname",
            "account",
            "accountname",
            "employer",
            "firma",
            "firmenname",
            "unternehmen",
            "arbeitgeber",
            "entreprise",
            "societe",
            "empresa",
            "compania",
            "azienda",
            "societa",
            "bedrijf",
            "bedrijfsnaam",
            "firmanavn",
            "foretag",
            "virksomhed",
            "yritys",
            "spolecnost",
            "ceg",
        ],
    ),
    (
        Target::Phone,
        &[
            "phone",
            "phonenumber",
            "telephone",
            "tel",
            "mobile",
            "mobilephone",
            "telefon",
            "telefonnummer",
            "handy",
            "mobil",
            "telefono",
            "telefone",
            "telefoon",
            "movil",
            "celular",
            "cellulare",
            "portable",
            "workphone",
        ],
    ),
    (
        Target::Country,
        &[
            "country",
            "countrycode",
            "countryregion",
            "land",
            "landescode",
            "pays",
            "pais",
            "paese",
            "nazione",
            "kraj",
            "maa",
            "zeme",
            "orszag",
        ],
    ),
    (
        Target::Zone,
        &[
            "timezone",
            "tz",
            "zeitzone",
            "fuseauhoraire",
            "zonahoraria",
            "fusoorario",
            "fusohorario",
            "tijdzone",
            "strefaczasowa",
        ],
    ),
    (
        Target::Source,
        &[
            "source",
            "leadsource",
            "datasource",
            "listsource",
            "quelle",
            "herkunft",
            "origine",
            "fuente",
            "fonte",
            "bron",
            "origen",
        ],
    ),
    (
        Target::Basis,
        &[
            "basis",
            "legalbasis",
            "lawfulbasis",
            "rechtsgrundlage",
            "baselegale",
            "baselegal",
        ],
    ),
    (Target::BasisSource, &["basissource", "consentsource"]),
    (
        Target::BasisDate,
        &[
            "basisdate",
            "consentdate",
            "optindate",
            "einwilligungsdatum",
        ],
    ),
    (Target::BasisProof, &["basisproof", "consentproof"]),
    (
        Target::BasisNotice,
        &[
            "basisnotice",
            "noticeversion",
            "consentversion",
            "consentnotice",
        ],
    ),
    (
        Target::BasisAssessment,
        &["basisassessment", "assessment", "lia"],
    ),
    (
        Target::BasisExpires,
        &["basisexpires", "basisexpiry", "consentexpires"],
    ),
    (
        Target::BasisStated,
        &["basisstated", "stated", "attestation"],
    ),
];

/// Names of columns that hold a whole name. It is kept as it is: names do not split by rule.
const FULL_NAME: &[&str] = &[
    "name",
    "fullname",
    "contactname",
    "contact",
    "contactperson",
    "ansprechpartner",
    "nomcomplet",
    "nombrecompleto",
    "nomecompleto",
];

/// The form in which two names of columns are the same.
pub(super) fn key(header: &str) -> String {
    fold(header).replace(' ', "")
}

/// What a column of this name usually holds; a field of its own for an unusual name.
pub(super) fn usual(header: &str) -> Target {
    let key = key(header);
    if FULL_NAME.contains(&key.as_str()) {
        return Target::Field("full_name".to_owned());
    }
    USUAL
        .iter()
        .find(|(_, names)| names.contains(&key.as_str()))
        .map_or_else(
            || Target::Field(field_name(header)),
            |(target, _)| target.clone(),
        )
}

/// A field's name as templates can write it: `Größe (cm)` becomes `grosse_cm`.
pub(super) fn field_name(header: &str) -> String {
    let ascii: String = fold(header)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect();
    let name = ascii.split_whitespace().collect::<Vec<_>>().join("_");
    match name.chars().next() {
        Some(first) if first.is_ascii_alphabetic() => name,
        _ => format!("field_{name}").trim_end_matches('_').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn usual_names_are_understood_however_they_are_written() {
        for (header, target) in [
            ("E-Mail", Target::Email),
            ("Email Address", Target::Email),
            (
                "E-mailové adresy",
                Target::Field("e_mailove_adresy".to_owned()),
            ),
            ("sähköposti", Target::Email),
            ("first_name", Target::FirstName),
            ("FirstName", Target::FirstName),
            ("Prénom", Target::FirstName),
            ("NACHNAME", Target::LastName),
            ("Société", Target::Company),
            ("Job Title", Target::Title),
            ("Land", Target::Country),
            ("Time zone", Target::Zone),
            ("basis_date", Target::BasisDate),
            ("Name", Target::Field("full_name".to_owned())),
            ("Größe (cm)", Target::Field("grosse_cm".to_owned())),
            ("2nd visit", Target::Field("field_2nd_visit".to_owned())),
            ("名前", Target::Field("field".to_owned())),
        ] {
            assert_eq!(usual(header), target, "{header}");
        }
    }

    #[test]
    fn every_usual_name_is_folded_and_stands_once() {
        let mut seen = BTreeSet::new();
        let lists = USUAL.iter().map(|(_, names)| *names).chain([FULL_NAME]);
        for name in lists.flatten() {
            assert_eq!(key(name), **name);
            assert!(seen.insert(*name), "{name} stands twice");
        }
    }
}
