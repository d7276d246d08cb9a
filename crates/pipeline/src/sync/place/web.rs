//! Files that a web server lists on pages. Links are followed below the first page only, and each file is asked for its size.

use std::collections::BTreeMap;

use reqwest::Method;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_LENGTH, ETAG, HeaderMap, HeaderValue, IF_MATCH, LAST_MODIFIED, RANGE};
use url::Url;

use super::{Coming, Entry, coming, http_date};
use crate::remote::{Answer, Http, Trouble, encode_path};
use crate::sync::index_page::{MAX_PAGE_BYTES, links};
use crate::sync::plan::{Object, Selection};
use crate::sync::workers;

/// Folders below the first page.
const MAX_FOLDERS: usize = 10_000;
const MAX_DEPTH: usize = 16;

pub(super) struct WebPlace {
    http: Http,
    start: Url,
    at_once: usize,
}

impl WebPlace {
    pub(super) fn open(http: Http, address: &str, at_once: usize) -> Result<Self, String> {
        let mut start = Url::parse(address).map_err(|error| error.to_string())?;
        if !start.username().is_empty() || start.password().is_some() {
            return Err("a name or password in an address would be seen by others".to_owned());
        }
        if start.query().is_some() || start.fragment().is_some() {
            return Err("it is not the address of a folder".to_owned());
        }
        if !start.path().ends_with('/') {
            let path = format!("{}/", start.path());
            start.set_path(&path);
        }
        Ok(Self { http, start, at_once })
    }

    pub(super) fn address(&self) -> &str {
        self.start.as_str()
    }

    /// The last folder of the address, else the server's name.
    pub(super) fn folder_name(&self) -> String {
        let last = self.start.path().trim_end_matches('/').rsplit('/').next().and_then(czar_formats::percent_decoded);
        last.filter(|name| !name.is_empty()).unwrap_or_else(|| self.start.host_str().unwrap_or_default().to_owned())
    }

    /// Tells each file that is linked; its size is not known yet.
    pub(super) fn list(&self, each: &mut dyn FnMut(Entry)) -> Result<(), Trouble> {
        let mut open = vec![String::new()];
        let mut n_folders = 1;
        while let Some(folder) = open.pop() {
            let address = self.url(&folder)?;
            let page = self.http.insist(|| self.ask(Method::GET, &address, HeaderMap::new())?.whole(MAX_PAGE_BYTES))?;
            for link in links(&page, &address) {
                let key = format!("{folder}{}", link.name);
                if !link.is_folder {
                    each(Entry { key, n_bytes: 0, modified_at: 0, etag: None });
                } else if folder.matches('/').count() < MAX_DEPTH {
                    n_folders += 1;
                    if n_folders > MAX_FOLDERS {
                        return Err(Trouble::strange(format!("there are more than {MAX_FOLDERS} folders")));
                    }
                    open.push(format!("{key}/"));
                }
            }
        }
        Ok(())
    }

    /// Asks for size and version of each object; those before a wanted day are left out, as they are not to be fetched anyway.
    pub(super) fn look_at(&self, objects: Vec<Object>, selection: &Selection) -> (Vec<Object>, Vec<(String, String)>) {
        let is_wanted = |object: &Object| selection.since.is_none_or(|since| object.date.is_none_or(|date| date >= since));
        let asked: Vec<String> = objects.iter().filter(|object| is_wanted(object)).map(|object| object.entry.key.clone()).collect();
        let mut found: BTreeMap<String, Result<Entry, Trouble>> = BTreeMap::new();
        let outcome: Result<(), std::convert::Infallible> = workers::for_each(
            &asked,
            self.at_once,
            |key| self.look(key),
            |ready| {
                found.extend(ready.into_iter().map(|(key, entry)| (key.clone(), entry)));
                Ok(())
            },
        );
        let Ok(()) = outcome;
        let mut unreadable = Vec::new();
        let objects = objects.into_iter().filter_map(|object| match found.remove(&object.entry.key) {
            Some(Ok(entry)) => Some(Object { entry, ..object }),
            Some(Err(trouble)) => {
                unreadable.push((object.entry.key, trouble.to_string()));
                None
            }
            None => None,
        });
        (objects.collect(), unreadable)
    }

    pub(super) fn get(&self, entry: &Entry, from: u64) -> Result<Coming, Trouble> {
        let mut headers = HeaderMap::new();
        if from > 0 {
            headers.insert(RANGE, HeaderValue::from_str(&format!("bytes={from}-")).map_err(|_| Trouble::strange("no range"))?);
        }
        // A weak ETag fits no condition (RFC 9110, 13.1.1); the answer's own is compared in any case.
        if let Some(etag) = entry.etag.as_deref().filter(|etag| !etag.starts_with("W/")).and_then(|etag| HeaderValue::from_str(etag).ok()) {
            headers.insert(IF_MATCH, etag);
        }
        let answer = self.ask(Method::GET, &self.url(&entry.key)?, headers)?;
        let modified_at = answer.header(&LAST_MODIFIED).and_then(http_date).unwrap_or_default();
        if modified_at != entry.modified_at {
            return Err(super::changed());
        }
        coming(answer, entry, from, true)
    }

    pub(super) fn look(&self, key: &str) -> Result<Entry, Trouble> {
        let address = self.url(key)?;
        let answer = self.http.insist(|| self.ask(Method::HEAD, &address, HeaderMap::new()))?;
        let n_bytes = answer.header(&CONTENT_LENGTH).and_then(|text| text.parse().ok());
        Ok(Entry {
            key: key.to_owned(),
            n_bytes: n_bytes.ok_or_else(|| Trouble::strange("the server does not say how large the file is"))?,
            modified_at: answer.header(&LAST_MODIFIED).and_then(http_date).unwrap_or_default(),
            etag: answer.header(&ETAG).map(str::to_owned),
        })
    }

    pub(super) fn hint(&self, trouble: &Trouble, setting: &str) -> String {
        match trouble.status() {
            Some(401 | 403) => {
                format!("`{}` asks for a password, or lists no files: ask who runs it", self.start.host_str().unwrap_or_default())
            }
            Some(301..=308 | 404 | 410) => format!("`{setting}` in czar.toml has to be the address of a page that lists files"),
            Some(_) => "the server has trouble of its own: try again later".to_owned(),
            None => format!("check the network, and the address in `{setting}`"),
        }
    }

    fn url(&self, key: &str) -> Result<Url, Trouble> {
        let mut url = self.start.clone();
        let path = format!("{}{}", self.start.path(), encode_path(key));
        url.set_path(&path);
        if url.path() == path { Ok(url) } else { Err(Trouble::strange("the name cannot be asked for")) }
    }

    fn ask(&self, method: Method, url: &Url, mut headers: HeaderMap) -> Result<Answer, Trouble> {
        // A packed body would have another size.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let answer = self.http.send(method, url, headers)?;
        match answer.status() {
            200 | 206 => Ok(answer),
            _ => Err(answer.into_trouble()),
        }
    }
}
