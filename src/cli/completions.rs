//! `intermesh completions`: what a shell needs to complete the command line.

use clap::Args;
use clap_complete::Shell;

use super::{Exit, Failure, Printer};

/// Print the completions of a shell, to be kept where it looks for them
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    intermesh completions bash > ~/.local/share/bash-completion/completions/intermesh\n  \
    intermesh completions zsh > ~/.zfunc/_intermesh\n  \
    intermesh completions fish > ~/.config/fish/completions/intermesh.fish\n  \
    intermesh completions powershell >> $PROFILE")]
pub struct CompletionsCommand {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl CompletionsCommand {
    pub(super) fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut super::definition(), "intermesh", &mut text);
        printer.out(&String::from_utf8_lossy(&text));
        Ok(Exit::Done)
    }
}
