//! Ctrl-C and its like.

use super::exit::Exit;
use super::failure::Failure;

/// What asked the process to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

/// Waits for SIGINT or SIGTERM.
///
/// # Errors
/// The process cannot listen for signals.
pub async fn interrupted() -> std::io::Result<Signal> {
    #[cfg(unix)]
    {
        let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            signal = tokio::signal::ctrl_c() => signal.map(|()| Signal::Interrupt),
            _ = term.recv() => Ok(Signal::Terminate),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.map(|()| Signal::Interrupt)
}

/// Work of which nothing has to be finished, ended where the process is asked to end.
///
/// # Errors
/// The work's own; it was interrupted.
pub async fn unless_interrupted<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::select! {
        // first, so that signals are listened for before anything begins
        biased;
        signal = interrupted() => {
            signal?;
            Err(Failure::new(Exit::Interrupted, "interrupted; nothing was written"))
        }
        ended = work => ended,
    }
}
