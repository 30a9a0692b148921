//! Connections are made when they are needed, and not when one is about to come free.
//!
//! A connection goes back to its pool a moment after its answer was read, and the next request is often there before it.
//! The pool would open another connection at once, and keep on opening it when the first one comes back. So before any
//! connection but the first the request waits a little; when it got an older one in the meantime, none is opened. As many
//! as there may be requests at a time are worth having, so they are waited for only as long as one needs to come back:
//! longer, and everything that is asked of the node would wait for everything else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use tower::{Layer, Service, ServiceExt};

use super::AT_A_TIME;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Many times what a connection takes to come back to its pool on a busy machine, and nothing beside a handshake.
const PAUSE: Duration = Duration::from_millis(25);
/// What it takes on any other.
const SHORT: Duration = Duration::from_millis(4);

tokio::task_local! {
    /// Set in the task of a request that has no connection yet. The pool goes on in a task of its own when it has.
    static WAITS: ();
}

/// Sends a request, whose connections are made as this module says.
pub(super) async fn waiting<F: Future>(request: F) -> F::Output {
    WAITS.scope((), request).await
}

/// Makes the connections of one pool unhurried.
#[derive(Clone, Default)]
pub(super) struct Unhurried {
    begun: Arc<AtomicUsize>,
}

impl<S> Layer<S> for Unhurried {
    type Service = Connector<S>;

    fn layer(&self, inner: S) -> Connector<S> {
        Connector { inner, begun: Arc::clone(&self.begun) }
    }
}

/// Connects after a pause, if still need be.
#[derive(Clone)]
pub(super) struct Connector<S> {
    inner: S,
    /// How many connections were begun.
    begun: Arc<AtomicUsize>,
}

impl<S, R> Service<R> for Connector<S>
where
    S: Service<R, Error = BoxError> + Clone + Send + 'static,
    S::Future: Send,
    S::Response: Send,
    R: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<S::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        // The inner service is asked when the pause is over.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: R) -> Self::Future {
        let inner = self.inner.clone();
        let begun = Arc::clone(&self.begun);
        let before = begun.fetch_max(1, Ordering::Relaxed);
        Box::pin(async move {
            if before > 0 {
                tokio::time::sleep(if before < AT_A_TIME { SHORT } else { PAUSE }).await;
                if WAITS.try_with(|()| ()).is_err() {
                    // Nobody reads this: the request has gone its way.
                    return Err("the connection is not needed any more".into());
                }
                begun.fetch_add(1, Ordering::Relaxed);
            }
            inner.oneshot(request).await
        })
    }
}
