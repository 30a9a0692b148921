//! Who is at work: a person or a CI job, on a host, in a process.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A runner: one process that plans and applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The login name.
    pub user: String,
    /// The host.
    pub host: String,
    /// The process.
    pub pid: u32,
    /// The page of the CI job, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// Tells this runner from every other: the same words of two runners never make the same object.
    pub nonce: String,
}

impl Owner {
    /// This process. Drawn once for a run and kept: another call makes another owner.
    ///
    /// # Errors
    /// The system has no random numbers to give.
    pub fn of_this_process() -> std::io::Result<Owner> {
        let nonce = getrandom::u64().map_err(|e| std::io::Error::other(e.to_string()))?;
        let env = |name: &str| std::env::var(name).ok();
        Ok(Owner {
            user: login(&env),
            host: gethostname::gethostname().to_string_lossy().into_owned(),
            pid: std::process::id(),
            job: job(&env),
            nonce: format!("{nonce:016x}"),
        })
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Owner { user, host, pid, job, nonce: _ } = self;
        write!(f, "{user}@{host} (process {pid}")?;
        if let Some(job) = job {
            write!(f, ", {job}")?;
        }
        f.write_str(")")
    }
}

/// The environment.
type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

fn set(env: Environment<'_>, name: &str) -> Option<String> {
    env(name).filter(|value| !value.is_empty())
}

fn login(env: Environment<'_>) -> String {
    ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| set(env, name)).unwrap_or_else(|| "unknown".into())
}

/// The page of the CI job that this is, by what the usual servers put into the environment.
pub fn job(env: Environment<'_>) -> Option<String> {
    let github = || {
        let (server, repository) = (set(env, "GITHUB_SERVER_URL")?, set(env, "GITHUB_REPOSITORY")?);
        Some(format!("{server}/{repository}/actions/runs/{}", set(env, "GITHUB_RUN_ID")?))
    };
    let azure = || {
        let (server, project) = (set(env, "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI")?, set(env, "SYSTEM_TEAMPROJECT")?);
        Some(format!("{server}{project}/_build/results?buildId={}", set(env, "BUILD_BUILDID")?))
    };
    let url = github()
        .or_else(|| set(env, "CI_JOB_URL"))
        .or_else(azure)
        .or_else(|| ["BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL", "BUILD_URL"].iter().find_map(|name| set(env, name)))?;
    // a user and a password in a server's address are nobody's business
    let mut url = url::Url::parse(&url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some(url.to_string())
}

/// Whether this is a CI job, with or without a page of its own.
pub fn in_ci(env: Environment<'_>) -> bool {
    set(env, "CI").is_some_and(|ci| !ci.eq_ignore_ascii_case("false") && ci != "0")
        || ["TF_BUILD", "JENKINS_URL", "TEAMCITY_VERSION"].iter().any(|name| set(env, name).is_some())
        || job(env).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, &str)], page: Option<&str>, ci: bool) {
        let env = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        assert_eq!(job(&env).as_deref(), page, "{variables:?}");
        assert_eq!(in_ci(&env), ci, "{variables:?}");
    }

    #[test]
    fn a_job_is_known_by_its_environment() {
        check(&[], None, false);
        check(&[("CI", "true")], None, true);
        check(&[("CI", "false")], None, false);
        check(&[("CI", "")], None, false);
        check(
            &[
                ("CI", "true"),
                ("GITHUB_SERVER_URL", "https://github.com"),
                ("GITHUB_REPOSITORY", "acme/mesh"),
                ("GITHUB_RUN_ID", "42"),
            ],
            Some("https://github.com/acme/mesh/actions/runs/42"),
            true,
        );
        check(
            &[("CI_JOB_URL", "https://gitlab.example.com/a/-/jobs/7")],
            Some("https://gitlab.example.com/a/-/jobs/7"),
            true,
        );
        check(&[("BUILD_URL", "https://ci.example.com/job/mesh/3/")], Some("https://ci.example.com/job/mesh/3/"), true);
        check(&[("BUILD_URL", "not a page")], None, false);
        check(&[("TF_BUILD", "True")], None, true);
    }

    #[test]
    fn a_job_page_holds_no_password() {
        check(&[("BUILD_URL", "https://jane:hunter2@ci.example.com/3/")], Some("https://ci.example.com/3/"), true);
    }
}
