//! Chromium and chromedriver for the browser tests, which speak plain WebDriver HTTP to the driver.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::guard::Guard;
use crate::provide::{Found, apt, find, variable};
use crate::run;

const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome", "chrome"];
const DRIVERS: &[&str] = &["chromedriver"];

/// Finds both programs, or installs them, and checks that they fit each other.
///
/// # Errors
/// When one is missing or they are of different major versions; with the remedy.
pub(crate) fn provide(guard: &Guard) -> Result<Found, Failure> {
    let (browser, driver) = match find_both()? {
        Some(both) => both,
        None => {
            apt::install(guard, &["chromium", "chromium-driver"]).map_err(|e| {
                let (browser, driver) = (variable::CHROMIUM, variable::CHROMEDRIVER);
                Failure(format!(
                    "not both found: {e}, or set {browser} and {driver}"
                ))
            })?;
            find_both()?.ok_or_else(|| {
                Failure("apt-get installed Chromium, but its programs are not found".into())
            })?
        }
    };
    let line = fit(&version(&browser)?, &version(&driver)?)?;
    Ok(Found {
        line: format!("{line} from {}", browser.display()),
        variables: vec![
            (variable::CHROMIUM, browser.into()),
            (variable::CHROMEDRIVER, driver.into()),
        ],
    })
}

fn find_both() -> Result<Option<(PathBuf, PathBuf)>, Failure> {
    let browser = named_or_found(variable::CHROMIUM, BROWSERS)?;
    let driver = named_or_found(variable::CHROMEDRIVER, DRIVERS)?;
    Ok(browser.zip(driver))
}

/// A program that the environment names must exist: another one in its place would hide a typing error.
fn named_or_found(name: &str, programs: &[&str]) -> Result<Option<PathBuf>, Failure> {
    match find::variable(name).map(PathBuf::from) {
        Some(path) if find::is_program(&path) => Ok(Some(path)),
        Some(path) => Err(Failure(format!(
            "{name} names {}, which is not a program",
            path.display()
        ))),
        None => Ok(find::program(programs)),
    }
}

fn version(program: &Path) -> Result<String, Failure> {
    let said = run::output(Command::new(program).arg("--version"))?;
    version_in(&said)
        .map(str::to_owned)
        .ok_or_else(|| Failure(format!("{} tells no version", program.display())))
}

fn version_in(said: &str) -> Option<&str> {
    said.split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
}

/// chromedriver refuses a browser of another major version: say it here, in one line.
fn fit(browser: &str, driver: &str) -> Result<String, Failure> {
    let major = |version: &str| version.split('.').next().map(str::to_owned);
    if major(browser) == major(driver) {
        Ok(format!("Chromium {browser} with chromedriver {driver}"))
    } else {
        Err(Failure(format!(
            "Chromium {browser} and chromedriver {driver} do not fit: install both from one source"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_must_share_their_major() {
        assert!(fit("156.0.8078.79", "156.0.1.2").is_ok());
        let wrong = fit("156.0.8078.79", "155.0.1.2").unwrap_err();
        assert!(wrong.0.contains("do not fit"), "{wrong}");
    }

    #[test]
    fn the_version_is_found_among_the_words() {
        let chromium = "Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)";
        assert_eq!(version_in(chromium), Some("156.0.8078.79"));
        assert_eq!(version_in("ChromeDriver"), None);
    }
}
