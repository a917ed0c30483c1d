//! [`Layout`]: which path an upload has, and the settings that fix it for good.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use fs4::FileExt;
use oxitus_core::proto::id::UploadId;
use oxitus_core::storage::{Error, ErrorKind};
use serde::{Deserialize, Serialize};

/// The file that says how a directory is laid out.
const SETTINGS: &str = "oxitus.json";

/// What a record's name has behind the id. No id holds a dot.
const RECORD: &str = ".info";

/// How many characters of an id name one shard.
const SHARD_WIDTH: usize = 2;

/// Stands for what an id is too short for.
const PADDING: char = '_';

/// Where the files of an upload are.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    root: PathBuf,
    shard_depth: u8,
}

impl Layout {
    /// The deepest shards: three levels keep many millions of uploads apart.
    pub(crate) const DEEPEST: u8 = 3;

    pub(crate) fn new(root: PathBuf, shard_depth: u8) -> Self {
        Self { root, shard_depth }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn shard_depth(&self) -> u8 {
        self.shard_depth
    }

    /// The bytes of an upload.
    pub(crate) fn data(&self, id: &UploadId) -> PathBuf {
        self.directory(id).join(id.as_str())
    }

    /// The record of an upload.
    pub(crate) fn record(&self, id: &UploadId) -> PathBuf {
        self.directory(id).join(format!("{id}{RECORD}"))
    }

    /// The directory of an upload.
    pub(crate) fn directory(&self, id: &UploadId) -> PathBuf {
        (0..self.shard_depth).fold(self.root.clone(), |directory, level| {
            directory.join(shard(id, level))
        })
    }

    /// The directory of an upload and those above it, up to the root.
    pub(crate) fn directories(&self, id: &UploadId) -> Vec<PathBuf> {
        self.directory(id)
            .ancestors()
            .take(usize::from(self.shard_depth) + 1)
            .map(Path::to_owned)
            .collect()
    }

    /// The upload that a file of this name belongs to, be it data or record.
    pub(crate) fn owner(name: &str) -> Option<UploadId> {
        UploadId::parse(name.strip_suffix(RECORD).unwrap_or(name)).ok()
    }

    /// Whether a directory of this name can be a shard.
    pub(crate) fn is_shard(name: &str) -> bool {
        name.len() == SHARD_WIDTH && !name.contains('.')
    }

    /// Makes the root, or sees that it was made with the same settings.
    pub(crate) fn establish(&self, sync: bool) -> Result<(), Error> {
        self.settle(sync).map_err(|source| {
            Error::with_source(source.kind(), "the directory is of no use", source)
        })
    }

    fn settle(&self, sync: bool) -> Result<(), Unsuitable> {
        if self.shard_depth > Self::DEEPEST {
            return Err(Unsuitable::Depth(self.shard_depth));
        }
        let is_new = !self.root.try_exists()?;
        fs::create_dir_all(&self.root)?;
        if is_new && sync {
            let parent = self.root.join("..");
            File::open(parent)?.sync_all()?;
        }
        // Locked instead of made with O_EXCL: a process that dies between the two steps leaves an
        // empty file, which the next one fills.
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.root.join(SETTINGS))?;
        FileExt::lock(&file)?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        if text.is_empty() {
            let settings = Settings {
                version: Settings::VERSION,
                shard_depth: self.shard_depth,
            };
            let mut text = serde_json::to_string(&settings).map_err(Unsuitable::Settings)?;
            text.push('\n');
            file.write_all(text.as_bytes())?;
            if sync {
                file.sync_all()?;
                File::open(&self.root)?.sync_all()?;
            }
            return Ok(());
        }
        let version: Version = serde_json::from_str(&text).map_err(Unsuitable::Settings)?;
        if version.version != Settings::VERSION {
            return Err(Unsuitable::Version(version.version));
        }
        let settings: Settings = serde_json::from_str(&text).map_err(Unsuitable::Settings)?;
        if settings.shard_depth != self.shard_depth {
            return Err(Unsuitable::OtherDepth {
                there: settings.shard_depth,
                here: self.shard_depth,
            });
        }
        Ok(())
    }
}

/// The name of the directory in which `id` lies, at one level.
pub(crate) fn shard(id: &UploadId, level: u8) -> String {
    id.as_str()
        .chars()
        .chain(std::iter::repeat(PADDING))
        .skip(usize::from(level) * SHARD_WIDTH)
        .take(SHARD_WIDTH)
        .collect()
}

#[derive(Debug, Serialize, Deserialize)]
struct Settings {
    version: u64,
    shard_depth: u8,
}

impl Settings {
    const VERSION: u64 = 1;
}

#[derive(Debug, Deserialize)]
struct Version {
    version: u64,
}

/// Why a directory cannot be used.
#[derive(Debug, thiserror::Error)]
enum Unsuitable {
    #[error("it cannot be opened")]
    Io(#[from] io::Error),
    #[error("its settings cannot be read")]
    Settings(#[source] serde_json::Error),
    #[error("it has the format {0}, which is newer than this software")]
    Version(u64),
    #[error("it was made with a shard depth of {there}, not {here}")]
    OtherDepth { there: u8, here: u8 },
    #[error("a shard depth of {0} is more than {max}", max = Layout::DEEPEST)]
    Depth(u8),
}

impl Unsuitable {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Settings(_) | Self::Version(_) => ErrorKind::Corrupt,
            Self::Io(_) | Self::OtherDepth { .. } | Self::Depth(_) => ErrorKind::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> UploadId {
        UploadId::parse(text).unwrap()
    }

    #[test]
    fn shards_are_cut_from_the_id() {
        let paths = |depth, text| {
            let layout = Layout::new("/r".into(), depth);
            (layout.data(&id(text)), layout.record(&id(text)))
        };
        assert_eq!(
            paths(0, "abcdef"),
            ("/r/abcdef".into(), "/r/abcdef.info".into())
        );
        assert_eq!(paths(2, "abcdef").0, Path::new("/r/ab/cd/abcdef"));
        assert_eq!(paths(2, "a").1, Path::new("/r/a_/__/a.info"));
        let directories = Layout::new("/r".into(), 2).directories(&id("abc"));
        assert_eq!(directories, ["/r/ab/c_", "/r/ab", "/r"].map(PathBuf::from));
    }

    #[test]
    fn files_know_their_upload() {
        assert_eq!(Layout::owner("abc"), Some(id("abc")));
        assert_eq!(Layout::owner("abc.info"), Some(id("abc")));
        for name in [
            "oxitus.json",
            ".info",
            "abc.info.info",
            "abc.tmp",
            "ABC",
            "lost+found",
        ] {
            assert_eq!(Layout::owner(name), None, "{name}");
        }
    }

    #[test]
    fn settings_are_fixed_by_the_first() {
        let directory = tempfile::tempdir().unwrap();
        let establish = |depth| {
            Layout::new(directory.path().join("new"), depth)
                .establish(true)
                .map_err(|e| e.kind())
        };
        assert_eq!(establish(Layout::DEEPEST + 1), Err(ErrorKind::Other));
        assert_eq!(establish(1), Ok(()));
        assert_eq!(establish(1), Ok(()));
        assert_eq!(establish(0), Err(ErrorKind::Other));
        let settings = directory.path().join("new").join(SETTINGS);
        assert_eq!(
            fs::read_to_string(&settings).unwrap(),
            "{\"version\":1,\"shard_depth\":1}\n"
        );
        fs::write(&settings, "").unwrap();
        assert_eq!(establish(1), Ok(()), "a process died before it wrote them");
        for corrupt in ["{\"version\":2,\"shards\":\"new\"}", "{", "{}"] {
            fs::write(&settings, corrupt).unwrap();
            assert_eq!(establish(1), Err(ErrorKind::Corrupt), "{corrupt}");
            assert_eq!(fs::read_to_string(&settings).unwrap(), corrupt);
        }
    }
}
