//! What was found in a mail, where, and what to do about it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something that no mail may hold. It names hosts of the list and rules, nothing of the mail's own
/// words: those may be personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ContentFinding {
    /// A link whose reader cannot see where it leads.
    Shortener {
        /// The entry of the list.
        host: String,
        /// Where.
        part: MailPart,
    },
    /// Text that its reader does not see.
    HiddenText {
        /// What hides it.
        how: Hiding,
        /// Where.
        part: MailPart,
    },
    /// The sender's name shows somebody else.
    FromName {
        /// What it shows.
        shows: OtherName,
    },
    /// Nobody can tell what its reader is shown: its bytes are not what they say that they are.
    Undecodable {
        /// Where.
        part: MailPart,
    },
}

/// A part of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MailPart {
    /// The name that the recipient sees.
    FromName,
    /// The subject.
    Subject,
    /// The plain text.
    Text,
    /// The HTML.
    Html,
}

impl MailPart {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FromName => "the sender's name",
            Self::Subject => "the subject",
            Self::Text => "the text",
            Self::Html => "the HTML",
        }
    }
}

/// What hides text from its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Hiding {
    /// `display: none`.
    Display,
    /// `visibility: hidden` or `collapse`.
    Visibility,
    /// `opacity: 0`, or nearly.
    Opacity,
    /// Letters of a pixel or less.
    FontSize,
    /// Lines of a pixel or less.
    LineHeight,
    /// Letters in the color of what they stand on (white, where nothing is stated), or in none.
    Color,
    /// A box without room whose contents are cut off.
    Size,
    /// A place where nobody looks.
    OffScreen,
    /// The attribute `hidden`.
    Attribute,
    /// `mso-hide: all`, for Outlook.
    Outlook,
    /// A long run of characters that take no room.
    Characters,
}

impl Hiding {
    /// What stands in the mail.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Display => "display:none",
            Self::Visibility => "visibility:hidden",
            Self::Opacity => "opacity:0",
            Self::FontSize => "font-size:0",
            Self::LineHeight => "line-height:0",
            Self::Color => "letters in the color of their background",
            Self::Size => "a box of no size",
            Self::OffScreen => "a place off the screen",
            Self::Attribute => "the attribute hidden",
            Self::Outlook => "mso-hide:all",
            Self::Characters => "a long run of characters that nobody sees",
        }
    }
}

/// What a sender's name shows that is not the sender's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OtherName {
    /// Another mail address.
    Address,
    /// Another domain.
    Domain,
}

impl ContentFinding {
    /// What to do about it.
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Shortener { .. } => "Write the address that the link leads to.",
            Self::HiddenText {
                how: Hiding::Color, ..
            } => {
                "Give the letters or their ground another color; below a picture, state a dark or light \
                 background-color too, since many readers show no pictures."
            }
            Self::HiddenText { .. } => "Take it out, or let everybody read it.",
            Self::FromName { shows } => match shows {
                OtherName::Address => {
                    "Change the account's name to the person's or company's own, and connect it again."
                }
                OtherName::Domain => {
                    "Change the account's name to the person's or company's own, and connect it again; \
                     a domain that is the workspace's own can be named as such."
                }
            },
            Self::Undecodable { .. } => {
                "Write it in UTF-8, as quoted-printable or base64, with one header of each kind."
            }
        }
    }
}

impl fmt::Display for ContentFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shortener { host, part } => write!(
                f,
                "{} has a link of {host}, which hides where it leads",
                part.name()
            ),
            Self::HiddenText { how, part } => write!(
                f,
                "{} has something that its reader does not see ({})",
                part.name(),
                how.name()
            ),
            Self::Undecodable { part } => write!(
                f,
                "{} cannot be read: its charset, its transfer encoding or its boundary is unknown, \
                 wrong or stated twice",
                part.name()
            ),
            Self::FromName { shows } => {
                let what = match shows {
                    OtherName::Address => "address",
                    OtherName::Domain => "domain",
                };
                write!(
                    f,
                    "the sender's name shows another {what} than the mail comes from"
                )
            }
        }
    }
}
