//! What is known of the rules about `accept`; [`crate::mesh::accept`] runs them, after all the others.

use super::{OURS, Rule};
use crate::mesh::finding::Severity;

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "IM060",
        title: "an acceptance of something that does not exist",
        severity: Severity::Error,
        procedure: None,
        source: OURS,
        explanation: "`accept` names a rule (IM014) or a kind of drift (DR002) by its code. A code that is mistyped would accept nothing, and nobody \
            would know until the finding stops a pipeline.",
        bad: "accept:\n  - {rule: IM104, reason: TLS required by audit}\n",
        good: "defaults:\n  transport: tls\n  credentials: {axl: axl}\naccept:\n  - {rule: IM014, reason: TLS required by audit}\n",
    },
    Rule {
        code: "IM061",
        title: "an acceptance that matches nothing",
        severity: Severity::Warning,
        procedure: None,
        source: OURS,
        explanation: "The file has no finding of the rule that is accepted: it has been repaired, or never was there. \
            An acceptance that stays would hide the same mistake when somebody makes it again. Errors cannot be \
            accepted at all.",
        bad: "accept:\n  - {rule: IM014, reason: TLS required by audit}\n",
        good: "defaults:\n  transport: tls\n  credentials: {axl: axl}\naccept:\n  - {rule: IM014, reason: TLS required by audit}\n",
    },
    Rule {
        code: "IM062",
        title: "an acceptance that has run out",
        severity: Severity::Warning,
        procedure: None,
        source: OURS,
        explanation: "`until` is the last day on which the finding is accepted. After it the finding counts again, \
            and this one says why it is back. Whoever owns the acceptance decides: a later day, or a repair.",
        bad: "defaults:\n  transport: tls\n  credentials: {axl: axl}\naccept:\n  - {rule: IM014, reason: TLS required by audit, owner: uc-team, until: 2020-06-30}\n",
        good: "defaults:\n  transport: tls\n  credentials: {axl: axl}\naccept:\n  - {rule: IM014, reason: TLS required by audit, owner: uc-team, until: 2099-06-30}\n",
    },
    Rule {
        code: "IM063",
        title: "the last day of an acceptance is not a day",
        severity: Severity::Error,
        procedure: None,
        source: OURS,
        explanation: "`until` is a day of the calendar, `YYYY-MM-DD`. With another text nobody could tell whether the \
            acceptance still holds.",
        bad: "defaults:\n  transport: tls\n  credentials: {axl: axl}\naccept:\n  - {rule: IM014, reason: TLS required by audit, until: 2027-02-30}\n",
        good: "defaults:\n  transport: tls\n  credentials: {axl: axl}\naccept:\n  - {rule: IM014, reason: TLS required by audit, until: 2027-02-28}\n",
    },
    Rule {
        code: "IM064",
        title: "an acceptance that is limited to nothing",
        severity: Severity::Error,
        procedure: None,
        source: OURS,
        explanation: "Drift is accepted place by place: `cluster`, `peer`, `node`, `service` and `parameter` say where. \
            A cluster that the file does not have would accept nothing, and nobody would know until a nightly check \
            fails; a rule's findings are those of the file, and have no such place.",
        bad: "accept:\n  - {rule: DR002, cluster: emaa, reason: peered with the lab}\n",
        good: "accept:\n  - {rule: DR002, cluster: emea, peer: imp1.lab.example.com, reason: peered with the lab}\n",
    },
];
