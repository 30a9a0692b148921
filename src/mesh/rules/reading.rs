//! What can be wrong before a mesh file says anything: its text, its keys, the kinds of its values.

use super::{OURS, Rule};
use crate::mesh::finding::Severity;

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "IM001",
        title: "the file cannot be read",
        severity: Severity::Error,
        procedure: None,
        source: OURS,
        explanation: "A mesh file is UTF-8 text in YAML 1.2 (or JSON, which is a part of it): one document of at most \
            4 MiB, indented with spaces, without tags, directives, control characters or a byte order mark. Aliases \
            may repeat a few values; the merge key `<<` belongs to YAML 1.1 and is refused, because readers differ on \
            what it means. The first thing that is in the way is reported, since what follows it cannot be trusted.",
        bad: "clusters:\n\t- {name: emea, publisher: imp1.emea.example.com}\n",
        good: "clusters:\n  - {name: emea, publisher: imp1.emea.example.com}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
    },
    Rule {
        code: "IM002",
        title: "a key is given twice",
        severity: Severity::Error,
        procedure: None,
        source: OURS,
        explanation: "YAML does not say which of two equal keys wins, and readers differ: one half of a team would \
            review what the other half's tool ignores. Both places are shown; keep one.",
        bad: "policy:\n  max_deletes: 0\n  max_restarts: 40\n  max_deletes: 12\n",
        good: "policy:\n  max_deletes: 12\n  max_restarts: 40\n  unmanaged_peers: delete\n",
    },
    Rule {
        code: "IM003",
        title: "a key is not known",
        severity: Severity::Error,
        procedure: None,
        source: OURS,
        explanation: "A key that is ignored is a wish that is ignored: `max_delete: 0` would protect nothing. So every \
            key must be known where it stands. The message names the key that was probably meant, or the place \
            where the key belongs. `schemas/mesh.v1.json` makes editors complete and check keys.",
        bad: "policy:\n  max_restart: 40\n",
        good: "policy:\n  max_restarts: 40\n",
    },
    Rule {
        code: "IM004",
        title: "a key is missing",
        severity: Severity::Error,
        procedure: None,
        source: OURS,
        explanation: "Some keys have no sensible default. A cluster, for example, is nothing without the node name of \
            its database publisher: that is where peers are configured, and what the other clusters point to.",
        bad: "clusters:\n  - {name: emea, publisher: imp1.emea.example.com}\n  - {name: apac}\n",
        good: "clusters:\n  - {name: emea, publisher: imp1.emea.example.com}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
    },
    Rule {
        code: "IM005",
        title: "a value is of the wrong kind",
        severity: Severity::Error,
        procedure: None,
        source: OURS,
        explanation: "Unquoted scalars follow the YAML 1.2 core schema: `14` is a number and `\"14\"` is a text, `true` \
            and `false` are the only booleans (`yes` and `on` are texts), and a number has no leading zeros. A key \
            with nothing after it has no value at all; leave the key out instead.",
        bad: "defaults:\n  release: 14\n  credentials: {axl: axl}\n",
        good: "defaults:\n  release: \"14\"\n  credentials: {axl: axl}\n",
    },
    Rule {
        code: "IM006",
        title: "a password stands in the file",
        severity: Severity::Error,
        procedure: None,
        source: OURS,
        explanation: "A mesh file is reviewed, mailed and kept for years; a password in it is a password lost. Write \
            where the password is: `env` for a variable, `file` for a file that only its owner can read, `exec` for a \
            program such as a vault's client. If the file has been committed, change the password: history keeps it.",
        bad: "credentials:\n  axl: {username: icsa, password: hunter2}\n",
        good: "credentials:\n  axl: {username: icsa, password: {env: AXL_PASSWORD}}\n",
    },
    Rule {
        code: "IM007",
        title: "a value is not one of those that are known",
        severity: Severity::Error,
        procedure: None,
        source: OURS,
        explanation: "Some keys take one of a few words. The message lists them, and names the one that was probably \
            meant. Words are case-sensitive.",
        bad: "topology:\n  shape: ful\n",
        good: "topology:\n  shape: full\n",
    },
    Rule {
        code: "IM008",
        title: "a password's reference is not exactly one of env, file and exec",
        severity: Severity::Error,
        procedure: None,
        source: OURS,
        explanation: "With two references nobody can tell which one counts, and with none there is no password. Give \
            exactly one of `env`, `file` and `exec`. `intermesh credentials check` says whether it resolves.",
        bad: "credentials:\n  axl: {username: icsa, password: {env: AXL_PASSWORD, file: axl.password}}\n",
        good: "credentials:\n  axl: {username: icsa, password: {file: axl.password}}\n",
    },
];
