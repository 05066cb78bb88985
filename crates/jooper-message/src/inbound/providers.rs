//! Domains where anybody may have a mailbox, from what mail and access providers offer the public.

use std::sync::LazyLock;

use super::lookup::Lookup;

/// Names that have a domain in every country.
#[rustfmt::skip] // A table is read in rows.
const FAMILIES: &[&str] = &["yahoo", "ymail", "rocketmail", "hotmail", "outlook", "live", "msn", "aol", "gmx",
    "yandex", "protonmail", "tutanota", "zoho", "zohomail", "hushmail", "fastmail", "posteo", "yopmail"];

/// One line or more for each part of the world.
#[rustfmt::skip] // A table is read in rows.
const PROVIDERS: &[&str] = &[
    // Everywhere.
    "gmail.com", "googlemail.com", "icloud.com", "me.com", "mac.com", "appleid.com", "passport.com", "windowslive.com",
    "mail.com", "email.com", "usa.com", "europe.com", "asia.com", "post.com", "consultant.com", "engineer.com", "dr.com",
    "myself.com", "iname.com", "writeme.com", "techie.com", "proton.me", "pm.me", "tuta.com", "tuta.io", "tutamail.com",
    "keemail.me", "hey.com", "hush.com", "hush.ai", "runbox.com", "startmail.com", "mailfence.com", "mailbox.org", "pobox.com",
    "inbox.com", "lycos.com", "excite.com", "usa.net", "aim.com", "netscape.net", "compuserve.com", "cs.com", "lavabit.com",
    "riseup.net", "disroot.org", "vivaldi.net", "operamail.com", "safe-mail.net", "mail2world.com", "mailinator.com",
    "guerrillamail.com", "duck.com", "mozmail.com", "slmail.me", "aleeas.com", "cock.li", "onmail.com", "skiff.com",
    // German.
    "web.de", "t-online.de", "magenta.de", "freenet.de", "arcor.de", "mail.de", "online.de", "email.de", "alice-dsl.net",
    "vodafonemail.de", "kabelmail.de", "unitybox.de", "netcologne.de", "ewetel.net", "ewe.net", "aon.at", "a1.net", "chello.at",
    "utanet.at", "inode.at", "liwest.at", "kabsi.at", "bluewin.ch", "hispeed.ch", "sunrise.ch", "swissonline.ch",
    "quickline.ch", "vtxnet.ch", "ik.me",
    // French and Dutch.
    "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "neuf.fr", "bbox.fr", "numericable.fr", "aliceadsl.fr",
    "club-internet.fr", "cegetel.net", "9online.fr", "noos.fr", "voila.fr", "caramail.com", "netcourrier.com", "mailo.com",
    "skynet.be", "telenet.be", "proximus.be", "scarlet.be", "voo.be", "belgacom.net", "ziggo.nl", "kpnmail.nl", "home.nl",
    "hetnet.nl", "planet.nl", "kpnplanet.nl", "xs4all.nl", "chello.nl", "casema.nl", "quicknet.nl", "upcmail.nl", "zonnet.nl",
    "tele2.nl", "online.nl", "caiway.nl", "zeelandnet.nl", "solcon.nl", "wxs.nl", "freeler.nl", "hccnet.nl",
    // Italian, Spanish, Portuguese.
    "libero.it", "virgilio.it", "tiscali.it", "tiscalinet.it", "alice.it", "tin.it", "inwind.it", "iol.it", "fastwebnet.it",
    "email.it", "pec.it", "legalmail.it", "telefonica.net", "movistar.es", "terra.es", "ono.com", "wanadoo.es", "ya.com",
    "euskaltel.net", "sapo.pt", "netcabo.pt", "clix.pt", "iol.pt", "telepac.pt", "uol.com.br", "bol.com.br", "terra.com.br",
    "ig.com.br", "globo.com", "globomail.com", "oi.com.br", "r7.com", "zipmail.com.br", "pop.com.br", "ciudad.com.ar",
    "fibertel.com.ar", "arnet.com.ar", "speedy.com.ar", "prodigy.net.mx", "cantv.net", "adinet.com.uy", "vtr.net", "une.net.co",
    // Nordic and Baltic.
    "telia.com", "comhem.se", "bredband.net", "tele2.se", "spray.se", "swipnet.se", "passagen.se", "glocalnet.net", "bahnhof.se",
    "online.no", "broadpark.no", "frisurf.no", "getmail.no", "lyse.net", "start.no", "mail.dk", "tele.dk", "tdcadsl.dk",
    "stofanet.dk", "jubii.dk", "sol.dk", "kolumbus.fi", "saunalahti.fi", "elisanet.fi", "luukku.com", "suomi24.fi", "inet.fi",
    "welho.com", "simnet.is", "mail.ee", "hot.ee", "inbox.lv", "apollo.lv", "inbox.lt", "takas.lt",
    // Central and eastern Europe.
    "seznam.cz", "centrum.cz", "post.cz", "email.cz", "volny.cz", "atlas.cz", "tiscali.cz", "quick.cz", "azet.sk",
    "centrum.sk", "zoznam.sk", "pobox.sk", "post.sk", "wp.pl", "o2.pl", "onet.pl", "onet.eu", "op.pl", "vp.pl", "tlen.pl",
    "go2.pl", "interia.pl", "interia.eu", "poczta.fm", "gazeta.pl", "autograf.pl", "int.pl", "neostrada.pl", "freemail.hu",
    "citromail.hu", "t-online.hu", "indamail.hu", "vipmail.hu", "abv.bg", "mail.bg", "dir.bg", "rdslink.ro", "clicknet.ro",
    "home.ro", "eunet.rs", "sbb.rs", "mts.rs", "net.hr", "inet.hr", "t-com.hr", "siol.net", "otenet.gr", "hol.gr", "forthnet.gr",
    "in.gr", "ukr.net", "i.ua", "meta.ua", "bigmir.net", "online.ua", "email.ua", "ua.fm", "tut.by", "mail.ru", "bk.ru",
    "inbox.ru", "list.ru", "internet.ru", "xmail.ru", "rambler.ru", "rambler.ua", "lenta.ru", "autorambler.ru", "myrambler.ru",
    "ro.ru", "ya.ru", "pochta.ru", "hotbox.ru", "km.ru", "narod.ru", "nm.ru", "ngs.ru", "nextmail.ru", "vk.com", "mail.kz",
    // Near East and Africa.
    "mynet.com", "ttmail.com", "superonline.com", "turk.net", "walla.co.il", "walla.com", "netvision.net.il", "bezeqint.net",
    "012.net.il", "zahav.net.il", "inter.net.il", "maktoob.com", "emirates.net.ae", "eim.ae", "menara.ma", "mweb.co.za",
    "telkomsa.net", "webmail.co.za", "vodamail.co.za", "iafrica.com", "lantic.net",
    // Asia.
    "rediffmail.com", "rediff.com", "sify.com", "indiatimes.com", "vsnl.com", "vsnl.net", "bsnl.in", "in.com", "qq.com",
    "foxmail.com", "163.com", "126.com", "139.com", "188.com", "189.cn", "wo.cn", "263.net", "yeah.net", "sina.com", "sina.cn",
    "sohu.com", "tom.com", "21cn.com", "aliyun.com", "chinaren.com", "hinet.net", "seed.net.tw", "pchome.com.tw",
    "netvigator.com", "naver.com", "daum.net", "hanmail.net", "nate.com", "kakao.com", "empal.com", "korea.com", "dreamwiz.com",
    "paran.com", "hanafos.com", "chol.com", "docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "i.softbank.jp",
    "vodafone.ne.jp", "ymobile.ne.jp", "mopera.net", "nifty.com", "biglobe.ne.jp", "ocn.ne.jp", "so-net.ne.jp", "plala.or.jp",
    "dion.ne.jp", "odn.ne.jp", "eonet.ne.jp", "asahi-net.or.jp", "ybb.ne.jp", "goo.jp", "excite.co.jp", "infoseek.jp",
    "livedoor.com", "wakwak.com", "singnet.com.sg", "pacific.net.sg", "starhub.net.sg", "streamyx.com", "tm.net.my", "jaring.my",
    "vnn.vn", "zing.vn", "telkom.net", "cbn.net.id", "plasa.com",
    // Australia and New Zealand.
    "bigpond.com", "bigpond.net.au", "optusnet.com.au", "iinet.net.au", "tpg.com.au", "on.net", "westnet.com.au", "dodo.com.au",
    "adam.com.au", "ozemail.com.au", "exemail.com.au", "xtra.co.nz", "slingshot.co.nz", "orcon.net.nz", "clear.net.nz",
    "paradise.net.nz", "ihug.co.nz", "actrix.co.nz",
    // North America.
    "comcast.net", "verizon.net", "att.net", "sbcglobal.net", "bellsouth.net", "pacbell.net", "swbell.net", "ameritech.net",
    "snet.net", "flash.net", "prodigy.net", "cox.net", "charter.net", "spectrum.net", "twc.com", "rr.com", "roadrunner.com",
    "optonline.net", "optimum.net", "frontier.com", "frontiernet.net", "windstream.net", "centurylink.net", "centurytel.net",
    "embarqmail.com", "q.com", "qwest.net", "earthlink.net", "mindspring.com", "juno.com", "netzero.net", "netzero.com",
    "peoplepc.com", "ptd.net", "rcn.com", "wowway.com", "suddenlink.net", "cableone.net", "mchsi.com", "knology.net", "tds.net",
    "hughes.net", "wildblue.net", "rogers.com", "shaw.ca", "sympatico.ca", "bell.net", "telus.net", "videotron.ca", "cogeco.ca",
    "eastlink.ca", "sasktel.net", "mts.net", "teksavvy.com", "primus.ca", "globetrotter.net",
    // Britain and Ireland.
    "btinternet.com", "btopenworld.com", "virginmedia.com", "virgin.net", "sky.com", "talktalk.net", "talk21.com",
    "tiscali.co.uk", "lineone.net", "ntlworld.com", "blueyonder.co.uk", "freeserve.co.uk", "fsnet.co.uk", "orange.net",
    "plus.com", "supanet.com", "uwclub.net", "tesco.net", "madasafish.com", "onetel.com", "eircom.net", "iol.ie", "indigo.ie",
];

static FAMILY_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(FAMILIES.iter().copied()));
static PROVIDER_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(PROVIDERS.iter().copied()));

/// Whether `domain` is a domain of a mail provider, or one below it.
pub(super) fn provides(domain: &str) -> bool {
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    // What stands on the list of suffixes itself, as some of these do, is its own organization.
    let organization = psl::domain_str(&domain).unwrap_or(&domain);
    let family = organization.split('.').next().unwrap_or_default();
    PROVIDER_BOOK.holds(&domain) || PROVIDER_BOOK.holds(organization) || FAMILY_BOOK.holds(family)
}

/// Hosts of providers where nobody has a mailbox: their feedback loops write from there.
const LOOPS: &[&str] = &["arf.mail.yahoo.com"];

/// Whether people may have mailboxes at `domain`, as customers of a mail provider: some have them below its
/// domain, as at `ms12.hinet.net` or `nc.rr.com`.
pub(super) fn has_mailboxes(domain: &str) -> bool {
    !LOOPS.contains(&domain) && provides(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_domain_stands_once_and_as_it_is_compared() {
        let mut seen: Vec<&str> = PROVIDERS.to_vec();
        seen.sort_unstable();
        for pair in seen.windows(2) {
            assert_ne!(pair[0], pair[1]);
        }
        for domain in PROVIDERS {
            assert_eq!(*domain, domain.to_ascii_lowercase());
            let family = domain.split('.').next().unwrap_or_default();
            assert!(
                domain.contains('.') && !FAMILIES.contains(&family),
                "{domain}"
            );
            assert!(provides(domain), "{domain}");
        }
    }
}
