//! What holds for any file.

use proptest::prelude::*;

use crate::support::World;

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-c](\\+[xy])?@(gmail\\.com|googlemail\\.com|b\\.example|müller\\.example)",
        2 => "\\PC{0,12}",
        1 => Just("\"".to_owned()),
        1 => Just("a\u{0}b".to_owned()),
        1 => Just("\"x\ny\"".to_owned()),
        1 => Just("consent".to_owned()),
    ]
}

fn file() -> impl Strategy<Value = String> {
    let rows = prop::collection::vec(prop::collection::vec(cell(), 1..5), 0..40);
    (
        rows,
        prop::sample::select(vec![",", ";", "\t"]),
        prop::sample::select(vec!["\n", "\r\n"]),
    )
        .prop_map(|(rows, separator, end)| {
            let mut file = ["email", "first name", "land", "basis"].join(separator);
            for row in rows {
                file.push_str(end);
                file.push_str(&row.join(separator));
            }
            file
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn importing_twice_is_importing_once(file in file()) {
        run(async {
            let world = World::new();
            let Ok(first) = world.try_import(file.as_bytes()).await else { return Ok(()) };
            prop_assert_eq!(first.accounted(), first.rows);
            let after_once = world.emails().await;
            prop_assert_eq!(after_once.len() as u64, first.imported);
            let second = world.try_import(file.as_bytes()).await.unwrap();
            prop_assert_eq!(second.imported + second.updated, 0);
            prop_assert_eq!(second.rows, first.rows);
            prop_assert_eq!(second.rejected, first.rejected);
            prop_assert_eq!(world.emails().await, after_once);
            Ok(())
        })?;
    }

    #[test]
    fn every_reject_has_a_line_of_the_file(file in file()) {
        run(async {
            let world = World::new();
            let lines = file.lines().count() as u64;
            let report = match world.try_import(file.as_bytes()).await {
                Ok(report) => report,
                Err(error) => {
                    prop_assert!(!error.to_string().is_empty());
                    return Ok(());
                }
            };
            prop_assert_eq!(report.rejected.len() as u64, report.rejected_rows);
            let mut last = 1;
            for reject in &report.rejected {
                prop_assert!(reject.line > last && reject.line <= lines, "{}", reject);
                last = reject.line;
                prop_assert!(!reject.reason.is_empty() && !reject.remedy.is_empty());
            }
            Ok(())
        })?;
    }

    #[test]
    fn arbitrary_bytes_never_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..2000),
        named in any::<bool>(),
    ) {
        run(async {
            let world = World::new();
            let mut file = if named { b"email,name\n".to_vec() } else { Vec::new() };
            file.extend(bytes);
            if let Ok(report) = world.try_import(&file).await {
                assert_eq!(report.accounted(), report.rows);
            }
        });
    }
}
