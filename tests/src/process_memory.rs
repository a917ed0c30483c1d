//! How much memory a process has needed at most.

use std::fs;

/// The peak of the memory that process `id` has held (`VmHWM`), in bytes.
///
/// # Panics
/// Where the process is gone, or the system is not Linux.
#[must_use]
pub fn peak(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).expect("the process is there");
    let kibibytes: u64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|line| line.trim().strip_suffix(" kB"))
        .and_then(|number| number.parse().ok())
        .expect("Linux tells VmHWM");
    kibibytes * 1024
}
