//! The `intermesh` command.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    intermesh::cli::main()
}
