//! What of the CLI nobody has published: texts and habits that the seed picks.

use crate::lab::servers::pick::pick;

/// The CLI's way to speak.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    seed: u64,
}

impl Words {
    pub(super) fn new(seed: u64) -> Words {
        Words { seed }
    }

    /// One of the options for a purpose.
    pub(super) fn pick<T: Copy, const N: usize>(self, purpose: &str, options: [T; N]) -> T {
        pick(self.seed, purpose, options)
    }

    /// The text after a login.
    pub(super) fn welcome(self) -> &'static str {
        self.pick(
            "cli welcome",
            [
                "Command Line Interface is starting up, please wait ...\n\n   \
                 Welcome to the Platform Command Line Interface\n\n",
                "\n   Welcome to the Platform Command Line Interface\n\nVMware Installation:\n\t4 vCPU\n\t8192 Mbytes RAM\n\n",
                "Welcome to the Platform Command Line Interface (version 3.0.0)\n\n",
            ],
        )
    }

    pub(super) fn greets_exec(self) -> bool {
        self.pick("cli greets exec", [false, true])
    }

    pub(super) fn answers_at_key(self) -> bool {
        self.pick("cli answers at key", [false, true])
    }

    pub(super) fn unknown_command(self) -> &'static str {
        self.pick(
            "cli unknown command",
            [
                "No valid command entered\n",
                "Unknown command\n",
                "Executed command unsuccessfully\nNo valid command entered\n",
            ],
        )
    }

    pub(super) fn incomplete(self) -> &'static str {
        self.pick(
            "cli incomplete",
            ["Incorrect number of parameters entered\n", "Incomplete command entered\n", "Invalid parameters\n"],
        )
    }

    /// Whether `connectivity` to a port asks before it tests, as the other form does.
    pub(super) fn asks_before_port(self) -> bool {
        self.pick("cli asks before port", [false, true])
    }

    /// Whether an order that takes a service down asks first.
    pub(super) fn asks_before_service(self) -> bool {
        self.pick("cli asks before service", [false, false, true])
    }

    /// The word for a service that runs.
    pub(super) fn started(self) -> &'static str {
        self.pick("cli started", ["STARTED", "RUNNING"])
    }
}
