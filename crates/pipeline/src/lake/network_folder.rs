//! Tells a folder that other machines may write to, too. It judges by the kind of file system alone, and only on Linux.

use std::path::Path;

/// Kinds of file systems, by the number that `statfs(2)` tells, which lie on another machine or may do so. What is behind FUSE cannot be told:
/// it may be a disk, but also `sshfs`, `rclone` or a bucket, where a lock of one machine says nothing to the others.
const KINDS: [(u32, &str); 12] = [
    (0x6969, "NFS"),
    (0x517B, "SMB"),
    (0xFF53_4D42, "CIFS"),
    (0xFE53_4D42, "SMB 2"),
    (0x6573_5546, "FUSE"),
    (0x0102_1997, "9p"),
    (0x5346_414F, "AFS"),
    (0x00C3_6400, "Ceph"),
    (0x0BD0_0BD0, "Lustre"),
    (0x0116_1970, "GFS2"),
    (0x7461_636F, "OCFS2"),
    (0x4750_4653, "GPFS"),
];

/// The kind of the network file system that a folder is on, if it is on one.
///
/// # Errors
/// The system does not tell.
#[cfg(target_os = "linux")]
pub(super) fn network_kind(folder: &Path) -> std::io::Result<Option<&'static str>> {
    let file_system = rustix::fs::statfs(folder)?;
    Ok(kind_of(file_system.f_type as u32))
}

/// Nothing: other systems do not tell in a common way.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
pub(super) fn network_kind(_folder: &Path) -> std::io::Result<Option<&'static str>> {
    Ok(None)
}

fn kind_of(number: u32) -> Option<&'static str> {
    KINDS.into_iter().find(|(known, _)| *known == number).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_of_this_machine_is_no_network_folder() {
        let (ext4, nfs) = (0xEF53, 0x6969);
        assert_eq!((kind_of(ext4), kind_of(nfs)), (None, Some("NFS")));
    }
}
