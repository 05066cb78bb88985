//! Which company an address belongs to: the registrable domain, unless anybody can get a mailbox
//! there.

/// Domains where anybody can get a mailbox: they tell nothing about an employer.
const FREE_MAIL: &[&str] = &[
    "163.com",
    "126.com",
    "aol.com",
    "arcor.de",
    "bluewin.ch",
    "btinternet.com",
    "centrum.cz",
    "comcast.net",
    "fastmail.com",
    "free.fr",
    "freemail.hu",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.es",
    "hotmail.fr",
    "hotmail.it",
    "icloud.com",
    "interia.pl",
    "kpnmail.nl",
    "laposte.net",
    "libero.it",
    "live.com",
    "live.de",
    "live.nl",
    "mac.com",
    "mail.com",
    "mail.de",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "msn.com",
    "naver.com",
    "o2.pl",
    "online.de",
    "onet.pl",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "outlook.es",
    "outlook.fr",
    "outlook.it",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "rambler.ru",
    "seznam.cz",
    "sfr.fr",
    "sky.com",
    "t-online.de",
    "tutanota.com",
    "verizon.net",
    "virgilio.it",
    "wanadoo.fr",
    "web.de",
    "wp.pl",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.de",
    "yahoo.es",
    "yahoo.fr",
    "yahoo.it",
    "yandex.com",
    "yandex.ru",
    "ymail.com",
    "zoho.com",
];

/// The company's domain behind an address's domain (A-labels, lower case), by the Public Suffix
/// List; `None` for free mail and for names that nobody can register.
pub(crate) fn domain(address_domain: &str) -> Option<&str> {
    if FREE_MAIL.contains(&address_domain) {
        return None;
    }
    let registrable = psl::domain_str(address_domain)?;
    (!FREE_MAIL.contains(&registrable)).then_some(registrable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subdomains_are_one_company_and_free_mail_is_none() {
        assert_eq!(domain("mail.example.co.uk"), Some("example.co.uk"));
        assert_eq!(domain("example.de"), Some("example.de"));
        assert_eq!(domain("gmail.com"), None);
        assert_eq!(domain("co.uk"), None);
    }
}
