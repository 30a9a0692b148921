//! A network with a round trip: what arrives is there one round trip later.
//!
//! A client cannot tell on which way its packets were under way, so all of the round trip lies on the way in; what is
//! answered leaves at once. A loopback connection stands without any packet of ours, so its first bytes are held back for
//! the handshake of TCP as well.

use std::collections::VecDeque;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::alarm::Alarm;

/// So much may be under way at a time.
const UNDER_WAY: usize = 1 << 20;
/// So much is read at once.
const CHUNK: usize = 16 << 10;

/// A stream whose other end is far.
pub(super) struct Delayed<S> {
    stream: S,
    round_trip: Duration,
    /// No byte can be here before: the connection has to stand first.
    open_from: Instant,
    arriving: VecDeque<Arriving>,
    bytes: usize,
    ended: bool,
    alarm: Alarm,
}

/// Bytes that are under way.
struct Arriving {
    at: Instant,
    bytes: Vec<u8>,
    taken: usize,
}

impl<S> Delayed<S> {
    /// A stream that was accepted now. Without a round trip it is the stream itself.
    pub(super) fn new(stream: S, round_trip: Duration) -> Delayed<S> {
        // without a round trip nothing waits
        let alarm = if round_trip.is_zero() { Alarm::rough() } else { Alarm::new() };
        Delayed::with(stream, round_trip, alarm)
    }

    fn with(stream: S, round_trip: Duration, alarm: Alarm) -> Delayed<S> {
        Delayed {
            stream,
            round_trip,
            open_from: Instant::now() + round_trip * 2,
            arriving: VecDeque::new(),
            bytes: 0,
            ended: false,
            alarm,
        }
    }
}

impl<S: AsyncRead + Unpin> Delayed<S> {
    /// Takes in what the socket has.
    fn take_in(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        while !self.ended && self.bytes < UNDER_WAY {
            let mut buf = [MaybeUninit::uninit(); CHUNK];
            let mut buf = ReadBuf::uninit(&mut buf);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buf) {
                Poll::Pending => break,
                Poll::Ready(read) => read?,
            }
            let bytes = buf.filled().to_vec();
            self.ended = bytes.is_empty();
            if !bytes.is_empty() {
                self.bytes += bytes.len();
                let at = (Instant::now() + self.round_trip).max(self.open_from);
                self.arriving.push_back(Arriving { at, bytes, taken: 0 });
            }
        }
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Delayed<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.round_trip.is_zero() {
            return Pin::new(&mut this.stream).poll_read(cx, buf);
        }
        this.take_in(cx)?;
        let Some(first) = this.arriving.front_mut() else {
            return if this.ended { Poll::Ready(Ok(())) } else { Poll::Pending };
        };
        ready!(this.alarm.poll_until(first.at, cx));
        let rest = first.bytes.get(first.taken..).unwrap_or_default();
        let (now, _) = rest.split_at(rest.len().min(buf.remaining()));
        buf.put_slice(now);
        first.taken += now.len();
        this.bytes -= now.len();
        if first.taken == first.bytes.len() {
            this.arriving.pop_front();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Delayed<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const ROUND_TRIP: Duration = Duration::from_millis(100);

    #[tokio::test(start_paused = true)]
    async fn the_first_bytes_wait_for_the_connection_and_later_ones_for_themselves() {
        let (mut client, server) = tokio::io::duplex(64);
        let mut server = Delayed::with(server, ROUND_TRIP, Alarm::rough());
        let began = Instant::now();
        for expected in [2, 3, 4] {
            client.write_all(b"hello").await.unwrap();
            let mut read = [0; 5];
            server.read_exact(&mut read).await.unwrap();
            assert_eq!((&read, began.elapsed()), (b"hello", ROUND_TRIP * expected));
        }
        drop(client);
        assert_eq!(server.read(&mut [0; 5]).await.unwrap(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_under_way_together_arrives_together() {
        let (mut client, server) = tokio::io::duplex(1 << 18);
        let mut server = Delayed::with(server, ROUND_TRIP, Alarm::rough());
        let began = Instant::now();
        client.write_all(&vec![7; 200_000]).await.unwrap();
        drop(client);
        let mut all = Vec::new();
        server.read_to_end(&mut all).await.unwrap();
        assert_eq!((all.len(), began.elapsed()), (200_000, ROUND_TRIP * 2));
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_round_trip_nothing_waits() {
        let (mut client, server) = tokio::io::duplex(64);
        let mut server = Delayed::new(server, Duration::ZERO);
        let began = Instant::now();
        client.write_all(b"hello").await.unwrap();
        server.read_exact(&mut [0; 5]).await.unwrap();
        assert_eq!(began.elapsed(), Duration::ZERO);
    }

    #[tokio::test]
    async fn in_real_time_nothing_is_early() {
        let (mut client, server) = tokio::io::duplex(64);
        let began = Instant::now();
        let mut server = Delayed::new(server, Duration::from_millis(1));
        for expected in 2..30 {
            client.write_all(b"hello").await.unwrap();
            server.read_exact(&mut [0; 5]).await.unwrap();
            assert!(began.elapsed() >= Duration::from_millis(expected));
        }
    }
}
