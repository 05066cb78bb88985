//! Reads the command line.

use crate::failure::Failure;
use crate::long;
use crate::steps;

/// What `cargo xtask` prints when asked, or when it does not understand.
pub(crate) const USAGE: &str = "\
cargo xtask test [--only STEP,STEP] [-- NEXTEST ARGUMENTS]
    Finds or starts what the tests need and runs every check, in order, with timings.
    Arguments after -- go to the test runner instead of `--workspace`, e.g. -- -p jooper-core
cargo xtask test --list
    Lists the steps.
cargo xtask with COMMAND [ARGUMENTS]
    Runs one command with the same services and variables as the tests.
cargo xtask long
    Lists the long campaigns.
cargo xtask long NAME [--seeds N] [--first-seed S]
    Runs one and prints its figure, seeds and command as a row for docs/laws.md.";

/// One parsed command line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Print [`USAGE`].
    Help,
    /// Print the steps of `test`.
    ListSteps,
    /// Run the checks.
    Test(TestOptions),
    /// Run one command with the services of the tests.
    With(Vec<String>),
    /// List or run a long campaign.
    Long(long::Request),
    /// Stop what another xtask started, once its pipe closes (started by xtask itself).
    Guard,
}

/// Which checks to run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TestOptions {
    /// The steps asked for; empty means all.
    pub(crate) only: Vec<String>,
    /// Arguments for the test runner.
    pub(crate) runner: Vec<String>,
}

/// Parses the arguments that follow `cargo xtask`.
///
/// # Errors
/// A sentence that names the word it did not understand.
pub(crate) fn parse(args: &[String]) -> Result<Command, Failure> {
    let Some((verb, rest)) = args.split_first() else {
        return Ok(Command::Help);
    };
    match verb.as_str() {
        "help" | "--help" | "-h" => Ok(Command::Help),
        "guard" if rest.is_empty() => Ok(Command::Guard),
        "test" => parse_test(rest),
        "with" if rest.is_empty() => Err(Failure("`with` needs a command to run".into())),
        "with" => Ok(Command::With(rest.to_vec())),
        "long" => parse_long(rest).map(Command::Long),
        other => Err(Failure(format!("no command `{other}`"))),
    }
}

fn parse_test(args: &[String]) -> Result<Command, Failure> {
    let mut options = TestOptions::default();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--list" => return Ok(Command::ListSteps),
            "--" => {
                options.runner = rest.cloned().collect();
                break;
            }
            "--only" => {
                let list = rest
                    .next()
                    .ok_or_else(|| Failure("`--only` needs a list of steps".into()))?;
                options.only.extend(known_steps(list)?);
            }
            other => return Err(Failure(format!("`test` does not know `{other}`"))),
        }
    }
    Ok(Command::Test(options))
}

fn known_steps(list: &str) -> Result<Vec<String>, Failure> {
    let names: Vec<String> = list.split(',').map(|name| name.trim().to_owned()).collect();
    match names.iter().find(|name| !steps::exists(name)) {
        Some(unknown) => Err(Failure(format!(
            "no step `{unknown}`; there are: {}",
            steps::names().join(", ")
        ))),
        None => Ok(names),
    }
}

fn parse_long(args: &[String]) -> Result<long::Request, Failure> {
    let mut request = long::Request::default();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--seeds" => request.seeds = Some(number("--seeds", rest.next())?),
            "--first-seed" => request.first_seed = Some(number("--first-seed", rest.next())?),
            flag if flag.starts_with('-') => {
                return Err(Failure(format!("`long` does not know `{flag}`")));
            }
            name if request.name.is_none() => request.name = Some(name.to_owned()),
            extra => {
                return Err(Failure(format!(
                    "one campaign at a time; what is `{extra}`?"
                )));
            }
        }
    }
    Ok(request)
}

fn number(flag: &str, value: Option<&String>) -> Result<u64, Failure> {
    let text = value.ok_or_else(|| Failure(format!("`{flag}` needs a number")))?;
    text.replace('_', "")
        .parse()
        .map_err(|_| Failure(format!("`{flag}` needs a number, not `{text}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, Failure> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&words)
    }

    #[test]
    fn nothing_prints_help() {
        assert_eq!(parsed(""), Ok(Command::Help));
    }

    #[test]
    fn bare_test_runs_everything() {
        assert_eq!(parsed("test"), Ok(Command::Test(TestOptions::default())));
    }

    #[test]
    fn only_takes_known_steps_and_the_rest_goes_to_the_runner() {
        let Ok(Command::Test(options)) = parsed("test --only fmt,clippy -- -p xtask") else {
            panic!("it did not parse");
        };
        assert_eq!(options.only, ["fmt", "clippy"]);
        assert_eq!(options.runner, ["-p", "xtask"]);
    }

    #[test]
    fn an_unknown_step_is_named() {
        let wrong = parsed("test --only fmt,clipy").unwrap_err();
        assert!(wrong.0.contains("`clipy`"), "{wrong}");
        assert!(parsed("test --only").is_err());
        assert!(parsed("test --quick").is_err());
        assert!(parsed("tset").is_err());
    }

    #[test]
    fn with_needs_a_command() {
        assert_eq!(
            parsed("with cargo test"),
            Ok(Command::With(vec!["cargo".into(), "test".into()]))
        );
        assert!(parsed("with").is_err());
    }

    #[test]
    fn long_reads_name_and_seeds() {
        let Ok(Command::Long(request)) = parsed("long crash --seeds 1_000 --first-seed 7") else {
            panic!("it did not parse");
        };
        assert_eq!(request.name.as_deref(), Some("crash"));
        assert_eq!((request.seeds, request.first_seed), (Some(1_000), Some(7)));
        assert!(parsed("long crash --seeds many").is_err());
        assert!(parsed("long crash again").is_err());
        assert!(parsed("long --sedes 3").is_err());
    }
}
