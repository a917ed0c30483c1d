//! [`Cast`]: the nodes, which crash and start anew.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::weather::{Sky, Weather};
use crate::backend::S3Backend;
use crate::settings::Settings;

const NODES: usize = 3;

/// The nodes that share the bucket.
#[derive(Debug)]
pub(super) struct Cast {
    sky: Arc<Sky>,
    settings: Settings,
    seats: Vec<Seat>,
    starts: usize,
}

/// A node, from its start to its crash.
#[derive(Debug)]
struct Seat {
    name: String,
    backend: S3Backend,
    weather: Arc<Weather>,
    clients: JoinSet<()>,
}

impl Cast {
    pub(super) fn new(sky: Arc<Sky>, settings: Settings) -> Self {
        let mut cast = Self {
            sky,
            settings,
            seats: Vec::new(),
            starts: 0,
        };
        for place in 0..NODES {
            let seat = cast.start(place);
            cast.seats.push(seat);
        }
        cast
    }

    pub(super) const fn places() -> [usize; NODES] {
        [0, 1, 2]
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The node at a place, and its name.
    pub(super) fn node(&self, place: usize) -> (S3Backend, String) {
        let seat = &self.seats[place];
        (seat.backend.clone(), seat.name.clone())
    }

    /// Lets a client of a node do what it does.
    pub(super) fn serve(
        &mut self,
        place: usize,
        client: impl Future<Output = ()> + Send + 'static,
    ) {
        self.seats[place].clients.spawn(client);
    }

    /// How many clients a node has at present.
    pub(super) fn busy(&mut self, place: usize) -> usize {
        let seat = &mut self.seats[place];
        while let Some(ended) = seat.clients.try_join_next() {
            if ended.is_err_and(|error| error.is_panic()) {
                self.sky.oracle.blame("a panic");
            }
        }
        seat.clients.len()
    }

    /// Ends a node at once, and starts another one in its place that knows nothing.
    pub(super) fn crash(&mut self, place: usize) {
        let seat = self.start(place);
        let mut crashed = std::mem::replace(&mut self.seats[place], seat);
        self.sky.oracle.trace().note(&crashed.name, "CRASHES");
        crashed.weather.crash();
        crashed.clients.abort_all();
    }

    fn start(&mut self, place: usize) -> Seat {
        self.starts += 1;
        let name = format!("node {}.{}", ["A", "B", "C"][place], self.starts);
        let weather = Arc::new(Weather::new(Arc::clone(&self.sky), &name));
        let bucket = Arc::clone(&weather);
        Seat {
            name,
            backend: S3Backend::new(bucket, self.settings.clone()),
            weather,
            clients: JoinSet::new(),
        }
    }
}
