//! What a database does with nothing of ours in between.

pub(crate) mod fill;
pub(crate) mod postgres;
pub(crate) mod sqlite;

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use jooper_core::LeaseClock;

/// Syncs of a 4 KiB write a second.
pub(crate) fn fsync_rate(dir: &Path, clock: &dyn LeaseClock) -> f64 {
    let mut file = File::create(dir.join("fsync")).unwrap();
    let began = clock.now();
    let mut count = 0_u32;
    while clock.now().since(began) < Duration::from_millis(700) {
        file.seek(SeekFrom::Start(0)).unwrap();
        file.write_all(&[7; 4096]).unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    f64::from(count) / clock.now().since(began).as_secs_f64()
}
