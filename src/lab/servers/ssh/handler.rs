//! Who may come in: an OS administration account, by password or keyboard-interactive (field-notes 7).

use std::borrow::Cow;

use russh::server::{Auth, ChannelOpenHandle, Msg, Response, Session};
use russh::{Channel, ChannelId, Pty};
use tokio::task::JoinSet;

use super::super::here::Here;
use super::channel::converse;

/// One connection's side of the protocol.
pub(super) struct Handler {
    here: Here,
    /// The open sessions; they end with the connection.
    sessions: JoinSet<()>,
}

impl Handler {
    pub(super) fn new(here: Here) -> Handler {
        Handler { here, sessions: JoinSet::new() }
    }

    fn check(&self, username: &str, password: &str) -> Auth {
        if self.here.log_in_to_platform(username, password) { Auth::Accept } else { Auth::reject() }
    }
}

impl russh::server::Handler for Handler {
    type Error = russh::Error;

    async fn authentication_banner(&mut self) -> Result<Option<String>, Self::Error> {
        let banners = [None, Some("Authorized use only.\n"), None];
        Ok(self.here.pick("ssh banner", banners).map(str::to_owned))
    }

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        Ok(self.check(user, password))
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        user: &str,
        _submethods: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Self::Error> {
        let Some(mut answers) = response else {
            const PROMPT: &[(Cow<'static, str>, bool)] = &[(Cow::Borrowed("Password: "), false)];
            return Ok(Auth::Partial { name: "".into(), instructions: "".into(), prompts: PROMPT.into() });
        };
        let password = answers.next().unwrap_or_default();
        Ok(std::str::from_utf8(&password).map_or_else(|_| Auth::reject(), |password| self.check(user, password)))
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        reply.accept().await;
        self.sessions.spawn(converse(channel, self.here.clone()));
        Ok(())
    }

    async fn pty_request(
        &mut self,
        channel: ChannelId,
        _term: &str,
        _columns: u32,
        _rows: u32,
        _width: u32,
        _height: u32,
        _modes: &[(Pty, u32)],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_success(channel)
    }

    async fn shell_request(&mut self, channel: ChannelId, session: &mut Session) -> Result<(), Self::Error> {
        session.channel_success(channel)
    }

    async fn exec_request(&mut self, channel: ChannelId, _: &[u8], session: &mut Session) -> Result<(), Self::Error> {
        session.channel_success(channel)
    }

    /// Nothing but the CLI is served: no copying of files.
    async fn subsystem_request(
        &mut self,
        channel: ChannelId,
        _name: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(channel)
    }
}
