//! Where a store is: a folder, or an address.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutPayload};
use url::Url;

use super::connect;
use super::error::StoreError;
use super::names::Layout;

/// Runs, journals, leases and last-applied facts of any number of meshes. Clones are the same store.
#[derive(Clone, Debug)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    pub(super) layout: Layout,
    place: String,
    folder: Option<PathBuf>,
    remote: bool,
}

/// What came of writing an object that must not be there yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Created {
    /// It is there, and durable.
    Ours,
    /// Somebody else's is there.
    Taken,
}

impl Store {
    /// The folder that is the store when none is named, in the current folder.
    pub const DEFAULT: &'static str = ".intermesh";

    /// The store at a path or an address: `s3://BUCKET/PREFIX`, `gs://…`, `az://…`, `file:///…`. Nothing is
    /// contacted or made yet.
    ///
    /// # Errors
    /// It is no address of a store, it holds a password, or what the environment says about it cannot be used.
    pub fn open(place: &str) -> Result<Store, StoreError> {
        let Some(url) = Url::parse(place).ok().filter(|_| place.contains("://")) else {
            return Store::folder(Path::new(place));
        };
        // an address ends up in messages and in CI logs
        let mut shown = url.clone();
        shown.set_query(None);
        shown.set_fragment(None);
        let _ = shown.set_password(None);
        let wrong = |why: String| StoreError::Place { place: shown.to_string(), why };
        if url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("an address holds no password, key or token; give them in the environment".into()));
        }
        if url.scheme() == "file" {
            let path = url.to_file_path().map_err(|()| wrong("it is not a path of this machine".into()))?;
            return Store::folder(&path);
        }
        let objects = match connect::remote(&url) {
            Some(objects) => objects.map_err(|e| wrong(e.to_string()))?,
            None => return Err(wrong(format!("`{}` is no kind of store that is known here", url.scheme()))),
        };
        let prefix = ObjectPath::from_url_path(url.path()).map_err(|e| wrong(e.to_string()))?;
        let place = shown.to_string().trim_end_matches('/').to_owned();
        Ok(Store { objects, layout: Layout::below(prefix), place, folder: None, remote: true })
    }

    /// The store in a local folder, which is made with the first object, for its owner alone.
    ///
    /// # Errors
    /// The path cannot be one of a folder.
    pub fn folder(path: &Path) -> Result<Store, StoreError> {
        let wrong = |why: String| StoreError::Place { place: path.display().to_string(), why };
        if path.is_file() {
            return Err(wrong("it is a file".into()));
        }
        let folder = resolved(path).map_err(|e| wrong(e.to_string()))?;
        let root = ObjectPath::from_absolute_path(&folder).map_err(|e| wrong(e.to_string()))?;
        // without it a record could be lost with the power, after the act that it announces
        let objects = Arc::new(LocalFileSystem::new().with_fsync(true));
        let place = path.display().to_string();
        Ok(Store { objects, layout: Layout::below(root), place, folder: Some(folder), remote: false })
    }

    /// A store in memory, for tests and rehearsals.
    pub fn in_memory() -> Store {
        Store::over(Arc::new(InMemory::new()), "memory")
    }

    /// A store over any other object store: one that counts, delays or fails.
    pub fn over(objects: Arc<dyn ObjectStore>, place: &str) -> Store {
        let layout = Layout::below(ObjectPath::default());
        Store { objects, layout, place: place.to_owned(), folder: None, remote: false }
    }

    /// Where it is, as it was given; nothing secret is in it.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Whether it is on another machine: other runners can see it.
    pub fn is_remote(&self) -> bool {
        self.remote
    }

    /// Whether it is a folder on this machine.
    pub fn is_folder(&self) -> bool {
        self.folder.is_some()
    }

    /// Writes an object that must not be there yet, durably.
    pub(super) async fn create(&self, path: &ObjectPath, bytes: Vec<u8>) -> Result<Created, StoreError> {
        self.make_folder().map_err(|e| failed("write", path, &e))?;
        let mut tries = 0;
        loop {
            tries += 1;
            let put = self.objects.put_opts(path, PutPayload::from(bytes.clone()), PutMode::Create.into()).await;
            let error = match put {
                Ok(_) => return Ok(Created::Ours),
                Err(error) => error,
            };
            let taken =
                matches!(error, object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. });
            // an error of a folder may mean that the object is there and not durable: that is not a success
            if !taken && self.is_folder() {
                return Err(failed("write", path, &error));
            }
            // the answer to an earlier try of this very request may have been lost: what is there decides
            match self.get(path).await {
                Ok(Some(found)) if found == bytes => return Ok(Created::Ours),
                Ok(Some(_)) => return Ok(Created::Taken),
                // two writers at once may both be refused
                Ok(None) if taken && tries < 5 => {}
                Ok(None) | Err(_) => return Err(failed("write", path, &error)),
            }
        }
    }

    /// The bytes of an object; none where there is no such object.
    pub(super) async fn get(&self, path: &ObjectPath) -> Result<Option<Vec<u8>>, StoreError> {
        let got = match self.objects.get(path).await {
            Ok(got) => got.bytes().await,
            Err(error) => Err(error),
        };
        match got {
            Ok(bytes) => Ok(Some(bytes.to_vec())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed("read", path, &error)),
        }
    }

    /// The names of the objects and of the folders directly in a folder.
    pub(super) async fn list(&self, folder: &ObjectPath) -> Result<Vec<String>, StoreError> {
        let listed = match self.objects.list_with_delimiter(Some(folder)).await {
            Ok(listed) => listed,
            Err(object_store::Error::NotFound { .. }) => return Ok(Vec::new()),
            Err(error) => return Err(failed("list", folder, &error)),
        };
        let objects = listed.objects.into_iter().map(|meta| meta.location);
        let names = objects.chain(listed.common_prefixes).filter_map(|path| path.filename().map(str::to_owned));
        let mut names: Vec<String> = names.collect();
        names.sort();
        Ok(names)
    }

    /// Deletes an object; one that is not there is no error.
    pub(super) async fn delete(&self, path: &ObjectPath) -> Result<(), StoreError> {
        match self.objects.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed("delete", path, &error)),
        }
    }

    /// Removes what a folder's objects leave behind on a file system: empty folders, and files that were never whole.
    pub(super) fn sweep(&self, path: &ObjectPath) {
        if let Some(folder) = &self.folder
            && let Some(rest) = path.as_ref().strip_prefix(self.layout.root().as_ref())
            && !rest.is_empty()
        {
            // what cannot be removed is empty and in nobody's way
            let _ = std::fs::remove_dir_all(folder.join(rest.trim_start_matches('/')));
        }
    }

    fn make_folder(&self) -> std::io::Result<()> {
        let Some(folder) = self.folder.as_ref().filter(|folder| !folder.is_dir()) else { return Ok(()) };
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        // plans and snapshots hold no secret, but tell a lot of a company
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
        #[cfg(unix)]
        if let Some(parent) = folder.parent() {
            std::fs::File::open(parent)?.sync_all()?;
        }
        // a journal does not belong into version control; whoever wants it there removes this file
        std::fs::write(folder.join(".gitignore"), "*\n")
    }
}

fn failed(doing: &'static str, path: &ObjectPath, error: &dyn std::error::Error) -> StoreError {
    // the library's own text ends with the request; its causes are where the reason is
    let mut why = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !why.contains(&cause_text) {
            why = format!("{why}: {cause_text}");
        }
        source = cause.source();
    }
    StoreError::Failed { doing, path: path.to_string(), why }
}

/// The absolute path of a folder that need not be there: what is there of it without links and `..`.
fn resolved(path: &Path) -> std::io::Result<PathBuf> {
    let absolute = std::path::absolute(path)?;
    let mut there = absolute.as_path();
    loop {
        match there.canonicalize() {
            Ok(real) => {
                let rest = absolute.strip_prefix(there).unwrap_or(Path::new(""));
                if rest.components().any(|part| part == Component::ParentDir) {
                    return Err(std::io::Error::other("it goes up again from a folder that is not there"));
                }
                return Ok(real.join(rest));
            }
            Err(error) => there = there.parent().ok_or(error)?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (place, words) in [
            ("ftp://host/x", "no kind of store"),
            ("s3://key:secret@bucket/x", "holds no password"),
            ("az://container/x?sig=abc", "holds no password"),
            ("file://host/x", "not a path of this machine"),
        ] {
            let error = Store::open(place).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(error.contains(words), "{place}: {error}");
            assert!(!error.contains("secret") && !error.contains("abc"), "{error}");
        }
        for place in ["somewhere/else", "file:///tmp/x"] {
            assert!(Store::open(place).is_ok_and(|store| store.is_folder() && !store.is_remote()), "{place}");
        }
    }

    #[tokio::test]
    async fn a_folder_is_made_for_its_owner_alone_and_only_when_something_is_written() {
        let temporary = tempfile::tempdir().unwrap();
        let place = temporary.path().join("a b#1%/deep");
        let store = Store::folder(&place).unwrap();
        let path = store.layout.meshes().join("x.json");
        assert_eq!(store.list(&store.layout.meshes()).await.unwrap(), Vec::<String>::new());
        assert_eq!(store.get(&path).await.unwrap(), None);
        assert!(!place.exists());
        assert_eq!(store.create(&path, b"one".to_vec()).await.unwrap(), Created::Ours);
        assert_eq!(store.create(&path, b"two".to_vec()).await.unwrap(), Created::Taken);
        assert_eq!(store.get(&path).await.unwrap(), Some(b"one".to_vec()));
        assert_eq!(store.list(&store.layout.meshes()).await.unwrap(), ["x.json"]);
        assert_eq!(std::fs::read(place.join("meshes/x.json")).unwrap(), b"one");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(place.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        }
        store.sweep(&store.layout.meshes());
        assert!(!place.join("meshes").exists() && place.exists());
    }
}
