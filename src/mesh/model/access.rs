//! How clusters are logged in to, and whom is trusted: always by reference.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::read::{at_least_one, given};
use crate::mesh::names::{CredentialName, NodeName};

/// An account: its user name, and where its password is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// The account's user name.
    pub username: String,
    /// Where the password is: exactly one of `env`, `file`, `exec`. Never the password itself.
    pub password: PasswordSource,
}

/// Where a password is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PasswordSource {
    /// In an environment variable.
    Env(String),
    /// In a file, relative to the mesh file; one that group or others can read is refused.
    File(String),
    /// On the standard output of a program: its name and its arguments. No shell is involved.
    #[serde(deserialize_with = "at_least_one")]
    Exec(Vec<String>),
}

// An enum's own schema would be a `oneOf`, which editors explain as a list of three riddles.
impl JsonSchema for PasswordSource {
    fn schema_name() -> Cow<'static, str> {
        "PasswordSource".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Where a password is: exactly one of `env`, `file`, `exec`.",
            "type": "object",
            "properties": {
                "env": {
                    "description": "The name of the environment variable that holds the password.",
                    "type": "string"
                },
                "file": {
                    "description": "The file that holds the password, relative to the mesh file. The line break at its \
                                    end does not count. A file that group or others can read is refused.",
                    "type": "string"
                },
                "exec": {
                    "description": "The program that prints the password, and its arguments, one item each: \
                                    `[vault, kv, get, -field=password, kv/imp/emea]`. No shell is involved; it has 30 \
                                    seconds.",
                    "type": "array",
                    "items": {"type": "string"},
                    "minItems": 1
                }
            },
            "additionalProperties": false,
            "minProperties": 1,
            "maxProperties": 1
        })
    }
}

/// Which credential is used for what. Each is the name of an entry of `credentials`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// The credential with which intermesh logs in to AXL. Its account needs the role Standard AXL API Access.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub axl: Option<CredentialName>,
    /// The credential that the *other* clusters store in their peer entry for this one (AXL Username and AXL Password
    /// of the peer's page). The `axl` one when not given.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub peer: Option<CredentialName>,
    /// The credential for the administration pages and Control Center. The `axl` one when not given.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub admin: Option<CredentialName>,
    /// The credential for the platform CLI over SSH. Without it the checks that need the CLI are skipped, and the plan
    /// says so.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub cli: Option<CredentialName>,
}

/// What TLS certificates are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// A PEM file of certificate authorities, relative to the mesh file. The system's authorities when not given.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
    /// A file of public key fingerprints for self-signed certificates, relative to the mesh file; `intermesh trust`
    /// writes it.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub pins_file: Option<String>,
}

/// A Unified CM cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnifiedCm {
    /// The Unified CM publisher's node name: IP address, host name or FQDN.
    pub publisher: NodeName,
    /// The credential for its AXL: the name of an entry of `credentials`.
    pub credentials: CredentialName,
}
