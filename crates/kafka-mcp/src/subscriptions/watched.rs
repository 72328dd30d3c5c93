//! What the streams watch.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use super::{mailbox::Mailbox, sight::Sight, watched_as};
use crate::{
    failure::{Code, Failure},
    resources::ResourceUri,
};

/// The resources that streams watch, with what was last seen of each.
#[derive(Debug)]
pub(super) struct Watched {
    most: usize,
    resources: Mutex<HashMap<ResourceUri, Resource>>,
    /// There is a resource that nobody has looked at.
    addition: Notify,
}

#[derive(Debug, Default)]
struct Resource {
    seen: Option<Sight>,
    watchers: Vec<Watcher>,
}

/// A stream, and the URIs by which it knows a resource.
#[derive(Debug)]
struct Watcher {
    mailbox: Arc<Mailbox>,
    uris: Vec<Arc<str>>,
}

impl Watched {
    /// Has room for this many resources.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            resources: Mutex::default(),
            addition: Notify::new(),
        }
    }

    /// Adds a stream that watches `uris`.
    ///
    /// # Errors
    ///
    /// If others watch so much that there is no room for it.
    pub(super) fn add(&self, uris: &[String]) -> Result<Watch<'_>, Failure> {
        let mut wanted: HashMap<ResourceUri, Vec<Arc<str>>> = HashMap::new();
        for uri in uris {
            if let Some(resource) = watched_as(uri) {
                wanted
                    .entry(resource)
                    .or_default()
                    .push(uri.as_str().into());
            }
        }
        let mut resources = self.resources();
        let new = wanted
            .keys()
            .filter(|resource| !resources.contains_key(resource));
        if resources.len() + new.count() > self.most {
            let message = format!("the server watches {} resources already", resources.len());
            return Err(Failure::new(Code::TooManyStreams, message).retriable());
        }
        let watch = Watch {
            watched: self,
            mailbox: Arc::default(),
            resources: wanted.keys().cloned().collect(),
        };
        for (resource, uris) in wanted {
            let mailbox = Arc::clone(&watch.mailbox);
            let resource = resources.entry(resource).or_default();
            resource.watchers.push(Watcher { mailbox, uris });
            if resource.seen.is_none() {
                self.addition.notify_one();
            }
        }
        drop(resources);
        Ok(watch)
    }

    /// Waits for a resource that nobody has looked at.
    pub(super) async fn addition(&self) {
        self.addition.notified().await;
    }

    pub(super) fn all(&self) -> Vec<ResourceUri> {
        self.resources().keys().cloned().collect()
    }

    /// Those that nobody has looked at.
    pub(super) fn unseen(&self) -> Vec<ResourceUri> {
        let resources = self.resources();
        let unseen = resources
            .iter()
            .filter(|(_, resource)| resource.seen.is_none());
        unseen.map(|(uri, _)| uri.clone()).collect()
    }

    /// Takes note of what was seen of a resource, and tells who watches it if that is new.
    pub(super) fn saw(&self, resource: &ResourceUri, sight: Sight) {
        let mut resources = self.resources();
        // Who watched it may have left.
        let Some(resource) = resources.get_mut(resource) else {
            return;
        };
        let before = resource.seen.replace(sight);
        if before.is_some_and(|before| before != sight) {
            for watcher in &resource.watchers {
                watcher.mailbox.put(&watcher.uris);
            }
        }
    }

    fn resources(&self) -> MutexGuard<'_, HashMap<ResourceUri, Resource>> {
        self.resources
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one stream watches, until it is dropped.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    watched: &'a Watched,
    mailbox: Arc<Mailbox>,
    resources: Vec<ResourceUri>,
}

impl Watch<'_> {
    /// How many resources.
    pub(super) fn len(&self) -> usize {
        self.resources.len()
    }

    /// The next URI whose resource has changed.
    pub(super) async fn changed(&self) -> Arc<str> {
        self.mailbox.take().await
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        let mut resources = self.watched.resources();
        for uri in &self.resources {
            let Some(resource) = resources.get_mut(uri) else {
                continue;
            };
            resource
                .watchers
                .retain(|watcher| !Arc::ptr_eq(&watcher.mailbox, &self.mailbox));
            if resource.watchers.is_empty() {
                resources.remove(uri);
            }
        }
    }
}
