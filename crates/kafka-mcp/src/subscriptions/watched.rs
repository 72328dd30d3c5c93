//! What the streams watch.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::{mailbox::Mailbox, sight::Sight, watched_as};
use crate::{
    caller::Identity,
    failure::{Code, Failure},
    resources::ResourceUri,
};

/// The resources that streams watch, with what was last seen of each.
#[derive(Debug)]
pub(super) struct Watched {
    most: usize,
    most_per_caller: usize,
    resources: Mutex<HashMap<ResourceUri, Resource>>,
    /// There is a resource that nobody has looked at.
    addition: Notify,
}

#[derive(Debug)]
struct Resource {
    added: Instant,
    /// Whether nobody has begun to look at it.
    is_new: bool,
    seen: Option<Sight>,
    watchers: Vec<Watcher>,
}

/// A stream, and the URIs by which it knows a resource.
#[derive(Debug)]
struct Watcher {
    caller: Identity,
    mailbox: Arc<Mailbox>,
    uris: Vec<Arc<str>>,
}

impl Watched {
    /// Has room for this many resources, and for some of each caller.
    pub(super) fn new(most: usize, most_per_caller: usize) -> Self {
        Self {
            most,
            most_per_caller,
            resources: Mutex::default(),
            addition: Notify::new(),
        }
    }

    /// Adds a stream of `caller` that watches `uris`.
    ///
    /// # Errors
    ///
    /// If the caller, or all together, watch so much that there is no room for it.
    pub(super) fn add(&self, caller: &Identity, uris: &[String]) -> Result<Watch<'_>, Failure> {
        let mut wanted: HashMap<ResourceUri, BTreeSet<Arc<str>>> = HashMap::new();
        for uri in uris {
            if let Some(resource) = watched_as(uri) {
                let uri = uri.as_str().into();
                wanted.entry(resource).or_default().insert(uri);
            }
        }
        let mut resources = self.resources();
        let new = wanted
            .keys()
            .filter(|resource| !resources.contains_key(resource));
        if resources.len() + new.count() > self.most {
            return Err(full(format!(
                "the server watches {} resources already",
                resources.len()
            )));
        }
        let is_theirs = |resource: &Resource| {
            let mut watchers = resource.watchers.iter();
            watchers.any(|watcher| watcher.caller == *caller)
        };
        let theirs = resources
            .iter()
            .filter(|(uri, resource)| !wanted.contains_key(uri) && is_theirs(resource));
        let theirs = theirs.count();
        if theirs + wanted.len() > self.most_per_caller {
            return Err(full(format!(
                "the streams of this caller watch {theirs} other resources already"
            )));
        }
        let watch = Watch {
            watched: self,
            mailbox: Arc::default(),
            resources: wanted.keys().cloned().collect(),
        };
        for (resource, uris) in wanted {
            let resource = resources.entry(resource).or_insert_with(|| Resource {
                added: Instant::now(),
                is_new: true,
                seen: None,
                watchers: Vec::new(),
            });
            resource.watchers.push(Watcher {
                caller: caller.clone(),
                mailbox: Arc::clone(&watch.mailbox),
                uris: uris.into_iter().collect(),
            });
            if resource.is_new {
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

    /// All of them, to look at.
    pub(super) fn all(&self) -> Vec<ResourceUri> {
        let mut resources = self.resources();
        for resource in resources.values_mut() {
            resource.is_new = false;
        }
        resources.keys().cloned().collect()
    }

    /// Those that nobody has looked at, to look at.
    pub(super) fn newcomers(&self) -> Vec<ResourceUri> {
        let mut resources = self.resources();
        let newcomers = resources.iter_mut().filter_map(|(uri, resource)| {
            let is_new = std::mem::take(&mut resource.is_new);
            is_new.then(|| uri.clone())
        });
        newcomers.collect()
    }

    /// Takes note of what was seen of a resource, and tells who watches it if that is new. It may
    /// be, where the first look was late: who watches was told long before that it is watched.
    pub(super) fn saw(&self, resource: &ResourceUri, sight: Sight) {
        let mut resources = self.resources();
        // Who watched it may have left.
        let Some(resource) = resources.get_mut(resource) else {
            return;
        };
        let is_news = match resource.seen.replace(sight) {
            Some(before) => before != sight,
            None => resource.added.elapsed() > PROMPT,
        };
        if is_news {
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

fn full(message: String) -> Failure {
    Failure::new(Code::TooManyStreams, message)
        .hint("watch fewer resources, or read them from time to time instead")
        .retriable()
}

/// How soon a look is as good as one in the moment of the subscription.
const PROMPT: Duration = Duration::from_secs(1);
