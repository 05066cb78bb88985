//! Templates that users write.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value};

/// The longest source of a template, in bytes.
const MAX_SOURCE: usize = 64 * 1024;
/// The longest result, in bytes.
const MAX_OUTPUT: usize = 256 * 1024;
/// Steps of the interpreter; a template of the longest source needs far fewer.
const FUEL: u64 = 50_000;
/// The most pieces that are written without the interpreter, and so without its fuel.
const MAX_PIECES: usize = 1_000;

/// A checked template: text with `{{ field }}` and `{{ field | default("text") }}`.
///
/// Further filters: `upper`, `lower`, `title`, `trim`. Statements (`{% … %}`), operators, indexing
/// and functions are refused when it is parsed, so that neither a template nor a lead's name can
/// loop, repeat or reach anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    source: String,
    fields: BTreeSet<String>,
    optional: BTreeSet<String>,
    /// Set where nothing but fields stands in `{{ }}`: then no interpreter is needed.
    plain: Option<Vec<Piece>>,
}

/// A part of a template that is text and fields only.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Field(String),
}

/// Why a text is not a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// It is too long.
    #[error("the template is longer than 64 KiB")]
    TooLong,
    /// It does not read.
    #[error("line {line}: {what}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// What is wrong, and what would be right.
        what: String,
    },
    /// It names a field that no lead has.
    #[error("line {line}: there is no field `{field}`{}", suggestion.as_ref().map(|s| format!("; did you mean `{s}`?")).unwrap_or_default())]
    UnknownField {
        /// The line, from 1.
        line: usize,
        /// The field as written.
        field: String,
        /// The nearest field that exists.
        suggestion: Option<String>,
    },
}

/// Why a template cannot be rendered for one lead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// The lead has no value for a field that has no default.
    #[error(
        "the lead has no value for `{field}`; add one, or write {{{{ {field} | default(\"…\") }}}}"
    )]
    Missing {
        /// The field.
        field: String,
    },
    /// The result is longer than 256 KiB.
    #[error("the result is longer than 256 KiB")]
    TooLong,
    /// The interpreter refused.
    #[error("the template cannot be rendered")]
    Refused,
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.add_filter("default", minijinja::filters::default);
    environment.add_filter("upper", minijinja::filters::upper);
    environment.add_filter("lower", minijinja::filters::lower);
    environment.add_filter("title", minijinja::filters::title);
    environment.add_filter("trim", minijinja::filters::trim);
    environment
}

/// Refuses everything but fields, strings and filters, and tells on which line.
fn only_fields(source: &str) -> Result<(), TemplateError> {
    let refuse = |at: usize, what: &str| {
        let line = source[..at].matches('\n').count() + 1;
        Err(TemplateError::Syntax {
            line,
            what: what.to_owned(),
        })
    };
    for (opening, what) in [
        ("{%", "statements are not allowed; only {{ field }}"),
        ("{#", "comments are not allowed; only {{ field }}"),
    ] {
        if let Some(at) = source.find(opening) {
            return refuse(at, what);
        }
    }
    let mut from = 0;
    while let Some(found) = source[from..].find("{{") {
        let start = from + found;
        let Some(length) = source[start..].find("}}") else {
            return refuse(start, "`{{` is never closed; write `}}` behind the field");
        };
        let inside = &source[start + 2..start + length];
        let mut quote = None;
        for c in inside.chars() {
            match quote {
                Some(q) if c == q => quote = None,
                Some(_) => {}
                None if c == '"' || c == '\'' => quote = Some(c),
                None if c.is_alphanumeric() || " _|(),\t\n\r".contains(c) => {}
                None => {
                    return refuse(
                        start,
                        "only a field, or a field with `| default(\"text\")`, may stand in {{ }}",
                    );
                }
            }
        }
        from = start + length + 2;
    }
    Ok(())
}

/// The pieces of a template in which every `{{ }}` holds one of these fields and nothing else.
fn plain(source: &str, fields: &BTreeSet<String>) -> Option<Vec<Piece>> {
    // The interpreter drops one line break at the end.
    let source = source.strip_suffix('\n').unwrap_or(source);
    let source = source.strip_suffix('\r').unwrap_or(source);
    let mut pieces = Vec::new();
    let mut rest = source;
    while let Some((text, behind)) = rest.split_once("{{") {
        let (inside, after) = behind.split_once("}}")?;
        let field = inside.trim_matches([' ', '\t', '\r', '\n']);
        if !fields.contains(field) {
            return None;
        }
        pieces.extend([Piece::Text(text.to_owned()), Piece::Field(field.to_owned())]);
        rest = after;
    }
    pieces.push(Piece::Text(rest.to_owned()));
    Some(pieces)
}

/// Writes the pieces one after the other.
fn write(pieces: &[Piece], fields: &BTreeMap<&str, &str>) -> Option<String> {
    let mut text = String::new();
    for piece in pieces {
        text.push_str(match piece {
            Piece::Text(text) => text,
            Piece::Field(name) => fields.get(name.as_str())?,
        });
    }
    Some(text)
}

impl Template {
    /// Reads and checks a template.
    ///
    /// # Errors
    /// [`TemplateError`] names the line and what would be right.
    pub fn parse(source: &str) -> Result<Self, TemplateError> {
        if source.len() > MAX_SOURCE {
            return Err(TemplateError::TooLong);
        }
        only_fields(source)?;
        let environment = environment();
        let parsed = environment.template_from_str(source).map_err(|error| {
            let line = error.line().unwrap_or(1);
            let what = match error.kind() {
                ErrorKind::UnknownFilter => {
                    "there is no such filter; use default, upper, lower, title or trim"
                }
                _ => "this does not read; write {{ field }} or {{ field | default(\"text\") }}",
            };
            TemplateError::Syntax {
                line,
                what: what.to_owned(),
            }
        })?;
        let fields: BTreeSet<String> = parsed.undeclared_variables(false).into_iter().collect();
        let optional = fields
            .iter()
            .filter(|field| parsed.render(without(&fields, field)).is_ok())
            .cloned()
            .collect();
        if let Err(error) = parsed.render(without(&fields, "")) {
            let line = error.line().unwrap_or(1);
            let what = "this cannot be rendered; write {{ field }} or {{ field | default(\"text\") }}, with the filters default, upper, lower, title and trim";
            return Err(TemplateError::Syntax {
                line,
                what: what.to_owned(),
            });
        }
        Ok(Self {
            source: source.to_owned(),
            plain: plain(source, &fields).filter(|pieces| pieces.len() <= MAX_PIECES),
            fields,
            optional,
        })
    }

    /// The text as written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The fields it names.
    pub const fn fields(&self) -> &BTreeSet<String> {
        &self.fields
    }

    /// Checks every field against the ones that leads have.
    ///
    /// # Errors
    /// [`TemplateError::UnknownField`] with the nearest field that exists.
    pub fn check_fields<'a>(
        &self,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), TemplateError> {
        let known: Vec<&str> = known.into_iter().collect();
        for field in &self.fields {
            if known.contains(&field.as_str()) {
                continue;
            }
            let suggestion = known
                .iter()
                .map(|other| (strsim::osa_distance(field, other), *other))
                .filter(|(distance, other)| *distance <= 2.max(other.len() / 3))
                .min()
                .map(|(_, other)| other.to_owned());
            let line = self
                .source
                .lines()
                .position(|line| line.contains(field.as_str()))
                .map_or(1, |line| line + 1);
            return Err(TemplateError::UnknownField {
                line,
                field: field.clone(),
                suggestion,
            });
        }
        Ok(())
    }

    /// Renders it with these fields. An empty value counts as missing.
    ///
    /// # Errors
    /// [`RenderError`]; fails closed, never with a hole in the text.
    pub fn render(&self, fields: &BTreeMap<String, String>) -> Result<String, RenderError> {
        let present: BTreeMap<&str, &str> = fields
            .iter()
            .filter(|(_, value)| !value.trim().is_empty())
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        for field in self.fields.difference(&self.optional) {
            if !present.contains_key(field.as_str()) {
                return Err(RenderError::Missing {
                    field: field.clone(),
                });
            }
        }
        let text = match &self.plain {
            Some(pieces) => write(pieces, &present).ok_or(RenderError::Refused)?,
            None => self.interpret(present)?,
        };
        if text.len() > MAX_OUTPUT {
            return Err(RenderError::TooLong);
        }
        Ok(text)
    }

    fn interpret(&self, present: BTreeMap<&str, &str>) -> Result<String, RenderError> {
        environment()
            .template_from_str(&self.source)
            .and_then(|template| template.render(Value::from_pairs(present)))
            .map_err(|_| RenderError::Refused)
    }
}

/// A sample value for every field but one.
fn without(fields: &BTreeSet<String>, left_out: &str) -> Value {
    Value::from_pairs(
        fields
            .iter()
            .filter(|f| *f != left_out)
            .map(|f| (f.as_str(), "x")),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn fields_are_inserted_and_defaults_fill_in() {
        let template =
            Template::parse("Hi {{ first_name | default(\"there\") }} of {{ company }}!").unwrap();
        let text = template.render(&fields(&[("company", "Acme")])).unwrap();
        assert_eq!(text, "Hi there of Acme!");
        let missing = template.render(&fields(&[("first_name", "Jo"), ("company", " ")]));
        assert_eq!(
            missing,
            Err(RenderError::Missing {
                field: "company".to_owned()
            })
        );
    }

    #[test]
    fn a_misspelled_field_gets_a_suggestion_and_a_line() {
        let template = Template::parse("Hello\n{{ frist_name }}").unwrap();
        let error = template
            .check_fields(["first_name", "company"])
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 2: there is no field `frist_name`; did you mean `first_name`?"
        );
    }

    #[test]
    fn nothing_but_fields_is_a_template() {
        let long = "x".repeat(MAX_SOURCE + 1);
        for bad in [
            "{{ 7*7 }}",
            "{{ env(\"HOME\") }}",
            "{% for a in range(100000000) %}x{% endfor %}",
            "{{ \"X\"*100000000 }}",
            "{% include \"self\" %}",
            "{{ x.__class__.__mro__ }}",
            "{{ x[0] }}",
            "{{ unterminated",
            "{{ x | exec }}",
            "{{ x | default }} {{",
            "{# a #}",
            long.as_str(),
        ] {
            assert!(
                Template::parse(bad).is_err(),
                "{}",
                &bad[..bad.len().min(40)]
            );
        }
    }

    #[test]
    fn a_value_is_never_a_template() {
        let template = Template::parse("Hi {{ first_name }}").unwrap();
        let text = template
            .render(&fields(&[("first_name", "{{ unsubscribe_url }}")]))
            .unwrap();
        assert_eq!(text, "Hi {{ unsubscribe_url }}");
    }

    proptest! {
        #[test]
        fn parsing_never_panics(source in "(\\{\\{|\\}\\}|\\{%|[a-z|\"' ()\\n]){0,30}") {
            if let Ok(template) = Template::parse(&source) {
                let all: BTreeMap<_, _> =
                    template.fields().iter().map(|f| (f.clone(), "v".to_owned())).collect();
                prop_assert!(template.render(&all).is_ok());
            }
        }

        #[test]
        fn plain_templates_read_as_the_interpreter_reads_them(
            source in "(\\{\\{ ?(a|bc|if|true|loop|a b)[ \n]?\\}\\}|\\}\\}|[a-z{}' \r\n]){0,12}(\r?\n){0,2}"
        ) {
            let Ok(template) = Template::parse(&source) else { return Ok(()) };
            let values = fields(&[("a", "Jo {{ bc }}\n"), ("bc", " <x> ")]);
            let present = values.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            if let Some(pieces) = &template.plain {
                let present: BTreeMap<_, _> = present.collect();
                prop_assert_eq!(write(pieces, &present), template.interpret(present).ok());
            }
        }
    }
}
