//! How much memory a process has needed at most, and whether that is too much.

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

/// Prints a peak, and says whether it is within its limit, both in bytes.
#[must_use]
pub fn report(what: &str, peak: u64, limit: u64) -> bool {
    let is_well = peak < limit;
    let [peak, limit] = [peak, limit].map(|bytes| bytes / 1024);
    let verdict = if is_well { "ok" } else { "TOO MUCH" };
    println!("{what}: VmHWM {peak} KiB, limit {limit} KiB, {verdict}");
    is_well
}
