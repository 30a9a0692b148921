//! The `intermesh` command.

#![forbid(unsafe_code)]

/// Plans are made of many small pieces: a fifth of the time went to the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    intermesh::cli::main()
}
