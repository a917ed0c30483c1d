//! The engine over memory, without sockets.

mod lifecycle;
mod reception;
mod support;
