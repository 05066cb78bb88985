//! Everything that is written down while a test runs, and whether a word stands in it.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use jooper_testkit::grep::encodings;
use tracing::subscriber::DefaultGuard;

/// Everything that `tracing` and `log` say, as bytes.
#[derive(Debug, Clone, Default)]
pub struct Book(Arc<Mutex<Vec<u8>>>);

impl Write for Book {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl log::Log for Book {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let mut book = self.clone();
        writeln!(book, "{} {}", record.target(), record.args()).unwrap();
    }

    fn flush(&self) {}
}

impl Book {
    /// Writes down everything from now on, at `trace`, until the guard is dropped. `log` knows one
    /// book for the whole process.
    pub fn open() -> (Self, DefaultGuard) {
        static BOOK: OnceLock<Book> = OnceLock::new();
        let book = BOOK.get_or_init(|| {
            let book = Self::default();
            log::set_boxed_logger(Box::new(book.clone())).unwrap();
            log::set_max_level(log::LevelFilter::Trace);
            book
        });
        let writer = book.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || writer.clone())
            .finish();
        (book.clone(), tracing::subscriber::set_default(subscriber))
    }

    /// One that holds this.
    pub fn of(text: &str) -> Self {
        Self(Arc::new(Mutex::new(text.as_bytes().to_vec())))
    }

    /// Which of these words stand in it, in any encoding.
    pub fn telling(&self, words: &[String]) -> Vec<String> {
        let bytes = self.0.lock().unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let stands = |word: &&String| {
            assert!(word.len() > 5, "{word:?} is too short to look for");
            let forms = encodings(word);
            forms
                .iter()
                .any(|form| text.contains(&*String::from_utf8_lossy(form)))
        };
        words.iter().filter(stands).cloned().collect()
    }

    pub fn holds(&self, word: &str) -> bool {
        !self.telling(&[word.to_owned()]).is_empty()
    }
}
