//! The frame around every page.

use crate::web::app::App;
use crate::web::sessions::{Notice, Visitor};

/// The parts of the product, as the menu names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Dashboard,
    Leads,
    Inbox,
    Mailboxes,
    Safety,
    None,
}

/// An entry of the menu.
pub(crate) struct Link {
    pub(crate) href: &'static str,
    pub(crate) label: &'static str,
    pub(crate) current: bool,
}

/// Title, menu, token and message of a page.
pub(crate) struct Layout {
    pub(crate) title: String,
    pub(crate) links: Vec<Link>,
    pub(crate) csrf: String,
    pub(crate) can_sign_out: bool,
    pub(crate) workspace: String,
    pub(crate) zone: String,
    pub(crate) notice: Option<Notice>,
    pub(crate) narrow: bool,
    /// Changes with the style sheet and the script, so that browsers fetch new ones.
    pub(crate) assets: &'static str,
}

impl Layout {
    /// The frame for a visitor; takes the message that waits for them.
    pub(crate) fn new(
        app: &App,
        visitor: &Visitor,
        section: Section,
        title: impl Into<String>,
    ) -> Self {
        Self {
            csrf: visitor.csrf.clone(),
            can_sign_out: visitor.signed_in,
            workspace: app.name.clone(),
            zone: app.zone.name().to_owned(),
            notice: app.sessions.take_notice(&visitor.key),
            ..Self::bare(section, title)
        }
    }

    /// The frame for somebody of whom nothing is known.
    pub(crate) fn bare(section: Section, title: impl Into<String>) -> Self {
        let link = |href, label, of| Link {
            href,
            label,
            current: section == of,
        };
        Self {
            title: title.into(),
            links: vec![
                link("/", "Dashboard", Section::Dashboard),
                link("/leads", "Leads", Section::Leads),
                link("/inbox", "Inbox", Section::Inbox),
                link("/mailboxes", "Mailboxes", Section::Mailboxes),
                link("/safety", "Safety", Section::Safety),
            ],
            csrf: String::new(),
            can_sign_out: false,
            workspace: String::new(),
            zone: "UTC".to_owned(),
            notice: None,
            narrow: false,
            assets: crate::web::pages::assets::version(),
        }
    }

    /// A narrower column, for texts and forms.
    pub(crate) fn narrow(mut self) -> Self {
        self.narrow = true;
        self
    }
}
