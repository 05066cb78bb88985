use super::*;

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn in_text(text: &str) -> Vec<ContentFinding> {
    ContentRules::new().check_words(MailPart::Text, text)
}

fn in_html(html: &str) -> Vec<ContentFinding> {
    html::findings(&ContentRules::new(), html)
}

fn hides(html: &str) -> Option<Hiding> {
    in_html(html).into_iter().find_map(|found| match found {
        ContentFinding::HiddenText { how, .. } => Some(how),
        _ => None,
    })
}

fn host(found: &[ContentFinding]) -> Option<&str> {
    found.iter().find_map(|found| match found {
        ContentFinding::Shortener { host, .. } => Some(&**host),
        _ => None,
    })
}

#[test]
fn the_list_says_where_it_is_from_and_is_sorted() {
    let text = include_str!("shorteners.txt");
    assert!(text.contains("\n# source: ") && text.contains("\n# read: 20"));
    let hosts: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(hosts.windows(2).all(|pair| pair[0] < pair[1]), "sorted");
    for host in &hosts {
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
        assert!(host.contains('.') && host.chars().all(letter), "{host}");
    }
    for known in [
        "bit.ly",
        "tinyurl.com",
        "t.co",
        "goo.gl",
        "ow.ly",
        "is.gd",
        "buff.ly",
        "rebrand.ly",
        "cutt.ly",
        "lnkd.in",
    ] {
        assert!(hosts.contains(&known), "{known}");
    }
}

#[test]
fn a_shortened_link_is_found_however_it_is_written() {
    for text in [
        "see https://bit.ly/abc",
        "see HTTP://BIT.LY/abc.",
        "see bit.ly/abc",
        "(www.bit.ly/abc)",
        "bit.ly/abc first",
        "https://bit.ly",
        "https://bit.ly:443/abc",
        "https://bit.ly./abc",
        "https://acme.example@bit.ly/abc",
        "https://acme.bit.ly/abc",
        "https://bit%2Ely/abc",
        "https://b%69t.ly/abc",
        "https://bit\u{200b}.ly/abc",
        "https://\u{ff42}it\u{3002}ly/abc",
        "https://acme.example/go?u=https%3A%2F%2Fbit.ly%2Fabc",
        "https://acme.example/go?u=bit.ly/abc",
        "https://\u{24d1}it.ly/abc",
        "https://\u{1d41b}\u{1d422}\u{1d42d}.\u{217c}y/abc",
        "\u{24d1}\u{24d8}\u{24e3}\u{ff0e}\u{24db}\u{24e8}/abc",
        "https://bit\u{fe52}ly/abc",
        "https://%E2%93%91it.ly/abc",
        "https://bit.ly\u{3002}/abc",
        "https://ada:pw@bit.ly:8080/abc",
        // Its reader takes it for the host.
        "https://bit.ly@acme.example/abc",
        "\u{201c}bit.ly/abc\u{201d}",
        "Hi {{ link | default(\"https://bit.ly/abc\") }}",
    ] {
        assert_eq!(host(&in_text(text)), Some("bit.ly"), "{text}");
    }
    assert_eq!(host(&in_text("on t.co/x9")), Some("t.co"));
}

#[test]
fn what_only_looks_like_a_shortened_link_is_none() {
    for text in [
        "",
        "https://acme.example/bit.ly/abc",
        "https://t.sender.example/u/AbC.t.co-9",
        "https://orbit.ly.example/abc",
        "https://rabbit.ly/abc",
        "https://bit.lyon.example/abc",
        "write to ada@bit.ly",
        "write to ada@bit.ly/abc",
        "we looked at bit.ly and at t.co. Both are short.",
        "AT&T.Co is a company",
        "a.m./p.m.",
        "100 % sure. Really.",
        "\u{fc}bit.ly/abc",
    ] {
        assert_eq!(in_text(text), [], "{text}");
    }
}

#[test]
fn what_google_maps_shares_is_no_shortened_link() {
    for link in ["https://maps.app.goo.gl/AbC", "photos.app.goo.gl/AbC"] {
        assert_eq!(in_text(link), [], "{link}");
    }
    for link in [
        "https://goo.gl/AbC",
        "https://acme.app.goo.gl/AbC",
        "https://maps.app.goo.gl.bit.ly/AbC",
    ] {
        assert!(host(&in_text(link)).is_some(), "{link}");
    }
    let host_of_ours = ["maps.app.goo.gl".to_owned()];
    let rules = ContentRules::new().with_shorteners(host_of_ours);
    assert!(rules.shortener("maps.app.goo.gl").is_some());
}

#[test]
fn an_operator_adds_hosts_and_takes_none_away() {
    let rules = ContentRules::new().with_shorteners(["Go.Acme.example.".to_owned(), String::new()]);
    let found = |text: &str| rules.check_words(MailPart::Subject, text);
    assert_eq!(
        host(&found("https://a.go.acme.example/1")),
        Some("go.acme.example")
    );
    assert_eq!(found("https://acme.example/1"), []);
    assert_eq!(host(&found("https://bit.ly/1")), Some("bit.ly"));

    let rules = ContentRules::new().with_shorteners(["K\u{fc}rz.example".to_owned()]);
    let found = |text: &str| rules.check_words(MailPart::Text, text);
    for text in [
        "https://k\u{fc}rz.example/1",
        "https://K\u{dc}RZ.example./1",
        "https://ku\u{308}rz.example/1",
        "go.k\u{fc}rz.example/1",
        "https://k%C3%BCrz.example/1",
        "https://xn--krz-hoa.example/1",
    ] {
        assert_eq!(host(&found(text)), Some("xn--krz-hoa.example"), "{text}");
    }
    for text in ["https://rz.example/1", "https://\u{e4}k\u{fc}rz.example/1"] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn links_of_html_are_read_as_a_browser_reads_them() {
    for html in [
        "<a href=\"https://bit.ly/a\">our site</a>",
        "<a href='https://bit.ly/a'>our site</a>",
        "<A HREF=https://bit.ly/a>our site</A>",
        "<a href=\"https:/bit.ly/a\">x</a>",
        "<a href=\"https:\\\\bit.ly\\a\">x</a>",
        "<a href=\"//bit.ly/a\">x</a>",
        "<a href=\"ht\ntps://bi\tt.ly/a\">x</a>",
        "<a href=\"https://b&#105;t.ly/a\">x</a>",
        "<a href=\"https&colon;&sol;&sol;bit&period;ly/a\">x</a>",
        "<a href=\"https:&bsol;&bsol;bi&Tab;t.&NewLine;ly/a\">x</a>",
        "<a href=\"https://\u{24d1}it\u{3002}ly/a\">x</a>",
        "<!--[if mso]><a href=\"https://bit.ly/a\">x</a><![endif]-->",
        "<td style=\"background:url(https://bit.ly/a)\">x</td>",
        "<p>see b&#x69;t.ly/a",
        "<img src=\"https://bit.ly/a.png\">",
        "<!-- a > b --><a title='>' href=https://bit.ly>x",
    ] {
        assert_eq!(host(&in_html(html)), Some("bit.ly"), "{html}");
    }
    for html in [
        "<a href=\"mailto:ada@bit.ly\">ada</a>",
        "<a href=\"https://acme.example/bit.ly\">x</a>",
        "<style>a { background: url(x) }</style>",
        "<p>1 < 2 &amp; 3 &unknown; 4</p",
    ] {
        assert_eq!(in_html(html), [], "{html}");
    }
}

#[test]
fn text_that_nobody_sees_is_found_with_what_hides_it() {
    for (style, how) in [
        ("display:none", Hiding::Display),
        ("DISPLAY : None !important;", Hiding::Display),
        ("d\\69splay:/* */none", Hiding::Display),
        ("*zoom:1;display:none", Hiding::Display),
        (
            "display:block;display:none!important;display:block",
            Hiding::Display,
        ),
        ("content-visibility:hidden", Hiding::Display),
        ("display:none;display:bogus", Hiding::Display),
        ("opacity:0;opacity:bogus", Hiding::Opacity),
        ("font-size:0;font-size:bogus", Hiding::FontSize),
        ("color:#fff;color:bogus", Hiding::Color),
        (
            "color:#fff;background:bogus;background-color:bogus",
            Hiding::Color,
        ),
        ("visibility:hidden", Hiding::Visibility),
        ("opacity:0", Hiding::Opacity),
        ("opacity: .05", Hiding::Opacity),
        ("font-size:0", Hiding::FontSize),
        ("font-size:1px", Hiding::FontSize),
        ("font-size:0.05em", Hiding::FontSize),
        ("font:0/0 a", Hiding::FontSize),
        ("font:400 0/0 x", Hiding::FontSize),
        (
            "font:italic bold 1px/20px Arial, sans-serif",
            Hiding::FontSize,
        ),
        ("font:0 medium", Hiding::FontSize),
        ("font-size:0.1px", Hiding::FontSize),
        ("font-size:1%", Hiding::FontSize),
        ("font-size:calc(0px + 0em)", Hiding::FontSize),
        ("font-size:14px;font-size:0", Hiding::FontSize),
        ("line-height:0", Hiding::LineHeight),
        ("line-height:1px", Hiding::LineHeight),
        ("font:400 14px/0 x", Hiding::LineHeight),
        ("filter:opacity(0)", Hiding::Opacity),
        ("color:#fff", Hiding::Color),
        ("color:#FDFDFD", Hiding::Color),
        ("color:#f4f4f4", Hiding::Color),
        ("color:white;background:none", Hiding::Color),
        ("color:white;background-color:transparent", Hiding::Color),
        (
            "color:white;background:#fff url(a.png) no-repeat",
            Hiding::Color,
        ),
        ("color:hsl(200, 40%, 99%)", Hiding::Color),
        ("color:hwb(0 100% 0%)", Hiding::Color),
        ("color:rgb(0 0 0 / 5%)", Hiding::Color),
        ("color:rgba(255,255,255,.6)", Hiding::Color),
        ("-webkit-text-fill-color:transparent", Hiding::Color),
        ("color:teal;background:teal", Hiding::Color),
        ("color:#fff;background:rgba(255,255,255,.5)", Hiding::Color),
        ("color:#fff;background:#ffffff", Hiding::Color),
        (
            "color:white;background-color:rgb(255, 255, 254)",
            Hiding::Color,
        ),
        ("color:transparent", Hiding::Color),
        ("color:rgba(0,0,0,0)", Hiding::Color),
        ("max-height:0;overflow:hidden", Hiding::Size),
        ("width:1px;height:1px;overflow:hidden", Hiding::Size),
        ("height:0;overflow:auto", Hiding::Size),
        ("zoom:0", Hiding::Size),
        ("position:absolute;left:-9999px", Hiding::OffScreen),
        ("text-indent:-999em", Hiding::OffScreen),
        ("margin: 0 0 0 -2000px", Hiding::OffScreen),
        ("text-indent:-9999px", Hiding::OffScreen),
        ("text-indent:9999px", Hiding::OffScreen),
        ("transform:translateX(-9999px)", Hiding::OffScreen),
        ("transform:scale(0)", Hiding::OffScreen),
        ("clip:rect(0,0,0,0)", Hiding::OffScreen),
        ("clip-path:circle(0)", Hiding::OffScreen),
        ("mso-hide:all", Hiding::Outlook),
    ] {
        for html in [
            format!("<div style=\"{style}\">win a prize</div>"),
            format!("<p>Hello<div style='{style}'><b><p>win<p>a prize</b></div>"),
        ] {
            assert_eq!(hides(&html), Some(how), "{html}");
        }
        assert_eq!(
            hides(&format!("<div style=\"{style}\"> &nbsp;<br></div>seen")),
            None,
            "{style}"
        );
    }
    assert_eq!(hides("<p hidden>win</p>"), Some(Hiding::Attribute));
    for html in [
        "<div style=\"font-size:.3em\"><p style=\"font-size:30%\">win</p></div>",
        "<div style=\"font-size:0\"><p style=\"font-size:100%\">win</p></div>",
    ] {
        assert_eq!(hides(html), Some(Hiding::FontSize), "{html}");
    }
    let faded = "<div style=\"opacity:.3\"><p style=\"opacity:.3\">win</p></div>";
    assert_eq!(hides(faded), Some(Hiding::Opacity));
    assert_eq!(hides("<font color=#fff>win</font>"), Some(Hiding::Color));
    let link = "<a style=\"color:#fff\" href=\"https://acme.example\">win</a>";
    assert_eq!(hides(link), Some(Hiding::Color));
    let table = "<table bgcolor=#FFFFFF><tr><td><font color=white>win</font></table>";
    assert_eq!(hides(table), Some(Hiding::Color));
}

#[test]
fn text_that_is_seen_is_let_pass() {
    for html in [
        "<html><body><p>Hello<br>see <a href=\"https://acme.example\">https://acme.example</a></p></body></html>",
        "<div style=\"font-size:0\"><p style=\"font-size:14px\">shown again</p></div>",
        "<div style=\"visibility:hidden\"><b style=\"visibility:visible\">shown again</b></div>",
        "<p style=\"display:none;display:block\">the last one holds</p>",
        "<p style=\"color:#fff;background:#003366\">white on blue</p>",
        "<p style=\"color:#fff;background:teal\">white on a color with a name</p>",
        "<p style=\"color:#ddd\">pale</p>",
        "<p style=\"color:#fff;background:var(--brand)\">on what nobody knows</p>",
        "<p style=\"color:#fff;background:oklch(40% .2 200)\">on a color that is not read</p>",
        "<p style=\"color:#fff;background:rgba(0,0,0,.5)\">on a shadow</p>",
        "<td style=\"color:#fff;background-image:linear-gradient(#333,#555)\">on a picture</td>",
        "<td style=\"color:#fff;background:#222 url(a.png) center / cover no-repeat\">on one</td>",
        "<td background=\"https://acme.example/a.png\"><p style=\"color:#fff\">on one</p></td>",
        "<table bgcolor=\"#003366\"><tr><td><p style=\"color:#fff\">on a row's</p></table>",
        "<table><tr><td bgcolor=\"#EB7035\" style=\"border-radius:3px\"><a href=\"https://acme.example\" style=\"font-size:16px;color:#ffffff;padding:12px 18px\">a button</a></td></tr></table>",
        "<a href=\"https://acme.example\" style=\"background-color:#EB7035;color:#fff\">a button</a>",
        "<style>.b{background:#036}</style><p class=b style=\"color:#fff\">on a sheet's</p>",
        "<body style=\"background:#000;color:#fff\"><p>all of it</p></body>",
        "<p style=\"color:#fff;background-color:003366\">on a color without its sign</p>",
        "<p style=\"height:0;height:auto;overflow:hidden;opacity:0;opacity:1\">what holds is seen</p>",
        "<p style=\"color:initial\">in the reader's color</p>",
        "<p style=\"font:400 14px/1.5 Arial\">a shorthand</p>",
        "<p style=\"font:bold 14px/20px 'a b', serif;mso-line-height-rule:exactly\">one more</p>",
        "<p style=\"font-size:small;line-height:1\">words for sizes</p>",
        "<td style=\"font-size:0px;line-height:0\"><div style=\"font-size:13px;line-height:1.4\">as mail builders nest it</div></td>",
        "<p style=\"display:none;display:block!important;display:none\">the important one</p>",
        "<p style=\"transform:scale(1.1);left:600px\">a little larger</p>",
        "<td style=\"background:#fff;color:#fff\"><a href=\"https://acme.example\">a link has its color</a>",
        "<td style=\"width:10%;overflow:hidden\">a column</td>",
        "<p style=\"margin:-10px 0\">close</p>",
        "<p style=\"opacity:0.6;line-height:1\">pale</p>",
        "<p style=\"display:none\"><p>an open paragraph has ended</p>",
        "<table><tr><td style=\"display:none\"><td>so has a cell</table>",
        "<img style=\"display:none\" src=\"cid:a\"> text behind it",
        "<style>.x{display:none}</style><script>var hidden = 1</script>text",
        "<title hidden>not in the mail</title>text",
        "in words: <code>&lt;p style=\"display:none\"&gt;</code>",
    ] {
        assert_eq!(in_html(html), [], "{html}");
    }
}

#[test]
fn broken_styles_come_to_an_end() {
    for style in [
        ";;;:}{)(][\"'",
        "}}}}",
        "a:b:c;:;d",
        "font:",
        "color:rgb(",
        "url(",
        "display",
        "\\",
        "/*",
        "!important",
        "a:!important",
        "color:#",
        "font:/",
        "calc(calc(calc(",
        "@media{a:b}",
        "opacity:",
    ] {
        hides(&format!("<p style=\"{style}\">text</p>"));
        assert_eq!(
            hides(&format!("<p style=\"a:b;{style}\">text</p><p hidden>x")),
            Some(Hiding::Attribute),
            "{style}"
        );
    }
    let deep = format!("width:{}0", "calc(".repeat(100_000));
    assert_eq!(hides(&format!("<p style=\"{deep}\">text</p>")), None);
}

#[test]
fn long_runs_of_what_takes_no_room_are_found() {
    let stuffed = Hiding::Characters;
    for text in [
        "\u{200b}".repeat(16),
        format!("Hello{}", "\u{200c}\u{a0} ".repeat(20)),
        "\u{e0041}".repeat(40),
    ] {
        let found = in_text(&format!("See you{text}"));
        let part = MailPart::Text;
        assert_eq!(found, [ContentFinding::HiddenText { how: stuffed, part }]);
    }
    let entities = format!("<p>Hello{}</p>", "&zwnj;&nbsp;".repeat(40));
    assert_eq!(hides(&entities), Some(stuffed));
    for text in [
        // A family, joined; the flag of Scotland twice; Persian with joiners; soft hyphens.
        "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
        "\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
        "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
        "Donau\u{ad}dampf\u{ad}schiff",
        "a\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}b",
    ] {
        assert_eq!(in_text(text), [], "{text}");
    }
}

#[test]
fn a_name_shows_nobody_else() {
    let from = address("ada.lee@mail.acme.com");
    let shows = |name: &str| name::other_than(name, &from, &OwnDomains::default());
    for name in [
        "PayPal <service@paypal.com>",
        "service@paypal.com",
        "lee@mail.acme.com",
        "Ada service\u{ff20}paypal\u{ff0e}com",
    ] {
        assert_eq!(shows(name), Some(OtherName::Address), "{name}");
    }
    for name in [
        "Ada of paypal.com",
        "www.bank.de",
        "PayPal.com",
        "Ada @paypal.com",
        "notacme.com",
        "acme.com.evil.net",
        "acme.paypal.com",
        "Paypal.in",
        "paypal.li",
        "my-prof.in",
    ] {
        assert_eq!(shows(name), Some(OtherName::Domain), "{name}");
    }
    for name in [
        "",
        "Ada Lee",
        "ada.lee@mail.acme.com",
        "Ada.Lee",
        "Ada (acme.com)",
        "Ada, www.mail.acme.com",
        "Dr.med. Ada Lee, M.Sc.",
        "Lee GmbH & Co.KG",
        "Dipl.-Ing. A. Lee",
        "Prof.Dr. Lee",
        "St. P\u{f6}lten",
        "Bo.Li",
        "Anna.Li",
        "Prof.in Maria Huber",
        "Dipl.-Ing.in Maria Huber",
        "Univ.-Prof.in Dr.in Maria Huber",
        "Ing.in Huber",
        "Ada, Acme.io",
        "Ada (www.acme.de)",
        "Ada Lee @ Acme",
        "Node.js e.V.",
        "a.k.a. Ada Inc.",
    ] {
        assert_eq!(shows(name), None, "{name}");
    }
}

#[test]
fn an_answer_is_held_to_the_name_alone() {
    let from = address("ada@acme.example");
    let mail = Contents {
        from_name: "service@paypal.com",
        from: &from,
        subject: "t.co/x",
        text: "bit.ly/x",
        html: Some("<p hidden>tinyurl.com/x</p>"),
    };
    let rules = ContentRules::new();
    let name = ContentFinding::FromName {
        shows: OtherName::Address,
    };
    let named = std::slice::from_ref(&name);
    assert_eq!(rules.check(Purpose::Conversation, &mail), named);
    for purpose in [Purpose::Outreach, Purpose::Test, Purpose::Service] {
        let found = rules.check(purpose, &mail);
        assert_eq!(found[0], name);
        assert_eq!(found.len(), 5, "{found:?}");
    }
    let own = Contents {
        from_name: "Ada",
        subject: "A question",
        text: "Stop: https://t.acme.example/u/AbC_9.t.co",
        html: None,
        ..mail
    };
    assert_eq!(rules.check(Purpose::Outreach, &own), []);
}

#[test]
fn a_name_shows_the_domains_that_its_workspace_named_and_what_lies_below_them() {
    let own = OwnDomains::parse(["brand.example", " Mail.Brand.de. "]).unwrap();
    let rules = ContentRules::new().with_own_domains(own);
    let from = EmailAddress::parse("ada@sender.com").unwrap();
    for (name, shown) in [
        ("Ada | brand.com", true),
        ("Ada | mail.brand.de", false),
        ("Ada | eu.mail.brand.de", false),
        // Above what was named, beside it, or only like it.
        ("Ada | brand.de", true),
        ("Ada | notmail.brand.de", true),
        ("Ada | mail.brand.de.evil.com", true),
        // An address is the sender's alone.
        ("bob@mail.brand.de", true),
        ("Ada @mail.brand.de", false),
    ] {
        assert_eq!(rules.check_name(name, &from).is_some(), shown, "{name}");
    }
    for everybodys in ["co.uk", "gmail.com", "googlemail.com", "github.io"] {
        let refused = OwnDomains::parse([everybodys]);
        assert_eq!(refused, Err(NotOwn::Everybodys), "{everybodys}");
    }
    for none in [
        "",
        "com",
        "brand",
        "brand example",
        "https://brand.example",
        "ü.example",
    ] {
        assert_eq!(OwnDomains::parse([none]), Err(NotOwn::NoDomain), "{none}");
    }
    let many = (0..=OwnDomains::MOST).map(|n| format!("brand{n}.example"));
    assert_eq!(OwnDomains::parse(many), Err(NotOwn::TooMany));
}
