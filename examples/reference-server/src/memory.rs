//! How much memory the server takes for what it asks for.

use std::time::Duration;

use crate::demo::pause;

/// Has the kernel give this process memory by the page, and not 2 MiB at a time.
///
/// mimalloc asks for huge pages where the kernel gives them to whoever asks (`madvise`, the setting of most
/// distributions): quicker for who uses all of each. A server uses a little of many, and would keep
/// 20 MiB more than it needs.
pub(crate) fn in_small_pages() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::thread::disable_transparent_huge_pages(true) {
        tracing::debug!(%error, "huge pages stay allowed");
    }
}

/// mimalloc keeps what was freed for a tenth of a second before it may go back (`purge_delay` and
/// `arena_purge_mult`, 10 ms times 10).
const KEPT: Duration = Duration::from_millis(120);

/// Has the allocator give back what opening the key file took: 64 MiB (Argon2id).
///
/// It looks at what it keeps whenever a thread ends. Whoever starts threads before, as a store does, hands
/// them that memory as it is, and a server would keep three times what it needs for as long as it runs.
pub(crate) async fn give_back() {
    pause(KEPT).await;
    std::thread::scope(|scope| {
        scope.spawn(|| drop(std::hint::black_box(Box::new(0_u8))));
    });
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_given_no_huge_pages() {
        in_small_pages();
        assert!(rustix::thread::transparent_huge_pages_are_disabled().unwrap());
    }
}
