//! An object store that fails as networks do: before the write, or after it, with the answer lost.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions,
    PutOptions, PutPayload, PutResult, Result,
};

/// What happens to the next write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is carried out.
    None,
    /// It is not, and an error says so.
    Refused,
    /// It is, and the answer is lost.
    AnswerLost,
}

#[derive(Debug, Default)]
pub struct Faulty {
    pub inner: Arc<InMemory>,
    /// What happens to the next writes; when there is nothing left, they are carried out.
    pub next: Mutex<VecDeque<Fault>>,
    /// Nothing answers any more.
    pub down: std::sync::atomic::AtomicBool,
}

impl Faulty {
    pub fn will(&self, faults: impl IntoIterator<Item = Fault>) {
        self.next.lock().unwrap().extend(faults);
    }

    pub fn down(&self, down: bool) {
        self.down.store(down, std::sync::atomic::Ordering::Relaxed);
    }

    fn answer<T>(&self, answer: T) -> Result<T> {
        if self.down.load(std::sync::atomic::Ordering::Relaxed) { Err(error("nothing answers")) } else { Ok(answer) }
    }
}

fn error(text: &str) -> object_store::Error {
    object_store::Error::Generic { store: "faulty", source: text.into() }
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("faulty")
    }
}

#[async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.answer(())?;
        let fault = self.next.lock().unwrap().pop_front().unwrap_or(Fault::None);
        match fault {
            Fault::None => self.inner.put_opts(path, payload, options).await,
            Fault::Refused => Err(error("no space left")),
            Fault::AnswerLost => {
                self.inner.put_opts(path, payload, options).await?;
                Err(error("the answer was lost"))
            }
        }
    }

    async fn put_multipart_opts(&self, path: &Path, options: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.answer(())?;
        self.inner.get_opts(path, options).await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.answer(())?;
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}
