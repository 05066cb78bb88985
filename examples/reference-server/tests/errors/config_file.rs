//! The config file, and what it may not say.

use super::{PASSPHRASE, config, import, refused, run};

#[test]
fn another_address_than_loopback_needs_a_sign_in() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path(), |text| {
        text.replace("listen = \"127.0.0.1", "listen = \"0.0.0.0")
    });
    let output = run(&["serve", "--config", &config], PASSPHRASE);
    refused(&output, &["0.0.0.0", "hash-password", "google_accounts"]);
}

#[test]
fn a_public_address_behind_a_proxy_needs_a_sign_in_too() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path(), |text| {
        text.replace(
            "url = \"http://127.0.0.1",
            "url = \"https://mail.example.com",
        )
        .replace(
            "uri = \"http://127.0.0.1",
            "uri = \"https://mail.example.com",
        )
    });
    let output = run(&["serve", "--config", &config], PASSPHRASE);
    refused(&output, &["mail.example.com", "hash-password"]);
}

#[test]
fn a_password_hash_that_is_none_is_refused_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    for wrong in [
        "",
        "hunter2hunter2",
        "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ",
    ] {
        let config = config(dir.path(), |text| {
            text.replace(
                "[identity]",
                &format!("[login]\npassword_hash = \"{wrong}\"\n[identity]"),
            )
        });
        let output = run(&["serve", "--config", &config], PASSPHRASE);
        refused(&output, &["password_hash", "hash-password"]);
    }
}

#[test]
fn the_shipped_config_reads_and_asks_for_a_sign_in() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/jooper.example.toml");
    let output = run(&["serve", "--config", example], PASSPHRASE);
    refused(
        &output,
        &["outreach.example.com", "no sign-in is configured"],
    );
    // The route that the server has.
    let text = std::fs::read_to_string(example).unwrap();
    assert!(text.contains("https://outreach.example.com/login/callback\""));
}

#[test]
fn a_config_mistake_names_file_and_line() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path(), |text| text.replace("legal_name", "legalname"));
    let output = run(&["serve", "--config", &config], PASSPHRASE);
    refused(
        &output,
        &["jooper.toml", "line 7, column 9", "legalname", "legal_name"],
    );
    let output = run(&["serve", "--config", "/nowhere/jooper.toml"], PASSPHRASE);
    refused(
        &output,
        &["/nowhere/jooper.toml", "jooper.example.toml", "--config"],
    );
}

#[test]
fn a_config_whose_parts_do_not_fit_is_refused_before_anything_is_made() {
    let dir = tempfile::tempdir().unwrap();
    for (from, to, says) in [
        (
            "/\"\n        [id",
            "/outreach/\"\n        [id",
            "root of a host",
        ),
        (
            "public_url = \"http://127.0.0.1",
            "public_url = \"http://mail.example.com",
            "https://",
        ),
        // Google would send people to another port, another scheme, or a page that is none.
        (
            "redirect_uri = \"http://127.0.0.1",
            "redirect_uri = \"http://127.0.0.1:1/oauth/callback#",
            "[google.mailbox] redirect_uri",
        ),
        (
            "redirect_uri = \"http:",
            "redirect_uri = \"https:",
            "bring people back",
        ),
        (
            "/oauth/callback",
            "/callback",
            "/oauth/callback, here and in",
        ),
        (
            "[identity]",
            "[login]\ngoogle_accounts = [\"nobody\"]\n[identity]",
            "entry 1",
        ),
        (
            "[identity]",
            "[login]\ngoogle_accounts = [\"ada@example.com\"]\n[identity]",
            "[google.sign_in]",
        ),
        (
            "[identity]",
            "[engine]\nlanes_at_once = 0\n[identity]",
            "lanes_at_once",
        ),
    ] {
        let config = config(dir.path(), |text| {
            assert!(text.contains(from), "{from:?} in {text}");
            text.replace(from, to)
        });
        for command in ["serve", "doctor"] {
            refused(
                &run(&[command, "--config", &config], PASSPHRASE),
                &["jooper.toml", says],
            );
        }
    }
    assert!(!dir.path().join("home").exists(), "nothing was made");
}

#[test]
fn a_mistake_beside_a_secret_does_not_show_the_secret() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path(), |text| {
        text.replace("[identity]", "[login]\npassword = \"hunter2\"\n[identity]")
    });
    let output = run(&["serve", "--config", &config], PASSPHRASE);
    refused(&output, &["line 6", "password_hash"]);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("hunter2"));
}

#[test]
fn doctor_refuses_what_serve_refuses_and_makes_no_witness() {
    let dir = tempfile::tempdir().unwrap();
    assert!(
        import(dir.path(), b"Email\nada@example.com\n", &[])
            .status
            .success()
    );
    let wrong = config(dir.path(), |text| {
        text.replace(
            "[identity]",
            "[login]\npassword_hash = \"hunter2\"\n[identity]",
        )
    });
    refused(
        &run(&["doctor", "--config", &wrong], PASSPHRASE),
        &["password_hash"],
    );
    let right = config(dir.path(), |text| text);
    let witness = dir.path().join("home/witness/jooper.witness");
    std::fs::remove_file(&witness).unwrap();
    refused(
        &run(&["doctor", "--config", &right], PASSPHRASE),
        &["jooper.witness is missing", "put its newest copy back"],
    );
    assert!(!witness.exists(), "a witness was made");
}
