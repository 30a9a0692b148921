//! The object store of a simulated process: full disks, lost answers, halves of objects, and death at any of them. What is
//! durable is read from what was really written.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;
use intermesh::plan::step::StepId;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions,
    PutOptions, PutPayload, PutResult, Result,
};

use crate::scenario::Ending;
use crate::stage::Stage;

#[derive(Debug)]
pub struct Objects {
    pub inner: Arc<InMemory>,
    pub stage: Stage,
}

fn error(text: &str) -> object_store::Error {
    object_store::Error::Generic { store: "simulated", source: text.into() }
}

impl fmt::Display for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("simulated")
    }
}

impl Objects {
    /// What goes wrong with this write: nothing, refused, or its answer lost.
    fn fault(&self) -> Option<bool> {
        if self.stage.cut_off() {
            return Some(false);
        }
        let now = self.stage.now();
        let mut inner = self.stage.lock();
        if now < inner.full_until && !inner.quiet {
            return Some(false);
        }
        if !inner.store_fails() {
            return None;
        }
        match inner.dice.below(3) {
            0 => {
                inner.count("full disk");
                inner.full_until = now + Duration::from_secs(1 + inner.dice.below(600) as u64);
                Some(false)
            }
            1 => {
                inner.count("write refused");
                Some(false)
            }
            _ => {
                inner.count("store's answer lost");
                Some(true)
            }
        }
    }

    /// What is read of the store needs a way there, and somebody who reads.
    async fn reach(&self) -> Result<()> {
        self.stage.alive().await;
        if self.stage.cut_off() { Err(error("no way there")) } else { Ok(()) }
    }

    async fn write(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let bytes: Vec<u8> = payload.iter().flat_map(|part| part.iter().copied()).collect();
        let put = self.inner.put_opts(path, payload, options).await;
        self.stage.tell(format_args!("object {path} {}", if put.is_ok() { "written" } else { "refused" }));
        if put.is_ok() {
            self.learn(path, &bytes);
        }
        put
    }

    /// A whole record of the journal in hand is durable: what it says counts from now on.
    fn learn(&self, path: &Path, bytes: &[u8]) {
        let inner = self.stage.lock();
        let journal = inner.run.as_ref().is_some_and(|run| path.as_ref().contains(&format!("runs/{run}/journal/")));
        drop(inner);
        if journal {
            self.stage.recorded(path.as_ref());
        }
        let Some(body) = std::str::from_utf8(bytes).ok().and_then(|text| text.lines().nth(1)).filter(|_| journal)
        else {
            return;
        };
        let Ok(entry) = serde_json::from_str::<serde_json::Value>(body) else { return };
        let mut inner = self.stage.lock();
        let step = |kind: &str| entry["record"][kind]["step"].as_str().map(|id| StepId(id.into()));
        if let Some(id) = step("step-started") {
            inner.open.insert(id);
        } else if let Some(id) = step("step-ended") {
            inner.open.remove(&id);
        }
    }
}

#[async_trait]
impl ObjectStore for Objects {
    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.stage.alive().await;
        let (ending, at) = self.stage.object();
        if ending == Some(Ending::BeforeObject(at)) {
            self.stage.die().await;
        }
        if ending == Some(Ending::TornObject(at)) {
            let bytes: Vec<u8> = payload.iter().flat_map(|part| part.iter().copied()).collect();
            let half = bytes[..bytes.len() / 2].to_vec();
            let torn = self.inner.put_opts(path, half.into(), options).await.is_ok();
            self.stage.tell(format_args!("object {path} torn: {torn}"));
            self.stage.die().await;
            return Err(error("it died"));
        }
        let put = match self.fault() {
            Some(false) => {
                self.stage.tell(format_args!("object {path}: no space, or no way there"));
                return Err(error("no space left on device"));
            }
            Some(true) => {
                self.write(path, payload, options).await?;
                Err(error("the answer was lost"))
            }
            None => self.write(path, payload, options).await,
        };
        if ending == Some(Ending::AfterObject(at + 1)) {
            self.stage.die().await;
        }
        put
    }

    async fn put_multipart_opts(&self, path: &Path, options: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.reach().await?;
        self.inner.get_opts(path, options).await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.reach().await?;
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}
