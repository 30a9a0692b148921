//! Records what passes between clients and the lab's servers, one JSON object a line, so that others can judge it.
//!
//! A record holds no password and no cookie. Of the headers only `SOAPAction` and the content types are in it, so
//! `Authorization`, `Cookie` and `Set-Cookie` are not; passwords in forms, addresses and SOAP are masked (`mask`).

mod exchange;
mod mask;

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use axum::Extension;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::StatusCode;

pub use exchange::{Exchange, Interface};
pub(super) use mask::Mask;

use super::basic::page;
use super::here::Here;
use super::router::LARGEST_BODY;

/// What a lab records, and where.
#[derive(Debug)]
pub(super) struct Recorder {
    mask: Mask,
    recording: Mutex<Option<Recording>>,
}

#[derive(Debug)]
struct Recording {
    file: File,
    begun: u64,
    written: u64,
    failure: Option<io::Error>,
}

impl Recorder {
    /// A recorder that records nothing yet.
    pub(super) fn new(mask: Mask) -> Recorder {
        Recorder { mask, recording: Mutex::default() }
    }

    /// Records into a file from now on; what the file held is gone. A recording under way ends.
    pub(super) fn start(&self, path: &Path) -> io::Result<()> {
        let file = File::create(path)?;
        *self.lock() = Some(Recording { file, begun: 0, written: 0, failure: None });
        Ok(())
    }

    /// Ends the recording and says how many exchanges are in it; none when nothing was recorded.
    pub(super) fn stop(&self) -> io::Result<Option<u64>> {
        match self.lock().take() {
            Some(Recording { failure: Some(failure), .. }) => Err(failure),
            recording => Ok(recording.map(|r| r.written)),
        }
    }

    /// The number of an exchange that begins now; none while nothing is recorded.
    fn begin(&self) -> Option<u64> {
        let mut recording = self.lock();
        let recording = recording.as_mut()?;
        recording.begun += 1;
        Some(recording.begun)
    }

    fn write(&self, exchange: Exchange) {
        let Some(recording) = &mut *self.lock() else { return };
        let line = serde_json::to_string(&self.mask.exchange(exchange)).map_err(io::Error::from);
        match line.and_then(|line| recording.file.write_all(format!("{line}\n").as_bytes())) {
            Ok(()) => recording.written += 1,
            // Whoever ends the recording is told; the clients of the lab have nothing to do with it.
            Err(error) => drop(recording.failure.get_or_insert(error)),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Recording>> {
        self.recording.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stands around all paths of a server and records each exchange while a recording is under way.
pub(super) async fn layer(Extension(here): Extension<Here>, request: Request, next: Next) -> Response {
    let Some(sequence) = here.lab.recorder.begin() else { return next.run(request).await };
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return page(StatusCode::PAYLOAD_TOO_LARGE, head.uri.path());
    };
    let asked = exchange::Question::new(&here, &head, &body);
    let answer = next.run(Request::from_parts(head, Body::from(body))).await;
    let (head, body) = answer.into_parts();
    // The lab makes its answers in memory; one that cannot be read whole could not be sent either.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_else(|_| Bytes::new());
    here.lab.recorder.write(asked.answered(sequence, &head, &body));
    Response::from_parts(head, Body::from(body))
}
