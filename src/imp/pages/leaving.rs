//! Logging out, beside whatever else is done: the one that ends a stay is not there any more to wait for it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Those who are on their way out, of the whole process.
static LEAVING: Mutex<Vec<JoinHandle<()>>> = Mutex::new(Vec::new());

/// Goes on with a way out, where a runtime is left to do so.
pub(super) fn go_on(way: impl Future<Output = ()> + Send + 'static) {
    let Ok(runtime) = Handle::try_current() else { return };
    let way = runtime.spawn(way);
    let mut leaving = LEAVING.lock().unwrap_or_else(PoisonError::into_inner);
    // a process that goes on for long has left many
    leaving.retain(|way| !way.is_finished());
    leaving.push(way);
}

/// Waits until everybody has left, but not for longer than this.
pub async fn everybody_left(patience: Duration) {
    let leaving = std::mem::take(&mut *LEAVING.lock().unwrap_or_else(PoisonError::into_inner));
    // who is late is not worth a word: the session ends by itself
    let _ = timeout(patience, join_all(leaving)).await;
}
