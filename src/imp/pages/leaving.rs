//! Logging out, beside whatever else is done: the one that ends a stay is not there any more to wait for it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

/// Those who are on their way out, of the whole process.
static LEAVING: Mutex<Vec<JoinHandle<()>>> = Mutex::new(Vec::new());

/// Who is not out after this time stays in: the session ends by itself, and nobody else waits for it.
const TO_LEAVE: Duration = Duration::from_secs(2);

/// How many are logged in, in the whole process.
static PRESENT: AtomicUsize = AtomicUsize::new(0);

/// A task that was given up gives up what it holds a moment later.
const TO_GIVE_UP: Duration = Duration::from_millis(500);

/// One who is logged in, or not yet on the way out.
pub(super) struct Present(());

impl Present {
    /// From now on, until it is dropped.
    pub(super) fn now() -> Present {
        PRESENT.fetch_add(1, Ordering::SeqCst);
        Present(())
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        PRESENT.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Goes on with ways out, where a runtime is left to do so.
pub(super) fn go_on<W: Future<Output = ()> + Send + 'static>(ways: impl Iterator<Item = W>) {
    let Ok(runtime) = Handle::try_current() else { return };
    let ways = ways.map(|way| runtime.spawn(async move { timeout(TO_LEAVE, way).await.unwrap_or_default() }));
    let ways: Vec<JoinHandle<()>> = ways.collect();
    let mut leaving = LEAVING.lock().unwrap_or_else(PoisonError::into_inner);
    // a process that goes on for long has left many
    leaving.retain(|way| !way.is_finished());
    leaving.extend(ways);
}

/// Waits until everybody has left, which takes a node as long as one request, and no more than some seconds. Nobody is to
/// read or act any more.
pub async fn everybody_left() {
    let given_up = Instant::now() + TO_GIVE_UP;
    loop {
        let leaving = std::mem::take(&mut *LEAVING.lock().unwrap_or_else(PoisonError::into_inner));
        let nobody_left = leaving.is_empty();
        join_all(leaving).await;
        match PRESENT.load(Ordering::SeqCst) {
            0 if nobody_left => return,
            0 => {}
            _ if Instant::now() >= given_up => return,
            _ => sleep(Duration::from_millis(2)).await,
        }
    }
}
