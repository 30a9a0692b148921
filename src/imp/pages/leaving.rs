//! Logging out, beside whatever else is done: the one that ends a stay is not there any more to wait for it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Those who are on their way out, of the whole process.
static LEAVING: Mutex<Vec<JoinHandle<()>>> = Mutex::new(Vec::new());

/// Who is not out after this time stays in: the session ends by itself, and nobody else waits for it.
const TO_LEAVE: Duration = Duration::from_secs(2);

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

/// Waits until everybody has left, which takes a node as long as one request, and no more than some seconds.
pub async fn everybody_left() {
    let leaving = std::mem::take(&mut *LEAVING.lock().unwrap_or_else(PoisonError::into_inner));
    join_all(leaving).await;
}
